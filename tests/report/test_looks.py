"""How the figures of a report look: nothing covers anything, nothing is empty, everything has its unit."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from neuromod.analysis.circuit import Circuit, Link, Node, Release
from neuromod.analysis.circuit_figure import circuit_figures
from tests.report.looks import empty, overlapping, unlabelled
from tests.report.test_page import FIGURES


@pytest.mark.parametrize("name", FIGURES)
def test_no_text_covers_another_or_leaves_the_figure(name, built):
    assert overlapping(built.figures[name]) == []


@pytest.mark.parametrize("name", FIGURES)
def test_every_axis_has_a_label_with_its_unit(name, built):
    assert unlabelled(built.figures[name]) == []


@pytest.mark.parametrize("name", FIGURES)
def test_no_axes_are_empty(name, built):
    assert empty(built.figures[name]) == []


def test_the_checks_can_fail():
    figure = Figure(figsize=(3, 2))
    axes = figure.subplots()
    assert empty(figure) == [axes]
    axes.plot([0, 1])
    axes.set_xlabel("time")
    axes.set_ylabel("rate (Hz)")
    assert unlabelled(figure) == ["time"]
    axes.text(0.5, 0.5, "one")
    axes.text(0.5, 0.5, "other")
    axes.text(30, 0.5, "far")
    assert ("one", "other") in overlapping(figure)
    assert ("far", "the edge") in overlapping(figure)


@pytest.mark.parametrize(("regions", "each"), [(1, 1), (2, 3), (13, 3), (40, 1)])
def test_circuits_of_any_size_can_be_read(regions, each):
    rng = np.random.default_rng(regions)
    names = [f"POPULATION_{k}" for k in range(regions * each)]
    nodes = tuple(Node(name, f"region {k // each}", 1000) for k, name in enumerate(names))
    links = tuple(
        Link(*rng.choice(names, 2), receptor, sign, 57.0, rules)
        for receptor, sign, rules in [
            ("ampa", "excitatory", ("stdp",)),
            ("gaba", "inhibitory", ()),
            ("x", "", ()),
        ]
        for _ in range(len(names))
    )
    releases = tuple(
        Release(name, f"region {k}", names[0])
        for name in ("dopamine", "acetylcholine")
        for k in range(min(regions, 3))
    )
    for figure in circuit_figures(Circuit(nodes, links, releases)).values():
        assert overlapping(figure) == []
