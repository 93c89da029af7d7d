import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neuromod.config.network import Connect
from neuromod.plan import pairs
from neuromod.plan.connectivity import connect

PAIR = "projections.E->I"
SELF = "projections={E->E: {receptor: fast, connect: {%s}, weight: 1 nS, delay: 1 ms}}"


def table(plan, name):
    """Number of synapses of each pair, (sources, targets)."""
    edges, projection = connect(plan, name), plan.projections[name]
    counts = np.zeros(
        (plan.populations[projection.source].size, plan.populations[projection.target].size), int
    )
    np.add.at(counts, (edges.i, edges.j), 1)
    return counts


@pytest.mark.parametrize("degree", [1, 5, 20, 21, 39, 40])
def test_in_degree_gives_every_target_as_many_distinct_sources(tiny, degree):
    counts = table(tiny.plan(f"{PAIR}.connect={{in_degree: {degree}}}"), "E->I")
    assert counts.max() == 1
    assert counts.sum(axis=0).tolist() == [degree] * 10


def test_every_source_is_chosen_equally_often(tiny):
    counts = table(
        tiny.plan("populations.E.size=50", "populations.I.size=20000", f"{PAIR}.connect={{in_degree: 10}}"),
        "E->I",
    )
    expected, deviation = 20_000 * 0.2, np.sqrt(20_000 * 0.2 * 0.8)
    assert np.abs(counts.sum(axis=1) - expected).max() < 4.5 * deviation


def test_pairs_of_sources_are_chosen_independently(tiny):
    counts = table(
        tiny.plan("populations.E.size=6", "populations.I.size=30000", f"{PAIR}.connect={{in_degree: 3}}"),
        "E->I",
    )
    together = (counts @ counts.T)[np.triu_indices(6, 1)]
    expected = 30_000 * (3 * 2) / (6 * 5)
    assert np.abs(together - expected).max() < 4.5 * np.sqrt(expected)


@pytest.mark.parametrize(
    "rule", ["in_degree: 39", "in_degree: 7", "all_to_all: true", "probability: 1.0", "probability: 0.3"]
)
def test_a_neuron_does_not_project_to_itself(tiny, rule):
    counts = table(tiny.plan(SELF % rule), "E->E")
    assert np.trace(counts) == 0
    assert counts.max() == 1


def test_autapses_appear_when_they_are_allowed(tiny):
    assert np.trace(table(tiny.plan(SELF % "all_to_all: true, autapses: true"), "E->E")) == 40


def test_in_degree_is_capped_at_the_sources_there_are_and_that_is_said(tiny):
    plan = tiny.plan(f"{PAIR}.connect={{in_degree: 50}}")
    assert table(plan, "E->I").sum(axis=0).tolist() == [40] * 10
    assert plan.projections["E->I"].count == 400
    assert plan.notices == ("projections.E->I: in_degree is limited by the 40 sources that there are",)


def test_probability_pairs_each_source_and_target_independently(tiny):
    counts = table(
        tiny.plan("populations.E.size=400", "populations.I.size=500", f"{PAIR}.connect={{probability: 0.1}}"),
        "E->I",
    )
    assert counts.max() == 1
    assert abs(counts.sum() - 20_000) < 4.5 * np.sqrt(200_000 * 0.09)
    assert counts.sum(axis=0).var() == pytest.approx(400 * 0.09, rel=0.25)
    assert counts.sum(axis=1).var() == pytest.approx(500 * 0.09, rel=0.3)


def test_one_to_one_pairs_equal_numbers(tiny):
    edges = connect(tiny.plan("populations.I.size=40", f"{PAIR}.connect={{one_to_one: true}}"), "E->I")
    assert edges.i.tolist() == edges.j.tolist() == list(range(40))


def test_all_to_all_is_all_pairs(tiny):
    counts = table(tiny.plan(f"{PAIR}.connect={{all_to_all: true}}"), "E->I")
    assert (counts == 1).all()


@pytest.mark.parametrize(
    ("rule", "degree"), [("in_degree: 5", 5), ("probability: 0.25", 10), ("all_to_all: true", 40)]
)
def test_scaling_up_keeps_the_mean_in_degree(tiny, rule, degree):
    plan = tiny.plan("scale=50", f"{PAIR}.connect={{{rule}}}")
    counts = table(plan, "E->I")
    assert counts.shape == (2000, 500)
    assert plan.projections["E->I"].count == pytest.approx(500 * degree)
    assert counts.sum(axis=0).mean() == pytest.approx(degree, rel=0.07)
    assert counts.max() == 1


def test_scaling_down_keeps_the_probability_of_the_mean_in_degree_or_all_there_are(tiny):
    plan = tiny.plan("scale=0.5", f"{PAIR}.connect={{probability: 0.25}}")
    assert plan.projections["E->I"].count == 5 * 20 * 0.5
    crowded = tiny.plan("scale=0.5", f"{PAIR}.connect={{probability: 0.8}}")
    assert table(crowded, "E->I").all()
    assert "is limited by the 20 sources" in crowded.notices[0]


CHANNELS = ("populations.E.channels={count: 4, fraction: 0.2}", "populations.I.channels={count: 4}")


@pytest.mark.parametrize("rule", ["in_degree: 6", "probability: 0.5", "all_to_all: true"])
def test_same_channel_pairs_stay_within_the_channel(tiny, rule):
    plan = tiny.plan(*CHANNELS, f"{PAIR}.connect={{{rule}, channels: same}}")
    edges = connect(plan, "E->I")
    source, target = plan.populations["E"].channel[edges.i], plan.populations["I"].channel[edges.j]
    assert edges.i.size
    assert (source == target).all()
    assert (source >= 0).all()


def test_other_channel_pairs_cross_channels_and_leave_out_neurons_in_none(tiny):
    plan = tiny.plan(*CHANNELS, f"{PAIR}.connect={{all_to_all: true, channels: other}}")
    source, target = plan.populations["E"].channel, plan.populations["I"].channel
    expected = (source[:, None] != target[None, :]) & (source[:, None] >= 0)
    assert np.array_equal(table(plan, "E->I"), expected)
    assert plan.projections["E->I"].count == expected.sum()


def test_in_degree_within_a_channel_is_drawn_from_its_neurons(tiny):
    plan = tiny.plan(*CHANNELS, f"{PAIR}.connect={{in_degree: 3, channels: same}}")
    assert table(plan, "E->I").sum(axis=0).tolist() == [3] * 10


@given(st.integers(1, 30), st.integers(1, 30), st.integers(1, 40), st.booleans(), st.integers(0, 99))
def test_the_count_that_is_announced_is_the_count_that_is_drawn(sources, targets, degree, autapses, seed):
    def bare(name, size):
        return type("Bare", (), {"name": name, "size": size, "channel": np.full(size, -1, np.int32)})()

    rule = Connect(in_degree=degree, autapses=autapses)
    source = bare("A", sources)
    target = source if seed % 2 else bare("B", targets)
    i, j = pairs.draw(source, target, rule, 1.0, np.random.default_rng(seed))
    assert i.size == j.size == pairs.count(source, target, rule, 1.0)
    assert len({*zip(i.tolist(), j.tolist(), strict=True)}) == i.size
    assert autapses or source is not target or not (i == j).any()


def test_the_wiring_of_a_seed_does_not_change_between_releases(tiny):
    edges = connect(tiny.plan(), "E->I")
    assert edges.i[:5].tolist() == [8, 10, 13, 19, 36]
    assert edges.j[:10].tolist() == [0] * 5 + [1] * 5


def test_large_projections_are_drawn_in_parts_without_gaps(tiny):
    counts = table(
        tiny.plan("populations.E.size=300", "populations.I.size=3000", f"{PAIR}.connect={{in_degree: 40}}"),
        "E->I",
    )
    assert counts.sum(axis=0).tolist() == [40] * 3000
    assert counts.max() == 1
