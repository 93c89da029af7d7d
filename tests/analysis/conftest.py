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

    def weights(self, projection):
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
