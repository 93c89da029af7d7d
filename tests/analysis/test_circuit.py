"""Where populations stand in a diagram, and what remains of a circuit that is too large for one."""

import numpy as np
import pytest

from neuromod.analysis.circuit import Circuit, Link, Node, Release, angles, arranged, reduced
from neuromod.analysis.circuit_figure import abbreviations, circuit_figures
from neuromod.analysis.connections import compact, receptor_colours


def circuit(regions, each=1, links=()):
    nodes = tuple(Node(f"{r}{k}", r, 10) for r in regions for k in range(each))
    return Circuit(nodes, tuple(Link(a, b, "ampa", "excitatory", 5.0) for a, b in links))


def test_every_population_has_a_place_of_its_own_and_regions_stay_together():
    found = angles(circuit("abcd", 3))
    turns = np.sort(np.mod(list(found.values()), 2 * np.pi))
    assert np.diff(turns, append=turns[0] + 2 * np.pi).min() > 0.3
    steps = [found["a0"] - found["a1"], found["a1"] - found["a2"]]
    assert steps[0] == pytest.approx(steps[1])
    assert found["a2"] - found["b0"] > steps[0]


def test_connected_regions_stand_beside_each_other():
    order = arranged(circuit("abcdef", links=[("a0", "d0"), ("d0", "a0"), ("b0", "e0"), ("c0", "f0")]))
    places = {region: k for k, region in enumerate(order)}
    for one, other in ("ad", "be", "cf"):
        assert (places[one] - places[other]) % 6 in (1, 5)


def test_a_circuit_that_is_too_large_is_shown_by_region():
    large = circuit("ab", 30, links=[("a0", "b1"), ("a2", "b3"), ("a0", "a1")])
    large = Circuit(large.nodes, large.links, (Release("dopamine", "b", "a3"),))
    found = reduced(large)
    assert [(node.name, node.size) for node in found.nodes] == [("a", 300), ("b", 300)]
    assert sorted((link.source, link.target) for link in found.links) == [("a", "a"), ("a", "b")]
    assert found.releases == (Release("dopamine", "b", "a"),)
    assert reduced(circuit("ab", 3)).nodes == circuit("ab", 3).nodes


def test_links_to_what_is_not_there_are_left_out():
    figures = circuit_figures(circuit("ab", links=[("a0", "nobody"), ("a0", "b0")]))
    assert list(figures) == ["circuit", "connections"]
    assert circuit_figures(Circuit()) == {}


def test_signs_have_colours_of_their_own():
    links = [
        Link("a", "b", receptor, sign, 1.0)
        for receptor, sign in [("ampa", "excitatory"), ("gaba", "inhibitory"), ("x", "excitatory"), ("x", "")]
    ]
    found = receptor_colours(links)
    assert len(set(found.values())) == 4


def test_neuromodulators_are_abbreviated_so_that_they_can_be_told_apart():
    releases = [Release(name, "r") for name in ("dopamine", "dopachrome", "serotonin")]
    assert list(abbreviations(releases).values()) == ["dopam", "dopac", "serot"]


@pytest.mark.parametrize(
    ("number", "text"),
    [(8.0, "8"), (4.56, "4.6"), (57.3, "57"), (400, "400"), (12_345, "12.3k"), (2e6, "2M")],
)
def test_numbers_of_synapses_are_short(number, text):
    assert compact(number) == text
