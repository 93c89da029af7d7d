"""Run the peers of a network as processes, in turns, and keep what they report."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from arms import Arm, PeerNetwork
from planned import planned

HERE = Path(__file__).parent
CONFIGS = HERE.parent / "configs"


@dataclass
class Measured:
    """An arm on a network: CPU seconds per simulated second (one per repetition), the rest of the last one.

    `weights` (plastic synapses,) and `highest` in pA, `counts` (cells,) of spikes, `memory` in bytes.
    """

    highest: float
    cpu: list[float] = field(default_factory=list)
    rates: dict[str, float] = field(default_factory=dict)
    memory: float = np.inf
    counts: np.ndarray = field(default_factory=lambda: np.zeros(0))
    weights: np.ndarray | None = None

    def spread(self) -> str:
        """Mean, standard deviation, and share of the weights at a bound."""
        assert self.weights is not None
        bound = ((self.weights <= 0) | (self.weights >= self.highest)).mean()
        return f"{self.weights.mean():.2f}, {self.weights.std():.2f}, {100 * bound:.1f} %"

    def likeness(self, other: Measured) -> str:
        """Correlation over cells of the spike counts, and over synapses of the weights."""
        text = "-" if self.counts.size != other.counts.size else f"{_r(self.counts, other.counts):.3f}"
        if self.weights is None or other.weights is None:
            return text
        return f"{text}, {_r(self.weights, other.weights):.3f}"

    def compared(self, other: Measured) -> dict[str, tuple[float, float]]:
        """What must be alike, here and there."""
        found = {f"rate of {name} (Hz)": (rate, other.rates[name]) for name, rate in self.rates.items()}
        if self.weights is not None and other.weights is not None:
            found["mean weight (pA)"] = (self.weights.mean(), other.weights.mean())
            found["sd of weights (pA)"] = (self.weights.std(), other.weights.std())
        return found


def _r(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.corrcoef(one, other)[0, 1])


@dataclass(frozen=True)
class Peers:
    """A network, written down for peers, and the Python of each kind of peer."""

    work: Path
    network: PeerNetwork
    pythons: Mapping[str, str | None]

    @property
    def folder(self) -> Path:
        """Where the network is."""
        return self.work / "_".join([self.network.config, *self.network.settings])

    def prepare(self) -> float:
        """Write the network; its highest weight."""
        self.folder.mkdir(parents=True, exist_ok=True)
        net = planned(CONFIGS / f"{self.network.config}.yaml", self.network.settings)
        net.save(self.folder)
        return net.numbers.highest

    def run(self, name: str, arm: Arm, extra: tuple[str, ...] = ()) -> tuple[dict[str, object], Path]:
        """One process; its report, and where that is."""
        python, out = self.pythons[arm.kind], self.folder / "report.json"
        assert python is not None
        seconds = arm.seconds or self.network.seconds
        command = [python, HERE / f"{arm.script}.py", self.folder, str(seconds), out, *arm.arguments, *extra]
        if arm.kind == "ours":
            settings = [part for setting in self.network.settings for part in ("--set", setting)]
            command += ["--config", CONFIGS / f"{arm.config or self.network.config}.yaml", *settings]
        for old in self.folder.glob("report*"):
            old.unlink()
        subprocess.run(command, check=True, env=_surroundings(python), stdout=subprocess.DEVNULL)
        found = json.loads(out.read_text())
        found["cpu"] /= seconds
        print(f"    {name}: {found['cpu']:.4f} CPU s/s", flush=True)
        return found, out


def _surroundings(python: str) -> dict[str, str]:
    """One thread; the tools of the peer's own environment are found first."""
    path = os.pathsep.join([str(Path(python).parent), os.environ["PATH"]])
    return os.environ | {"PATH": path, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


def measure(peers: Peers, arms: Mapping[str, Arm], repetitions: int) -> dict[str, Measured]:
    """Every arm in every repetition."""
    print(peers.folder.name, flush=True)
    highest = peers.prepare()
    found = {name: Measured(highest) for name in arms}
    for name, arm in arms.items():
        if arm.kind == "ours" and arm.script == "ours":
            _, out = peers.run(f"{name}, to compile and for its weights", arm, _weights(arm))
            _keep_weights(found[name], out)
    for number in range(repetitions):
        print(f"  {number + 1}/{repetitions}", flush=True)
        for name, arm in arms.items():
            if number and not arm.repeated:
                found[name].cpu.append(found[name].cpu[0])
                continue
            result, out = peers.run(name, arm)
            _keep(found[name], result, out)
    return found


def _weights(arm: Arm) -> tuple[str, ...]:
    return () if any("plasticity=null" in argument for argument in arm.arguments) else ("--weights",)


def _keep(into: Measured, result: Mapping[str, object], out: Path) -> None:
    into.cpu.append(float(result["cpu"]))  # type: ignore[arg-type]  # of our own report
    into.rates = result["rates"]  # type: ignore[assignment]  # of our own report
    into.memory = min(into.memory, float(result["memory"]))  # type: ignore[arg-type]  # of our own report
    into.counts = np.load(out.with_suffix(".counts.npy"))
    _keep_weights(into, out)


def _keep_weights(into: Measured, out: Path) -> None:
    if out.with_suffix(".npy").exists():
        into.weights = np.load(out.with_suffix(".npy"))
