"""Random but reproducible spike trains, synapses and modulators for the tests."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tests.physics.plasticity.bench import Bench, Pathway, Use
from tests.physics.plasticity.rule import number, read_rule
from tests.physics.plasticity.signals import Modulator, Receptor


def train(random: np.random.Generator, cells: int, steps: int, spikes: int) -> list[tuple[int, int]]:
    """About `spikes` distinct pairs (step, cell), in order."""
    drawn = zip(random.integers(0, steps, spikes), random.integers(0, cells, spikes), strict=True)
    return sorted({(int(step), int(cell)) for step, cell in drawn})


def pathway(
    random: np.random.Generator, cells: tuple[int, int], rules: tuple[Use, ...], count: int = 24
) -> Pathway:
    """`count` different pairs, weights within the bounds of the first rule, a delay of 0 to 40 steps."""
    pairs = random.choice(cells[0] * cells[1], size=count, replace=False)
    text = rules[0].text
    unit = text["parameters"][text["bounds"][0]]["unit"]
    low, high = (value / number(f"1 {unit}") for value in read_rule(text, rules[0].parameters).bounds)
    weight = random.uniform(low + 0.1 * (high - low), high - 0.1 * (high - low), count)
    return Pathway(rules, pairs // cells[1], pairs % cells[1], weight, int(random.integers(0, 41)), unit)


def modulators(random: np.random.Generator, steps: int) -> dict[str, Modulator]:
    """Two modulators that rise above and dip below their tonic level; the second is once empty."""
    first = pulses(random, steps, 4, -0.2, 3.0)
    second = (*pulses(random, steps, 5, -0.1, 4.0), (steps // 3, -9.0))
    return {
        "moda": Modulator(1.0, 0.2, first, {"QA": Receptor(4.0, 2.0), "QB": Receptor(0.5, 1.0)}),
        "modb": Modulator(0.7, 0.35, second, {"QC": Receptor(2.0, 1.5)}),
    }


def pulses(
    random: np.random.Generator, steps: int, count: int, low: float, high: float
) -> tuple[tuple[int, float], ...]:
    """Pulses (step, amount) at random steps."""
    at = np.sort(random.integers(0, steps, count))
    return tuple(
        (int(step), float(amount)) for step, amount in zip(at, random.uniform(low, high, count), strict=True)
    )


def bench(
    seed: int,
    rules: dict[str, tuple[Use, ...]],
    *,
    steps: int = 6000,
    dt: float = 1e-4,
    given: Callable[[np.random.Generator, int], dict[str, Modulator]] | None = None,
    **options,
) -> Bench:
    """A bench with one pathway per entry of `rules`, all drawn from `seed`."""
    random = np.random.default_rng(seed)
    cells = (7, 6)
    spikes = tuple(train(random, size, steps, 9 * size) for size in cells)
    levels = modulators(random, steps) if given is None else given(random, steps)
    return Bench(
        dt, steps, cells, (spikes[0], spikes[1]),
        {tag: pathway(random, cells, uses) for tag, uses in rules.items()},
        levels, {"theta": (7.0, 0.4)}, **options,
    )  # fmt: skip
