"""What choices say about learning and exploring: a model of values, fitted by maximum likelihood.

The model has a value for every action, 0.5 at first. The value of the chosen action moves by alpha times
(outcome - value), and actions are chosen with probabilities proportional to exp(beta value): alpha is the
learning rate, beta the inverse temperature (as in Beeler et al. 2010, doi 10.3389/fnbeh.2010.00170). Trials
without a choice count for nothing. It is for tasks in which all trials show the same cue.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from neuromod.config.values import shown
from neuromod.errors import ConfigError
from neuromod.store.reader import Floats, Results

FIRST_VALUE = 0.5
LEARNING_RATES = (0.01, 1.0)
INVERSE_TEMPERATURES = (0.0, 100.0)
TRIED, PAIRED, ROUNDS, HALVINGS = 24, 12, 4, 30
"""Learning rates side by side, alone and each of two; how often they close in on the best ones, and on the
inverse temperature."""
Choices = NDArray[np.int64]


def inverse_temperature(results: Results, *, first: int = 0, last: int = 0, alpha: float = 0) -> float:
    """Inverse temperature beta of a model of learned values, fitted to choices by maximum likelihood: 0 where
    choices do not follow values. Values are learned from the first trial on; choices from the trial `first`
    to before `last` (0: all) are explained. `alpha`: learning rate (0: fitted together with beta).
    """
    return fitted(*_played(results), _explained(results, first, last), alpha)[1]


def learning_rate(results: Results, *, first: int = 0, last: int = 0) -> float:
    """Learning rate alpha of a model of learned values, fitted to choices by maximum likelihood together with
    its inverse temperature. Values are learned from the first trial on; choices from the trial `first` to
    before `last` (0: all) are explained.
    """
    return fitted(*_played(results), _explained(results, first, last))[0]


def learning_rate_ratio(results: Results, *, blocks: str, against: str) -> float:
    """How many times higher the learning rate alpha is in some blocks of a task than in others (numbers with
    spaces between them). Both are fitted to the choices of these blocks by maximum likelihood, together with
    one inverse temperature; in all other blocks values are learned at their geometric mean.
    """
    choice, outcome, actions = _played(results)
    block = np.asarray(results.trials()["block"])
    own, other = (np.isin(block, _numbers(text)) for text in (blocks, against))
    explained = (own | other) & (choice >= 0)
    if not (own & explained).any() or not (other & explained).any():
        return float("nan")
    ends = [LEARNING_RATES, LEARNING_RATES]
    for _ in range(ROUNDS):
        axes = [np.geomspace(*end, PAIRED) for end in ends]
        first, second = (axis.ravel() for axis in np.meshgrid(*axes, indexing="ij"))
        rates = np.where(own[:, None], first, np.where(other[:, None], second, np.sqrt(first * second)))
        values = learned(choice, outcome, actions, rates)[:, explained]
        best = divmod(int(np.argmax(_best_beta(values, choice[explained])[1])), PAIRED)
        found = [float(axis[at]) for axis, at in zip(axes, best, strict=True)]
        ends = [_around(axis, at) for axis, at in zip(axes, best, strict=True)]
    return found[0] / found[1]


def switches(results: Results, *, first: int = 1) -> float:
    """Share of trials, from `first` on, with another choice than in the trial before."""
    choice = _played(results)[0]
    made = (choice[1:] >= 0) & (choice[:-1] >= 0) & (np.arange(1, choice.size) >= first)
    other = (choice[1:] != choice[:-1])[made]
    return float(np.mean(other)) if other.size else float("nan")


def fitted(
    choice: Choices, outcome: Floats, actions: int, explained: NDArray[np.bool_], alpha: float = 0
) -> tuple[float, float]:
    """Learning rate and inverse temperature under which the explained choices are most likely; else NaN.

    `choice` (trials,) is -1 where none was made, `outcome` (trials,); `alpha`: fixed, or 0.
    """
    explained = explained & (choice >= 0)
    if not explained.any():
        return float("nan"), float("nan")
    low, high = (alpha, alpha) if alpha else LEARNING_RATES
    best = (low, 0.0)
    for _ in range(1 if alpha else ROUNDS):
        rates = np.geomspace(low, high, 1 if alpha else TRIED)
        values = learned(choice, outcome, actions, np.tile(rates, (choice.size, 1)))[:, explained]
        betas, likelihood = _best_beta(values, choice[explained])
        at = int(np.argmax(likelihood))
        best = float(rates[at]), float(betas[at])
        low, high = _around(rates, at)
    return best


def _numbers(text: str) -> list[int]:
    if not all(part.isdecimal() for part in text.split()):
        raise ConfigError(f"got the blocks {shown(text)}, allowed are whole numbers with spaces between them")
    return [int(part) for part in text.split()]


def _around(tried: Floats, at: int) -> tuple[float, float]:
    """The neighbours of the best one, between which the search goes on."""
    return float(tried[max(at - 1, 0)]), float(tried[min(at + 1, tried.size - 1)])


def learned(choice: Choices, outcome: Floats, actions: int, rates: Floats) -> Floats:
    """Values before every trial, (fits, trials, actions), for learning rates (trials, fits)."""
    fits = rates.shape[1]
    found = np.empty((fits, choice.size, actions))
    now = np.full((fits, actions), FIRST_VALUE)
    for trial, chosen in enumerate(choice):
        found[:, trial] = now
        if chosen >= 0:
            now[:, chosen] += rates[trial] * (outcome[trial] - now[:, chosen])
    return found


def _best_beta(values: Floats, choice: Choices) -> tuple[Floats, Floats]:
    """For values (rates, trials, actions) the best inverse temperatures and their log likelihoods, (rates,).

    The log likelihood is concave in beta, so its slope is 0 at the best one.
    """
    own = np.take_along_axis(values, choice[None, :, None], axis=2)[:, :, 0]
    low, high = (np.full(len(values), end) for end in INVERSE_TEMPERATURES)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        scaled = middle[:, None, None] * values
        weights = np.exp(scaled - scaled.max(axis=2, keepdims=True))
        rising = np.sum(own - np.sum(weights * values, axis=2) / np.sum(weights, axis=2), axis=1) > 0
        low, high = np.where(rising, middle, low), np.where(rising, high, middle)
    return low, _log_likelihood(low, values, own)


def _log_likelihood(beta: Floats, values: Floats, own: Floats) -> Floats:
    scaled = beta[:, None, None] * values
    top = scaled.max(axis=2, keepdims=True)
    total = top[:, :, 0] + np.log(np.sum(np.exp(scaled - top), axis=2))
    return np.asarray(np.sum(beta[:, None] * own - total, axis=1))


def _played(results: Results) -> tuple[Choices, Floats, int]:
    """Choices, outcomes and the number of actions."""
    trials = results.trials()
    actions = sum(name.startswith("outcome_") for name in results.schedule()) - 1
    return np.asarray(trials["choice"], np.int64), np.asarray(trials["outcome"], float), actions


def _explained(results: Results, first: int, last: int) -> NDArray[np.bool_]:
    number = np.arange(results.trials()["choice"].size)
    return (number >= first) & (number < (last or number.size))
