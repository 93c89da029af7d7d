"""The numbers that claims are about: functions of the results of one run, by name.

A measure is a function `(results, *, option=default, ...) -> float`; NaN where the run does not give the
number. Those about one topic have a file, TOPIC_measures. To add one, write it there and name it in
`MEASURES`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches

import numpy as np

from neuromod.atlas.attention_measures import answer, answer_ratio, source_weight_ratio
from neuromod.atlas.cell_measures import adaptation, first_spike_drive, gain
from neuromod.atlas.choice_measures import inverse_temperature, learning_rate, learning_rate_ratio, switches
from neuromod.atlas.cycle_measures import coincidence_width, cycle_gain
from neuromod.atlas.level_measures import accuracy_curvature, best_accuracy, best_drive, end_of_best
from neuromod.atlas.rhythm_measures import beta_ratio, coupling, gamma_phase, gamma_power, theta_power
from neuromod.atlas.weight_measures import channel_change, cosine_amplitude, weight_change
from neuromod.config.values import shown
from neuromod.errors import ConfigError
from neuromod.store.reader import Floats, Results

Measure = Callable[..., float]
KINDS = {"int": (int,), "float": (int, float), "str": (str,)}


def share_of_correct(results: Results, *, last: int = 40) -> float:
    """Share of the last trials in which the correct action was chosen; without a choice it was not."""
    trials = results.trials()
    chosen = (trials["choice"] == trials["correct"])[-last:]
    return float(np.mean(chosen)) if last <= trials["choice"].size else float("nan")


def share_among(
    results: Results, *, cue: str = "", event: str = "", without: str = "", last: int = 0
) -> float:
    """Share of trials in which the correct action was chosen: of those whose cue begins with `cue`, that have
    an event, and that are without another; among the last ones (0: all). NaN where there are none.
    """
    trials = results.trials()
    number = trials["choice"].size
    kept = np.array([str(name).startswith(cue) for name in trials["cue"]], bool)
    kept &= np.arange(number) >= (number - last if last else 0)
    for name, wanted in ((event, 1), (without, 0)):
        if name:
            kept &= np.asarray(trials[f"event_{name}"]) == wanted
    right = np.asarray(trials["choice"] == trials["correct"])[kept]
    return float(right.mean()) if right.size and last <= number else float("nan")


def share_difference(results: Results, *, cue: str, less: str) -> float:
    """Share of trials in which the correct action was chosen, of those whose cue begins with `cue`, less that
    of those whose cue begins with `less`. NaN where there are none of either.
    """
    return share_among(results, cue=cue) - share_among(results, cue=less)


def mean_rate(
    results: Results,
    *,
    population: str,
    start_s: float = 0,
    stop_s: float = 0,
    first: int = 0,
    count: int = 0,
) -> float:
    """Spikes per neuron and second from `start_s` to `stop_s` (0: the end), in Hz; of `count` cells (0: all)
    from `first` on.
    """
    times, cells = results.spikes(population)
    count = count or results.size(population) - first
    start, stop = start_s * 1e3, stop_s * 1e3 or results.duration_ms
    inside = (times >= start) & (times < stop) & (cells >= first) & (cells < first + count)
    return np.count_nonzero(inside) / (count * (stop - start) * 1e-3)


def mean_level(results: Results, *, modulator: str) -> float:
    """Mean level of a compartment, `modulator_region`, over the run."""
    return float(np.mean(results.modulator(modulator)[1]))


def evoked_rate(
    results: Results,
    *,
    population: str,
    at_s: float,
    window_s: float = 0.3,
    base_s: float = 0.5,
    cue: str = "",
    outcome: float = 1,
    start: int = 0,
    stop: int = 0,
) -> float:
    """Rate of a population in a window that begins `at_s` after the begin of trials, less that in their first
    `base_s`, in Hz. Trials: from `start` to before `stop` (0: the last one), with this cue and outcome.
    """
    trials = results.trials()
    number = np.arange(trials["outcome"].size)
    chosen = (trials["outcome"] == outcome) & (number >= start) & (number < (stop or number.size))
    if cue:
        chosen &= trials["cue"] == cue
    times, _ = results.spikes(population)
    begins = np.asarray(trials["begin"], np.float64)[chosen]
    own, base = (
        _counted(times, begins + at * 1e3, width * 1e3) for at, width in ((at_s, window_s), (0, base_s))
    )
    return float((own / window_s - base / base_s) / results.size(population))


def evoked_ratio(
    results: Results, *, at_s: float, to_s: float, population: str, cue: str, start: int = 0
) -> float:
    """Evoked rate (`evoked_rate`) at one moment of rewarded trials as a multiple of that at another."""
    first, second = (
        evoked_rate(results, population=population, at_s=moment, cue=cue, start=start)
        for moment in (at_s, to_s)
    )
    return first / second if second > 0 else float("nan")


def _counted(times_ms: Floats, begins_ms: Floats, width_ms: float) -> float:
    """Mean number of spikes in the windows; NaN where there are none."""
    counts = np.searchsorted(times_ms, begins_ms + width_ms) - np.searchsorted(times_ms, begins_ms)
    return float(counts.mean()) if counts.size else float("nan")


MEASURES: Mapping[str, Measure] = {
    function.__name__: function
    for function in (
        share_of_correct,
        share_among,
        share_difference,
        inverse_temperature,
        learning_rate,
        learning_rate_ratio,
        switches,
        mean_rate,
        mean_level,
        weight_change,
        channel_change,
        cosine_amplitude,
        cycle_gain,
        coincidence_width,
        evoked_rate,
        evoked_ratio,
        answer,
        answer_ratio,
        source_weight_ratio,
        accuracy_curvature,
        best_drive,
        best_accuracy,
        end_of_best,
        theta_power,
        gamma_power,
        coupling,
        gamma_phase,
        beta_ratio,
        first_spike_drive,
        gain,
        adaptation,
    )
}
UNITS: Mapping[str, str] = {
    "mean_rate": "Hz",
    "evoked_rate": "Hz",
    "answer": "Hz",
    "theta_power": "pA²",
    "gamma_power": "pA²",
    "gamma_phase": "degrees",
    "coincidence_width": "ms",
    "first_spike_drive": "pA",
    "gain": "Hz",
}
"""Units of the measures that have one; the others are pure numbers."""


def describe_measure(name: str) -> str:
    """What a measure is, in words."""
    return " ".join((inspect.getdoc(MEASURES[name]) or "").split())


def check_measure(name: str, options: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """What is wrong with a measure and its options: the option, or an empty text, and a sentence."""
    if name not in MEASURES:
        close = get_close_matches(name, MEASURES, n=1)
        hint = f"; did you mean {close[0]}?" if close else ""
        yield "", f"got {shown(name)}, allowed are {', '.join(MEASURES)}{hint}"
        return
    known = {
        key: part for key, part in inspect.signature(MEASURES[name]).parameters.items() if key != "results"
    }
    for key, value in options.items():
        if key not in known:
            yield key, f"got an unknown option of {name}, allowed are {', '.join(known) or 'none'}"
        elif isinstance(value, bool) or not isinstance(value, KINDS[known[key].annotation]):
            words = {"int": "a whole number", "float": "a number", "str": "text"}[known[key].annotation]
            yield key, f"got {shown(value)}, allowed is {words}"
    for key, part in known.items():
        if part.default is part.empty and key not in options:
            yield "", f"got {name} without its option {key}, which is needed"


def measured(results: Results, name: str, options: Mapping[str, object]) -> float:
    """A measure of a run.

    Raises:
        ConfigError: the run has not recorded what the measure is taken from.
    """
    try:
        return float(MEASURES[name](results, **options))
    except ConfigError as error:
        raise ConfigError(f"measure {name} of {results.path}: {error}") from error
