"""The network that all peers simulate, as arrays, and what a peer reports. Needs numpy only."""

from __future__ import annotations

import argparse
import json
import resource
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

DT = 0.1
"""Step in ms."""


@dataclass(frozen=True)
class Numbers:
    """What is the same for all cells and synapses: ms, mV, pA, Hz; `increment` of D per pulse in 1/s."""

    excitatory: int
    tau_m: float
    leak: float
    rest: float
    threshold: float
    reset: float
    refractory: float
    tau_excitatory: float
    tau_inhibitory: float
    delay: float
    weight: float
    inhibition: float
    highest: float
    A_plus: float
    A_minus: float
    tau_plus: float
    tau_c: float
    tau_dopamine: float
    increment: float


@dataclass(frozen=True)
class Network:
    """Cells are numbered E first, then I. `drive`, `voltage` (cells,) in pA and mV, `pulses` in ms.

    Synapses are pairs of cells: `plastic` (n, 2) from E, `static` (m, 2) from I.
    """

    numbers: Numbers
    drive: NDArray[np.float64]
    voltage: NDArray[np.float64]
    pulses: NDArray[np.float64]
    plastic: NDArray[np.int32]
    static: NDArray[np.int32]

    @property
    def size(self) -> int:
        """Number of cells."""
        return self.drive.size

    def save(self, folder: Path) -> None:
        """Write it for the peers."""
        arrays = {key: getattr(self, key) for key in ("drive", "voltage", "pulses", "plastic", "static")}
        np.savez(folder / "network.npz", **arrays)
        (folder / "numbers.json").write_text(json.dumps(asdict(self.numbers)))


def load(folder: Path) -> Network:
    """A saved network."""
    with np.load(folder / "network.npz") as arrays:
        return Network(Numbers(**json.loads((folder / "numbers.json").read_text())), **arrays)


def arguments(description: str) -> argparse.ArgumentParser:
    """What every peer takes: folder of the network, simulated seconds, and where its report goes."""
    parser = argparse.ArgumentParser(description=description.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("seconds", type=float)
    parser.add_argument("report", type=Path, help="OUT.json; weights of the plastic synapses go to OUT.npy")
    return parser


def report(
    given: argparse.Namespace,
    cpu: float,
    counts: NDArray[np.int64],
    weights: NDArray[np.float64] | None,
    program: bool = False,
) -> None:
    """CPU seconds of the simulation, spikes of every cell, and the last weights in the order of `plastic`.

    `program`: it ran in a process that this one started, whose memory counts.
    """
    excitatory = load(given.folder).numbers.excitatory
    rates = {"E": counts[:excitatory].mean() / given.seconds, "I": counts[excitatory:].mean() / given.seconds}
    who = resource.RUSAGE_CHILDREN if program else resource.RUSAGE_SELF
    memory = resource.getrusage(who).ru_maxrss * 1024
    given.report.write_text(json.dumps({"cpu": cpu, "rates": rates, "memory": memory}))
    np.save(given.report.with_suffix(".counts.npy"), counts)
    if weights is not None:
        np.save(given.report.with_suffix(".npy"), weights)


def own_cpu() -> float:
    """CPU seconds (user and system) of this process."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def timed(work: Callable[[], object]) -> float:
    """CPU seconds of this process that `work` takes."""
    began = own_cpu()
    work()
    return own_cpu() - began
