"""How far weights that are clipped at events and ticks are from weights clipped in every step.

    python benchmarks/clipping.py        # writes results/clipping.md and docs/figures/clipping.png

A numpy program of its own: 1,000 synapses of the rule reward_stdp between Poisson cells of 6 Hz, a third
factor D that is +1 and -1 for half a period each, 30 s in steps of 1 ms, slow and fast learning. Where D
keeps its sign both ways of clipping give the same weights.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass

import numpy as np
from measure import RESULTS, facts, table, write

from neuromod.analysis.palette import STYLE, colours

DT, SECONDS, SYNAPSES, RATE = 1e-3, 30.0, 1000, 6.0
TAU_TRACE, TAU_C, A_PLUS, A_MINUS = 0.020, 1.0, 1.0, 1.05
PERIODS = (0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
TICKS = {"1 s (default)": 1.0, "0.1 s": 0.1, "10 ms": 0.01}
GAINS = {"slow learning": 0.3, "fast learning": 3.0}
"""Weight per second, D and eligibility, in units of the highest weight. With the second, a pair of spikes
moves a weight through a good part of its range within a second: far more than any shipped rule does."""
FIGURE = RESULTS.parent.parent / "docs" / "figures" / "clipping.png"


@dataclass
class Synapses:
    """Weights in units of the highest one, under the same spikes, clipped in every step and now and then."""

    every: np.ndarray
    seldom: dict[str, np.ndarray]

    def move(self, change: np.ndarray, event: np.ndarray, step: int) -> None:
        """One step: the same change for all, each clipped when it is its turn."""
        self.every = np.clip(self.every + change, 0.0, 1.0)
        for name, before in self.seldom.items():
            weight = self.seldom[name] = before + change
            clipped = np.ones(SYNAPSES, bool) if step % round(TICKS[name] / DT) == 0 else event
            weight[clipped] = np.clip(weight[clipped], 0.0, 1.0)


def simulate(gain: float, period: float, seed: int = 0) -> dict[str, tuple[float, float]]:
    """Mean and largest difference at the end, by interval of ticks, read out as users read it (clipped)."""
    draws = np.random.default_rng(seed)
    start = draws.uniform(0.2, 0.8, SYNAPSES)
    synapses = Synapses(start.copy(), {name: start.copy() for name in TICKS})
    x, y, c = np.zeros(SYNAPSES), np.zeros(SYNAPSES), np.zeros(SYNAPSES)
    kept, stays = np.exp(-DT / TAU_TRACE), np.exp(-DT / TAU_C)
    for step in range(round(SECONDS / DT)):
        sign = 1.0 if (step * DT) % period < period / 2 else -1.0
        pre, post = draws.random((2, SYNAPSES)) < RATE * DT
        synapses.move(gain * sign * c * TAU_C * (1 - stays), pre | post, step)
        c = c * stays + A_PLUS * x * post - A_MINUS * y * pre
        x, y = x * kept + pre, y * kept + post
    found = {}
    for name, weight in synapses.seldom.items():
        difference = np.abs(np.clip(weight, 0.0, 1.0) - synapses.every)
        found[name] = float(difference.mean()), float(difference.max())
    return found


Found = dict[str, dict[float, dict[str, tuple[float, float]]]]


def draw(found: Found) -> None:
    """The mean difference over the period of D, a panel for each speed of learning."""
    import matplotlib.pyplot as plt

    plt.rcParams.update(STYLE)
    figure, panels = plt.subplots(1, len(GAINS), figsize=(6, 2.4), layout="constrained")
    for axes, (learning, by_period) in zip(panels, found.items(), strict=True):
        for name, colour in colours(TICKS).items():
            means = [100 * by_period[period][name][0] for period in PERIODS]
            axes.semilogx(PERIODS, means, "o-", color=colour, markersize=3, label=f"tick {name}")
        axes.set(xlabel="period of the third factor's sign (s)", title=learning)
        axes.set_ylim(bottom=0)
    panels[0].set_ylabel("mean difference\n(% of the highest weight)")
    panels[0].legend()
    FIGURE.parent.mkdir(exist_ok=True)
    figure.savefig(FIGURE)


def main() -> None:
    """Simulate, write the table, draw."""
    argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0]).parse_args()
    found = {
        learning: {period: simulate(gain, period) for period in PERIODS} for learning, gain in GAINS.items()
    }
    rows = [
        [
            learning,
            f"{period:g}",
            *(f"{100 * mean:.2f} ({100 * most:.1f})" for mean, most in differences.values()),
        ]
        for learning, by_period in found.items()
        for period, differences in by_period.items()
    ]
    head = ["", "period of the sign (s)", *(f"tick {name}" for name in TICKS)]
    text = ["# Clipping at events and ticks against clipping in every step", *facts(), ""]
    text += [
        f"Mean (largest) difference after {SECONDS:g} s, in % of the highest weight:",
        "",
        *table(head, rows),
    ]
    write("clipping.md", text)
    draw(found)


if __name__ == "__main__":
    main()
