"""A recording made up for figures: three populations, a field, a modulator and weights."""

import numpy as np
import pytest

from neuromod.analysis.rates import population_rate
from neuromod.store.layout import Signal

DURATION_MS = 400.0


class MadeUp:
    """As much of the results of a run as a figure reads."""

    def __init__(self, sizes: dict[str, int]) -> None:
        rng = np.random.default_rng(1)
        self.sizes = sizes
        self.populations = list(sizes)
        self.duration_ms = DURATION_MS
        self.signals = [
            Signal("lfp", self.populations[0], "lfp", "pA", "", 10, 1),
            Signal("modulators", "dopamine_PFC", "level", "1", "", 100, 1),
            Signal("weights", "a_to_b", "weight", "nS", "", 1000, 20),
        ]
        self._ids = {name: rng.integers(0, size, 10 * size) for name, size in sizes.items()}
        self._times = {name: np.sort(rng.uniform(0, DURATION_MS, 10 * size)) for name, size in sizes.items()}

    def size(self, population):
        return self.sizes[population]

    def spikes(self, population):
        return self._times[population], self._ids[population]

    def rates(self, population):
        centres, rates = population_rate(self._times[population], self.sizes[population], 0, DURATION_MS, 10)
        return centres - 5, rates

    def lfp(self, population):
        times = np.arange(0, DURATION_MS)
        return times, 100 + 50 * np.sin(times / 20)

    def modulator(self, name):
        times = np.arange(0, DURATION_MS, 10)
        return times, np.exp(-times / 100)

    def weights(self, projection, variable="weight"):
        times = np.arange(0, DURATION_MS, 100)
        return times, np.linspace(0, 1, 20) + times[:, None] / DURATION_MS


@pytest.fixture
def recording() -> MadeUp:
    return MadeUp({"PFC_PC": 100, "CA1_PC": 80, "PFC_PV": 20})


@pytest.fixture
def large_recording() -> MadeUp:
    return MadeUp(
        {f"{region}_{cell}": 20 for region in ("PFC", "CA1", "STR") for cell in ("PC", "PV", "SOM")}
    )


class Learned(MadeUp):
    """A recording of two projections that learn and one that does not, with receptors."""

    def __init__(self) -> None:
        super().__init__({"a": 20, "b": 20})
        kept = {"every": 100, "columns": 5, "ids": (9, 3, 4, 7, 1)}
        self.signals = [
            Signal("modulators", "dopamine_PFC", "level", "1", "", 100, 1),
            Signal("modulators", "dopamine_PFC", "rho_D1", "1", "", 100, 1),
            Signal("modulators", "dopamine_PFC", "rho_D2", "1", "", 100, 1),
            Signal("weights", "a->b", "weight", "nS", "weights of a->b", bounds=(0.0, 2.0), **kept),
            Signal("weights", "a->b", "c", "nS", "eligibility c of a->b", **kept),
            Signal("weights", "a->b", "z", "1", "state z of a->b", **kept),
            Signal("weights", "b->a", "weight", "nS", "weights of b->a", 100, 40, bounds=(0.0, 50.0)),
            Signal("weights", "b->b", "weight", "nS", "weights of b->b", 100, 40),
        ]
        self.times = np.arange(0, DURATION_MS, 10)
        slopes = np.array([0.5, -0.2, 0.1, 1.0, 0.0])
        share = self.times[:, None] / self.times[-1]
        self.values = {
            "weight": 0.5 + slopes * share,
            "c": slopes * np.sin(6 * share),
            "z": np.arange(5) * share,
        }

    def weights(self, projection, variable="weight"):
        if projection == "a->b":
            return self.times, self.values[variable]
        changes = np.linspace(-1, 1, 40) * (projection == "b->a")
        return self.times, 5 + changes * self.times[:, None] / self.times[-1]

    def drive(self, name, receptor):
        times, level = self.modulator(name)
        return times, (level - 0.5) * {"D1": 1.0, "D2": 0.0}[receptor]


@pytest.fixture
def learned() -> Learned:
    return Learned()
