"""Samples that a program takes, and how they become signals."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from neuromod.program.records import Array
from neuromod.store.layout import Signal

Floats = NDArray[np.float64]
Values = Mapping[str, Floats]
"""Samples in SI units, (n, columns) or (n, 1), by name."""


@dataclass(frozen=True)
class Sampled:
    """Elements of one program array, sampled every `every` steps."""

    array: str
    cells: NDArray[np.int64]
    every: int


@dataclass(frozen=True)
class Readout:
    """A signal as a function of samples: `samples` says which ones, by the names that `value` knows.

    `value` gives SI values, which `scale` divides into the unit of the signal.
    """

    signal: Signal
    samples: Mapping[str, int]
    value: Callable[[Values], Floats]
    scale: float = 1.0

    def of(self, chunk: Mapping[str, Array], sampled: Sequence[Sampled]) -> Floats:
        """Samples of the signal (n, columns) in a chunk of the program."""
        parts = {
            name: chunk[f"sample.{k}"].reshape(-1, len(sampled[k].cells)).astype(np.float64)
            for name, k in self.samples.items()
        }
        values = np.asarray(self.value(parts)) / self.scale
        return np.ascontiguousarray(np.broadcast_to(values, (len(values), self.signal.columns)))


@dataclass
class Samples:
    """The samples of a run; what two signals need is taken once."""

    taken: list[Sampled] = field(default_factory=list)
    _numbers: dict[tuple[str, bytes, int], int] = field(default_factory=dict)

    def take(self, array: str, cells: NDArray[np.int64], every: int) -> int:
        """Number of the samples of these cells of an array."""
        key = (array, hashlib.sha256(cells.tobytes()).digest(), every)
        if key not in self._numbers:
            self._numbers[key] = len(self.taken)
            self.taken.append(Sampled(array, cells, every))
        return self._numbers[key]

    def plain(self, signal: Signal, array: str, cells: NDArray[np.int64], scale: float = 1.0) -> Readout:
        """The values of an array as they are."""
        return Readout(signal, {"": self.take(array, cells, signal.every)}, lambda values: values[""], scale)
