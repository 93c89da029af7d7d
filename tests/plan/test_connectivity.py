import numpy as np
import pytest

from neuromod.plan.connectivity import connect

PAIR = "projections.E->I"
EXTRA = (
    "projections.I->E={receptor: fast, connect: {in_degree: 4}, "
    "weight: {normal: [1 nS, 0.1 nS]}, delay: 1 ms}"
)
DRAWN = (f"{PAIR}.weight={{lognormal: [1 nS, 0.5 nS]}}", f"{PAIR}.delay={{uniform: [1 ms, 3 ms]}}")
MANY = ("populations.E.size=400", "populations.I.size=200", f"{PAIR}.connect={{in_degree: 100}}")


def same(one, two):
    return all(
        np.array_equal(getattr(one, name), getattr(two, name)) for name in ("i", "j", "weight", "delay")
    )


def test_arrays_have_the_types_and_si_units_that_are_promised(tiny):
    edges = connect(tiny.plan(), "E->I")
    assert (edges.i.dtype, edges.j.dtype) == (np.int32, np.int32)
    assert (edges.weight.dtype, edges.delay.dtype) == (np.float64, np.float64)
    assert edges.i.shape == edges.j.shape == edges.weight.shape == edges.delay.shape == (50,)
    assert set(edges.weight.tolist()) == {1e-9}
    assert edges.delay[0] == pytest.approx(1e-3)


def test_the_same_config_and_seed_give_the_same_arrays(tiny):
    assert same(connect(tiny.plan(*DRAWN), "E->I"), connect(tiny.plan(*DRAWN), "E->I"))


def test_another_seed_gives_other_arrays(tiny):
    one, two = connect(tiny.plan(*DRAWN), "E->I"), connect(tiny.plan(*DRAWN, "seed=4"), "E->I")
    for name in ("i", "weight", "delay"):
        assert not np.array_equal(getattr(one, name), getattr(two, name))


def test_arrays_do_not_depend_on_the_order_in_which_projections_are_built(tiny):
    plan = tiny.plan(*DRAWN, EXTRA)
    forwards = {name: connect(plan, name) for name in ("E->I", "I->E")}
    backwards = {name: connect(plan, name) for name in ("I->E", "E->I")}
    assert all(same(forwards[name], backwards[name]) for name in forwards)


def test_another_projection_changes_nothing(tiny):
    assert same(connect(tiny.plan(*DRAWN), "E->I"), connect(tiny.plan(*DRAWN, EXTRA), "E->I"))


def test_another_weight_leaves_the_wiring_as_it_is(tiny):
    one, two = (
        connect(tiny.plan(), "E->I"),
        connect(tiny.plan(f"{PAIR}.weight={{normal: [2 nS, 1 nS]}}"), "E->I"),
    )
    assert np.array_equal(one.i, two.i)
    assert np.array_equal(one.j, two.j)


def test_drawn_weights_have_the_distribution_given(tiny):
    weight = connect(tiny.plan(*MANY, *DRAWN), "E->I").weight
    assert weight.mean() == pytest.approx(1e-9, rel=0.02)
    assert weight.std() == pytest.approx(0.5e-9, rel=0.06)


def test_normal_weights_never_change_their_sign(tiny):
    weight = connect(tiny.plan(*MANY, f"{PAIR}.weight={{normal: [1 nS, 1 nS]}}"), "E->I").weight
    assert weight.min() >= 0


def test_drawn_delays_are_whole_numbers_of_steps(tiny):
    delay = connect(tiny.plan(*MANY, *DRAWN), "E->I").delay
    steps = delay / 1e-4
    assert np.abs(steps - np.rint(steps)).max() < 1e-9
    assert (np.rint(steps).min(), np.rint(steps).max()) == (10, 30)


def test_channel_weights_raise_pairs_within_a_channel_and_lower_those_across(tiny):
    plan = tiny.plan(
        "populations.E.channels={count: 2, fraction: 0.25}",
        "populations.I.channels={count: 2, fraction: 0.25}",
        f"{PAIR}.connect={{all_to_all: true}}",
        f"{PAIR}.channel_weights={{same: 2.1, different: 0.5}}",
    )
    edges = connect(plan, "E->I")
    source, target = plan.populations["E"].channel[edges.i], plan.populations["I"].channel[edges.j]
    found = {}
    for s, t, w in zip(source.tolist(), target.tolist(), edges.weight.tolist(), strict=True):
        found.setdefault((s, t), set()).add(round(w * 1e9, 9))
    assert found == {
        (0, 0): {2.1}, (1, 1): {2.1}, (0, 1): {0.5}, (1, 0): {0.5}, (-1, 0): {0.5}, (-1, 1): {0.5},
        (0, -1): {1.0}, (1, -1): {1.0}, (-1, -1): {1.0},
    }  # fmt: skip
