"""Circuits as plain numbers, one set per seed: rates, rhythms, their coupling, and delay activity."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np

from neuromod.analysis.bands import Band, amplitude, phase
from neuromod.analysis.circular import circular_mean, rayleigh, resultant_length
from neuromod.analysis.coupling import amplitude_shares, bin_centres, modulation_index
from neuromod.analysis.locking import phases_at
from neuromod.analysis.peaks import background, find_peak, fundamental
from neuromod.analysis.rhythms import GAMMA, PHASE, THETA, Settings, refusal
from neuromod.analysis.spectra import band_power, welch
from neuromod.library.shipped import configs_root
from tests.physics.recording import Recording, record_file

Measured = dict[str, float]
DROPPED_S = 1.0
RATE_HZ = 1000.0
PHASE_BANDS = {"theta_5hz": Band(3, 7), "theta_10hz": Band(8, 12)}
"""Bands around the pacemaker's frequency, where it is not that of all others."""
CUE_S, DELAY_S = 1.0, (1.5, 3.5)
ASSEMBLY = 40


def path_of(condition: str) -> Path:
    """Config of a condition, wherever it lies."""
    folders = [configs_root() / folder for folder in ("", "theta_gamma", "validation")]
    return next(path for folder in folders if (path := folder / f"{condition}.yaml").exists())


def ca1(condition: str, seed: int, duration_s: float | None = None) -> Measured:
    """Rates (Hz), peaks (Hz; NaN: none), power (pA^2), and coupling of CA1 after the first second; `usable`:
    whether the index means anything. A gamma peak that is a harmonic of a slower rhythm is none.
    """
    settings = [] if duration_s is None else [f"duration={duration_s:g} s"]
    recording = record_file(path_of(condition), seed, settings)
    values = recording.lfp["CA1_PYR"][round(DROPPED_S * RATE_HZ) :].astype(np.float64)
    stop = DROPPED_S + values.size / RATE_HZ
    found = {name: train.rate(DROPPED_S, stop) for name, train in recording.trains.items()}
    around = PHASE_BANDS.get(condition, PHASE)
    return found | _spectrum(values, around) | _coupling(values, around) | _locking(recording, values, around)


def _spectrum(values: np.ndarray, around: Band) -> Measured:
    spectrum = welch(values, RATE_HZ)
    aperiodic = background(spectrum)
    theta, gamma = (find_peak(spectrum, band, aperiodic) for band in (THETA, GAMMA))
    slower = fundamental(spectrum, gamma, aperiodic) if gamma else None
    refused = refusal(theta, gamma, values.size / RATE_HZ, Settings(phase=around), slower)
    return {
        "theta": theta.frequency_hz if theta else math.nan,
        "gamma": gamma.frequency_hz if gamma and not slower else math.nan,
        "theta_power": band_power(spectrum, THETA),
        "gamma_power": band_power(spectrum, GAMMA),
        "usable": float(not refused),
    }


def _coupling(values: np.ndarray, around: Band) -> Measured:
    shares = amplitude_shares(phase(values, RATE_HZ, around), amplitude(values, RATE_HZ, GAMMA))
    preferred = circular_mean(bin_centres(), shares)
    return {"mi": modulation_index(shares), "gamma_phase": math.degrees(preferred)}


def _locking(recording: Recording, values: np.ndarray, around: Band) -> Measured:
    """Vector length of the spikes of pyramidal and PV cells in theta, and the larger p of Rayleigh's test."""
    phases, found, p = phase(values, RATE_HZ, around), {}, []
    for name in ("CA1_PYR", "CA1_PV"):
        at = phases_at(recording.trains[name].times * 1e3, phases, DROPPED_S * 1e3 + 0.5, RATE_HZ)
        found[f"{name}_locked"] = resultant_length(at)
        p.append(rayleigh(at))
    return found | {"locked_p": max(p)}


def rates(condition: str, seed: int) -> Measured:
    """Rate (Hz) of every population after the first second."""
    recording = record_file(path_of(condition), seed)
    stop = max(float(train.times.max(initial=0)) for train in recording.trains.values())
    return {name: train.rate(DROPPED_S, stop) for name, train in recording.trains.items()}


def memory(condition: str, seed: int) -> Measured:
    """Rates (Hz) of the prefrontal cells: before the cue, and 0.5 to 2.5 s after it. The cue goes to the
    first assembly; `others` is the largest mean rate among the other assemblies and the rest.
    """
    recording = record_file(path_of(condition), seed)
    pyramidal, pv = recording.trains["PFC_PYR"], recording.trains["PFC_PV"]
    parts = [pyramidal.of(k * ASSEMBLY, (k + 1) * ASSEMBLY) for k in range(5)]
    parts.append(pyramidal.of(5 * ASSEMBLY, pyramidal.size))
    cued, *others = (part.rate(*DELAY_S) for part in parts)
    return {
        "before": pyramidal.rate(0.5, CUE_S),
        "cued": cued,
        "others": max(others),
        "PFC_PV": pv.rate(*DELAY_S),
        "PFC_SOM": recording.trains["PFC_SOM"].rate(*DELAY_S),
    }
