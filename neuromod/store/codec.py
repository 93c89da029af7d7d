"""A layout as HDF5 attributes, so that every file says itself what it holds."""

from __future__ import annotations

from collections.abc import Iterable
from typing import get_args

import h5py

from neuromod.errors import DamagedDataError
from neuromod.store.guarded import integer, number, text_of, within
from neuromod.store.layout import MAX_SIZE, Signal, SignalKind, SpikeSource
from neuromod.store.objects import attributes

MIN_DT, MAX_DT = 1e-9, 1.0
BOUNDS = ("valid_min", "valid_max")
"""Attributes for the bounds of plastic weights, as the netCDF conventions name them."""
_KINDS: dict[str, SignalKind] = {kind: kind for kind in get_args(SignalKind)}


def describe_signal(target: h5py.Dataset, signal: Signal, order: int) -> None:
    """Write signal number `order` of a layout as attributes of the dataset that holds its samples."""
    attributes(
        target,
        {
            "units": signal.unit,
            "long_name": signal.long_name,
            "kind": signal.kind,
            "owner": signal.owner,
            "variable": signal.variable,
            "first_step": signal.first,
            "every_steps": signal.every,
            "order": order,
        },
    )
    if signal.bounds is not None:
        attributes(target, dict(zip(BOUNDS, signal.bounds, strict=True)))


def read_signal(target: h5py.Dataset, ids: tuple[int, ...] = ()) -> Signal:
    """The signal whose samples a dataset holds; `ids` of a report are stored beside it."""
    kind: SignalKind | None = _KINDS.get(text_of(target, "kind"))
    every = integer(target, "every_steps")
    low, high = BOUNDS
    if kind is None or every < 1:
        raise DamagedDataError(f"{target.file.filename}: {target.name} has no valid description")
    return Signal(
        kind=kind,
        owner=text_of(target, "owner"),
        variable=text_of(target, "variable"),
        unit=text_of(target, "units"),
        long_name=text_of(target, "long_name"),
        every=every,
        columns=1 if target.ndim == 1 else int(target.shape[1]),
        first=integer(target, "first_step"),
        ids=ids,
        bounds=(number(target, low), number(target, high)) if low in target.attrs else None,
    )


def in_order(found: Iterable[tuple[h5py.Dataset, Signal]]) -> tuple[Signal, ...]:
    """Signals in the order of their layout."""
    return tuple(signal for _, signal in sorted(found, key=lambda pair: integer(pair[0], "order")))


def read_source(group: h5py.Group) -> SpikeSource:
    """The population whose spikes a group holds.

    Raises:
        DamagedDataError: it has an impossible name or number of neurons.
    """
    name = group.name.rsplit("/", 1)[1]
    if not name.isprintable():
        raise DamagedDataError(f"{group.file.filename}: got a population {name!a}, which is no name")
    return SpikeSource(name, within(group, "size", 1, MAX_SIZE))


def read_dt(group: h5py.Group) -> float:
    """The time step in s.

    Raises:
        DamagedDataError: no run has such a step.
    """
    dt = number(group, "dt_s")
    if not MIN_DT <= dt <= MAX_DT:
        allowed = f"allowed is {MIN_DT:g} to {MAX_DT:g} s"
        raise DamagedDataError(f"{group.file.filename}: got a time step of {dt} s, {allowed}")
    return dt
