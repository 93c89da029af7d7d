"""The figure of a task: choices, how often they were correct, and what the critic made of the outcomes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib import style
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from neuromod.analysis.palette import OKABE_ITO, STYLE
from neuromod.analysis.recorded import WIDTH_INCHES

Trials = Mapping[str, NDArray[Any]]  # numbers, or names of cues and contexts
WINDOW = 10
"""Trials that a running mean covers, the latest last."""
CORRECT, CHOSEN, VALUE, ERROR = "0.8", OKABE_ITO[0], OKABE_ITO[2], OKABE_ITO[1]


def behaviour_figure(trials: Trials) -> Figure | None:
    """Trials (n,) of a log by column; None where no trial has ended."""
    number = trials["trial"]
    if not len(number):
        return None
    chose = bool(np.any(trials["choice"] >= 0))
    with style.context(STYLE):
        figure = Figure(figsize=(WIDTH_INCHES, 1.3 + 1.4 * (1 + 2 * chose)), layout="constrained")
        axes = figure.subplots(1 + 2 * chose, 1, sharex=True, squeeze=False)[:, 0]
        if chose:
            _choices(axes[0], number, trials)
            _shares(axes[1], number, trials)
        _critic(axes[-1], number, trials)
        axes[-1].set_xlabel("trial")
        axes[-1].xaxis.set_major_locator(MaxNLocator(integer=True))
        for letter, one in zip("ABC", axes, strict=False):
            one.set_title(letter, loc="left", fontweight="bold")
    return figure


def running_mean(values: NDArray[Any]) -> NDArray[np.float64]:
    """Mean of each trial and those before it, (n,), over at most WINDOW trials."""
    total = np.concatenate([[0.0], np.cumsum(values, dtype=float)])
    last = np.arange(1, len(values) + 1)
    first = np.maximum(0, last - WINDOW)
    found: NDArray[np.float64] = (total[last] - total[first]) / (last - first)
    return found


def _choices(axes: Axes, number: NDArray[Any], trials: Trials) -> None:
    choice, paid = trials["choice"], trials["outcome"] > 0
    axes.step(number, trials["correct"], where="mid", color=CORRECT, linewidth=5, label="correct")
    for which, filled, label in ((paid, CHOSEN, "chosen, paid"), (~paid, "none", "chosen, not paid")):
        axes.plot(
            number[which], choice[which], "o", markersize=3, markerfacecolor=filled, color=CHOSEN, label=label
        )
    highest = int(max(choice.max(), np.max(trials["correct"])))
    lowest = int(min(choice.min(), 0))
    axes.set_yticks(
        range(lowest, highest + 1), ["none" if k < 0 else str(k) for k in range(lowest, highest + 1)]
    )
    axes.set_ylim(lowest - 0.4, highest + 0.4)
    axes.set_ylabel("action")
    axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))


def _shares(axes: Axes, number: NDArray[Any], trials: Trials) -> None:
    share = running_mean(trials["choice"] == trials["correct"])
    axes.plot(number, share, color=CHOSEN, label=f"correct, last {WINDOW} trials")
    axes.plot(number, running_mean(trials["outcome"]), color=VALUE, label=f"outcome, last {WINDOW} trials")
    axes.set_ylabel("share, mean")
    axes.set_ylim(min(0.0, axes.get_ylim()[0]) - 0.02, max(1.0, axes.get_ylim()[1]) + 0.02)
    axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))


def _critic(axes: Axes, number: NDArray[Any], trials: Trials) -> None:
    axes.axhline(0, color=CORRECT, linewidth=0.6)
    axes.plot(number, trials["prediction_error"], ".", markersize=4, color=ERROR, label="prediction error")
    axes.plot(number, trials["value"], color=VALUE, label="expected value")
    axes.set_ylabel("critic (1)")
    axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
