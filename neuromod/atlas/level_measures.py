"""What trials say about the levels of a neuromodulator that change between them.

A level is known by the drive of a receptor (`Results.drive`, from -1 to 1) in the middle of a trial; trials
whose drives follow each other within 0.02 belong to one. The accuracy of a level is the share of its trials
in which the correct action was chosen.
"""

from __future__ import annotations

import math

import numpy as np

from neuromod.config.values import shown
from neuromod.errors import ConfigError
from neuromod.store.reader import Floats, Results

SAME = 0.02
"""Drives of one level are nearer to each other than this."""
PLACES = {"lowest": 0, "highest": -1}


def accuracy_curvature(results: Results, *, modulator: str, receptor: str) -> float:
    """Quadratic coefficient of accuracy against the drive of a receptor, by least squares over all levels of
    `modulator`, a compartment such as dopamine_cortex: below 0 for an inverted U.
    """
    drives, accuracies = accuracy_of_levels(results, modulator, receptor)
    return float(np.polyfit(drives, accuracies, 2)[0]) if drives.size > 2 else math.nan


def best_drive(results: Results, *, modulator: str, receptor: str) -> float:
    """Drive of a receptor at the level with the highest accuracy; the mean of those that share it."""
    drives, accuracies = accuracy_of_levels(results, modulator, receptor)
    return float(drives[accuracies == accuracies.max()].mean()) if drives.size else math.nan


def best_accuracy(results: Results, *, modulator: str, receptor: str) -> float:
    """Accuracy at the level where it is highest."""
    accuracies = accuracy_of_levels(results, modulator, receptor)[1]
    return float(accuracies.max()) if accuracies.size else math.nan


def end_of_best(results: Results, *, modulator: str, receptor: str, end: str) -> float:
    """Accuracy at one end of the levels, `lowest` or `highest`, as a share of that where it is highest."""
    if end not in PLACES:
        raise ConfigError(f"got the end {shown(end)}, allowed are lowest and highest")
    accuracies = accuracy_of_levels(results, modulator, receptor)[1]
    best = accuracies.max(initial=0)
    return float(accuracies[PLACES[end]] / best) if best > 0 else math.nan


def accuracy_of_levels(results: Results, modulator: str, receptor: str) -> tuple[Floats, Floats]:
    """Drives of all levels (levels,), in ascending order, and accuracies (levels,)."""
    trials = results.trials()
    right = np.asarray(trials["choice"] == trials["correct"], np.float64)
    begins = np.asarray(trials["begin"], np.float64)
    times, samples = results.drive(modulator, receptor)
    if not begins.size:
        return begins, right
    middles = (begins + np.append(begins[1:], results.duration_ms)) / 2
    drives = np.interp(middles, times, samples)
    order = np.argsort(drives, kind="stable")
    level = np.cumsum(np.diff(drives[order], prepend=drives[order[0]]) > SAME)
    counts = np.bincount(level)
    return np.bincount(level, drives[order]) / counts, np.bincount(level, right[order]) / counts
