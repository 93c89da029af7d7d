"""Random but reproducible spike trains, synapses and modulators for the tests."""

from __future__ import annotations

import numpy as np

from tests.physics.plasticity.bench import Bench, Pathway, Use
from tests.physics.plasticity.signals import Modulator, Receptor


def train(random: np.random.Generator, cells: int, steps: int, spikes: int) -> list[tuple[int, int]]:
    """About `spikes` distinct pairs (step, cell), in order."""
    drawn = zip(random.integers(0, steps, spikes), random.integers(0, cells, spikes), strict=True)
    return sorted({(int(step), int(cell)) for step, cell in drawn})


def pathway(
    random: np.random.Generator, cells: tuple[int, int], rules: tuple[Use, ...], *, count: int = 24,
    delay: int = 40, weights: tuple[float, float] = (0.2, 1.8), unit: str = "nS",
) -> Pathway:  # fmt: skip
    """`count` different pairs with one delay of 0 to `delay` steps."""
    pairs = random.choice(cells[0] * cells[1], size=count, replace=False)
    return Pathway(
        rules, pairs // cells[1], pairs % cells[1], random.uniform(*weights, count),
        int(random.integers(0, delay + 1)), unit,
    )  # fmt: skip


def modulators(random: np.random.Generator, steps: int) -> dict[str, Modulator]:
    """Two modulators that rise above and dip below their tonic level; the second not at 1."""
    first = _pulses(random, steps, 4, -0.2, 3.0)
    second = _pulses(random, steps, 5, -0.1, 4.0)
    return {
        "moda": Modulator(1.0, 0.2, first, {"QA": Receptor(4.0, 2.0), "QB": Receptor(0.5, 1.0)}),
        "modb": Modulator(0.7, 0.35, second, {"QC": Receptor(2.0, 1.5)}),
    }


def _pulses(
    random: np.random.Generator, steps: int, count: int, low: float, high: float
) -> tuple[tuple[int, float], ...]:
    at = np.sort(random.integers(0, steps, count))
    return tuple(
        (int(step), float(amount)) for step, amount in zip(at, random.uniform(low, high, count), strict=True)
    )


def bench(
    seed: int, rules: dict[str, tuple[Use, ...]], *, steps: int = 6000, dt: float = 1e-4, **options
) -> Bench:
    """A bench with one pathway per entry of `rules`, all drawn from `seed`."""
    random = np.random.default_rng(seed)
    cells = (7, 6)
    spikes = tuple(train(random, size, steps, 9 * size) for size in cells)
    levels = modulators(random, steps)
    drawn = options.pop("drawn", {})
    return Bench(
        dt, steps, cells, (spikes[0], spikes[1]),
        {tag: pathway(random, cells, uses, **drawn) for tag, uses in rules.items()},
        levels, {"theta": (7.0, 0.4)}, **options,
    )  # fmt: skip
