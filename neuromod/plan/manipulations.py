"""Compartments whose level an experiment sets against everything that is released: clamp, lesion, the mean
or the shuffled level of an earlier run.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from neuromod.config.network import Compartment, Shuffle
from neuromod.errors import NeuromodError
from neuromod.plan.expansion import Expansion
from neuromod.plan.files import confined_results
from neuromod.plan.merge import KeyPath
from neuromod.plan.network import CompartmentPlan, Floats
from neuromod.plan.seeds import stream

TOLERANCE = 1e-6
SEED = "{seed}"


def held(expansion: Expansion, path: KeyPath, spec: Compartment, plan: CompartmentPlan) -> CompartmentPlan:
    """The compartment with its level held where the experiment says so."""
    given = {
        "clamp": spec.clamp is not None,
        "lesion": spec.lesion,
        "mean_clamp": spec.mean_clamp is not None,
        "shuffle": spec.shuffle is not None,
    }
    names = [name for name, there in given.items() if there]
    if len(names) > 1:
        expansion.refuse(
            path, f"got {' and '.join(names)}, allowed is one of clamp, lesion, mean_clamp, shuffle"
        )
        return plan
    if spec.lesion:
        return replace(plan, held=True, level=0.0)
    if spec.clamp is not None:
        return replace(plan, held=True, level=spec.clamp)
    try:
        if spec.mean_clamp is not None:
            path = (*path, "mean_clamp")
            _, levels = earlier_level(expansion, spec.mean_clamp, plan)
            return replace(plan, held=True, level=float(np.mean(levels)))
        if spec.shuffle is not None:
            path = (*path, "shuffle")
            return _shuffled(expansion, spec.shuffle, plan)
    except ValueError as error:
        expansion.refuse(path, str(error))
    return plan


def earlier_level(expansion: Expansion, name: str, plan: CompartmentPlan) -> tuple[Floats, Floats]:
    """Times (n,) in s and levels (n,) of a compartment in the results of an earlier run, n > 0.

    In its name `{seed}` stands for the seed of this run.

    Raises:
        ValueError: the file is not there, is no results file, or has no such levels.
    """
    from neuromod.store.reader import open_results  # networks without earlier runs are planned without h5py

    signal = f"{plan.modulator}_{plan.region}"
    name = name.replace(SEED, str(expansion.experiment.seed))
    file = confined_results(expansion.folder, name)
    try:
        with open_results(file) as results:
            times, levels = results.modulator(signal)
    except NeuromodError as error:
        raise ValueError(f"got {name}, which gives no level of {signal}: {error}") from None
    if not levels.size or not np.isfinite(levels).all() or levels.min() < 0:
        raise ValueError(f"got {name}, whose level of {signal} is not a series of numbers from 0 upwards")
    return times * 1e-3, levels


def _shuffled(expansion: Expansion, spec: Shuffle, plan: CompartmentPlan) -> CompartmentPlan:
    times, levels = earlier_level(expansion, spec.results, plan)
    duration, dt = expansion.experiment.duration, expansion.experiment.dt
    every = float(times[1] - times[0]) if times.size > 1 else duration
    if times.size * every < duration * (1 - TOLERANCE):
        raise ValueError(
            f"got a run of {duration:g} s with the levels of one of {times.size * every:g} s, "
            "allowed is at most the duration of the earlier run"
        )
    trial, first = (round(seconds / every) for seconds in (spec.trial, spec.start))
    for name, seconds, samples in (("trial", spec.trial, trial), ("start", spec.start, first)):
        if abs(samples * every - seconds) > TOLERANCE * every or (name == "trial" and samples == 0):
            raise ValueError(
                f"got a {name} of {seconds * 1e3:g} ms, allowed is a multiple of {every * 1e3:g} ms, "
                "the interval of the earlier run's record of levels"
            )
    number = (levels.size - first) // trial
    if number < 2:
        raise ValueError(f"got {max(number, 0)} whole trials in the earlier run, needed are at least two")
    order = stream(expansion.experiment.seed, f"modulators/{plan.modulator}/shuffle").permutation(number)
    trials = levels[first : first + number * trial].reshape(number, trial)
    whole = np.concatenate([levels[:first], trials[order].ravel(), levels[first + number * trial :]])
    steps = np.rint(times / dt).astype(np.int64)
    return replace(plan, held=True, level=float(whole[0]), trace=(steps, whole))
