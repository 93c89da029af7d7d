"""Tables with one row for each trial of a task: `/neuromod/trials` (the log) and `/neuromod/schedule`.

Every column is a dataset (n,); `trial` is their common dimension, so that xarray and pandas see one table.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import h5py
import numpy as np
from numpy.typing import NDArray

from neuromod.errors import DamagedDataError
from neuromod.store.guarded import integer, read_array, text_of
from neuromod.store.layout import Column, SegmentData, Table
from neuromod.store.objects import array, attributes, dimension, group

TRIALS, SCHEDULE = "trials", "schedule"
NUMBER = Column("trial", "1", "number of the trial, from 0", whole=True)
_LABELS, _ORDER = "labels", "order"
_SEPARATOR = ","


class TrialWriter:
    """Writes the log of trials; all at the end, because it is short."""

    def __init__(self, root: h5py.Group, table: Table) -> None:
        self.root, self.table = root, table
        self.rows: list[NDArray[np.float64]] = []

    def append(self, block: SegmentData) -> None:
        """Add the trials of a block."""
        self.rows.append(block.trials)

    def finish(self, stop: int) -> None:
        """Write all columns."""
        width = len(self.table.columns)
        rows = np.concatenate([np.zeros((0, width)), *(part.reshape(-1, width) for part in self.rows)])
        put_table(
            group(self.root, TRIALS), {column: rows[:, k] for k, column in enumerate(self.table.columns)}
        )


def put_table(part: h5py.Group, columns: Mapping[Column, NDArray[np.generic]]) -> None:
    """Write columns, and `trial` where it is not one of them."""
    number = next((column for column in columns if column.name == NUMBER.name), None)
    count = len(next(iter(columns.values())))
    scale = _put(part, number or NUMBER, columns[number] if number else np.arange(count), 0)
    for order, (column, values) in enumerate(columns.items(), 1):
        if column is not number:
            dimension(_put(part, column, values, order), 0, scale)


def _put(part: h5py.Group, column: Column, values: NDArray[np.generic], order: int) -> h5py.Dataset:
    made = array(
        part,
        column.name,
        np.asarray(values, np.int64 if column.whole else float),
        column.unit,
        column.long_name,
    )
    attributes(made, {_ORDER: order})
    if column.labels:
        attributes(made, {_LABELS: _SEPARATOR.join(column.labels)})
    return made


def put_rows(part: h5py.Group, table: Table, rows: NDArray[np.float64]) -> None:
    """Write the trials of a segment, column by column."""
    for k, column in enumerate(table.columns):
        values = np.ascontiguousarray(rows.reshape(-1, len(table.columns))[:, k])
        made = array(part, column.name, values, column.unit, column.long_name, compressed=False)
        attributes(made, {_ORDER: k, "whole": int(column.whole), _LABELS: _SEPARATOR.join(column.labels)})


def get_table(part: h5py.Group) -> Table:
    """The columns of a group, in order."""
    return Table(tuple(_column(dataset) for dataset in _ordered(part)))


def get_rows(part: h5py.Group) -> NDArray[np.float64]:
    """The trials of a group, (n, columns).

    Raises:
        DamagedDataError: its columns are not equally long.
    """
    columns = [read_array(dataset).astype(np.float64) for dataset in _ordered(part)]
    if not columns or len({column.shape for column in columns}) != 1 or columns[0].ndim != 1:
        raise DamagedDataError(f"{part.file.filename}: {part.name} is not a table")
    return np.stack(columns, axis=1)


def trials_of(path: Path) -> dict[str, NDArray[np.generic]]:
    """The log of a results file that was written just now: only the log is read, and nothing verified."""
    with h5py.File(path, "r") as file:
        part = file["neuromod"][TRIALS]
        return as_columns(get_table(part), get_rows(part))


def _ordered(part: h5py.Group) -> list[h5py.Dataset]:
    return sorted(part.values(), key=lambda dataset: integer(dataset, _ORDER))


def _column(dataset: h5py.Dataset) -> Column:
    labels = text_of(dataset, _LABELS) if _LABELS in dataset.attrs else ""
    whole = bool(integer(dataset, "whole")) if "whole" in dataset.attrs else dataset.dtype.kind == "i"
    return Column(
        dataset.name.rsplit("/", 1)[1],
        text_of(dataset, "units"),
        text_of(dataset, "long_name"),
        whole,
        tuple(labels.split(_SEPARATOR)) if labels else (),
    )


def as_columns(table: Table, rows: NDArray[np.float64]) -> dict[str, NDArray[np.generic]]:
    """Column -> (n,) numbers, or the texts that they stand for."""
    found: dict[str, NDArray[np.generic]] = {}
    for k, column in enumerate(table.columns):
        values = rows[:, k]
        if column.labels and (values < 0).sum() + (values >= len(column.labels)).sum() == 0:
            found[column.name] = np.array(column.labels)[values.astype(np.int64)]
        else:
            found[column.name] = values.astype(np.int64) if column.whole else values
    return found
