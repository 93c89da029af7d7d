"""Synapses lie by source, delay and target, however that order is found, and are found back."""

from __future__ import annotations

import numpy as np
import pytest

from neuromod.plan.synapse_order import Places, synapse_order

N = 2000


def ends(targets_sorted: bool) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(5)
    i, j = (rng.integers(size, size=N, dtype=np.int32) for size in (37, 53))
    return i, np.sort(j) if targets_sorted else j


@pytest.mark.parametrize("targets_sorted", [True, False])
@pytest.mark.parametrize(
    "delay",
    [np.broadcast_to(1e-3, N), np.full(N, 1e-3), np.random.default_rng(6).integers(5, size=N) * 1e-4],
    ids=["one", "equal", "different"],
)
def test_the_order_is_that_of_sorting_by_all_three(targets_sorted: bool, delay: np.ndarray) -> None:
    i, j = ends(targets_sorted)
    order = synapse_order(i, j, delay)
    assert order.dtype == np.int32
    assert np.array_equal(order, np.lexsort((j, delay, i)))


def test_no_synapse_has_an_order_too() -> None:
    none = np.empty(0, np.int32)
    assert synapse_order(none, none, np.empty(0)).size == 0


def test_places_are_where_the_order_put_the_synapses_of_a_projection() -> None:
    i, j = ends(targets_sorted=False)
    order = synapse_order(i, j, np.zeros(N))
    places = Places(order, 500, 1200)
    numbers = np.array([0, 3, 699])
    assert len(places) == 700
    assert np.array_equal(i[order][places.of(numbers)], i[500 + numbers])
    assert [places.number(int(at)) for at in places.of(numbers)] == [0, 3, 699]
    assert places.number(int(np.flatnonzero(order == 1200)[0])) is None
