"""Circuits as plain numbers, one set per seed: rates, rhythms, their coupling, and delay activity."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from neuromod.analysis.bands import Band, amplitude, phase
from neuromod.analysis.circular import circular_mean, rayleigh, resultant_length
from neuromod.analysis.coupling import amplitude_shares, bin_centres, modulation_index
from neuromod.analysis.locking import phases_at
from neuromod.analysis.peaks import Peak, background, find_peak, fundamental
from neuromod.analysis.rhythms import GAMMA, PHASE, THETA, Settings, refusal
from neuromod.analysis.spectra import WINDOW_S, Spectrum, band_power, welch
from neuromod.library.shipped import configs_root
from tests.physics.recording import Recording, record_file

Measured = dict[str, float]
DROPPED_S = 1.0
RATE_HZ = 1000.0
PHASE_BANDS = {"theta_5hz": Band(3, 7), "theta_10hz": Band(8, 12)}
"""Bands around the pacemaker's frequency, where it is not that of all others."""
CUE_S, DELAY_S = 1.0, (1.5, 3.5)
ASSEMBLY = 40


@dataclass(frozen=True)
class Protocol:
    """How CA1 is recorded and read: length and window of the spectrum (s), and the band of gamma's power.
    `maxima`: peaks and indices as in the program that the expected numbers come from, see `SHORT`.
    """

    duration_s: float
    window_s: float = WINDOW_S
    gamma: Band = GAMMA
    maxima: bool = False


LONG = Protocol(61)
"""What `neuromod analyse` does, in 61 s. Chance has an index of its own, which falls with the length."""
SHORT = Protocol(6, 2.048, Band(28, 120), maxima=True)
"""What the expected numbers are stated for. Where there is a peak, it stands at the highest power (theta) or
frequency x power (gamma); an index has no shortest recording. Whether there is a peak is judged as ever: that
program asked nobody.
"""
THETA_MAXIMUM = Band(3, 13)


def path_of(condition: str) -> Path:
    """Config of a condition, wherever it lies."""
    folders = [configs_root() / folder for folder in ("", "theta_gamma", "validation")]
    return next(path for folder in folders if (path := folder / f"{condition}.yaml").exists())


def ca1(condition: str, seed: int, protocol: Protocol = LONG) -> Measured:
    """Rates (Hz), peaks (Hz; NaN: none), power (pA^2), and coupling of CA1 after the first second; `usable`:
    whether the index means anything. A gamma peak that is a harmonic of a slower rhythm is none.
    """
    recording = record_file(path_of(condition), seed, [f"duration={protocol.duration_s:g} s"])
    values = recording.lfp["CA1_PYR"][round(DROPPED_S * RATE_HZ) :].astype(np.float64)
    stop = DROPPED_S + values.size / RATE_HZ
    found = {name: train.rate(DROPPED_S, stop) for name, train in recording.trains.items()}
    around = PHASE_BANDS.get(condition, PHASE)
    found |= spectrum_of(values, around, protocol) | coupling_of(values, around)
    return found | _locking(recording, values, around)


def spectrum_of(values: np.ndarray, around: Band, protocol: Protocol) -> Measured:
    """Peaks and power of a field (n,) in pA after the first second, and whether its index is usable."""
    spectrum = welch(values, RATE_HZ, protocol.window_s)
    aperiodic = background(spectrum)
    theta, gamma = (find_peak(spectrum, band, aperiodic) for band in (THETA, GAMMA))
    slower = fundamental(spectrum, gamma, aperiodic) if gamma else None
    seconds = math.inf if protocol.maxima else values.size / RATE_HZ
    refused = refusal(theta, gamma, seconds, Settings(phase=around), slower)
    return {
        "theta": _place(theta, spectrum, THETA_MAXIMUM if protocol.maxima else None, 0),
        "gamma": _place(None if slower else gamma, spectrum, protocol.gamma if protocol.maxima else None, 1),
        "theta_power": band_power(spectrum, THETA),
        "gamma_power": band_power(spectrum, protocol.gamma),
        "usable": float(not refused),
    }


def maximum(spectrum: Spectrum, band: Band, tilt: float) -> float:
    """Frequency (Hz) within a band at which frequency^tilt x power is highest."""
    inside = band.holds(spectrum.frequencies_hz)
    frequencies = spectrum.frequencies_hz[inside]
    return float(frequencies[np.argmax(spectrum.power[inside] * frequencies**tilt)])


def _place(peak: Peak | None, spectrum: Spectrum, highest_in: Band | None, tilt: float) -> float:
    if peak is None:
        return math.nan
    return maximum(spectrum, highest_in, tilt) if highest_in else peak.frequency_hz


def coupling_of(values: np.ndarray, around: Band) -> Measured:
    """Index, and the phase (degrees) of theta at which gamma is large: circular mean, and fullest bin."""
    shares = amplitude_shares(phase(values, RATE_HZ, around), amplitude(values, RATE_HZ, GAMMA))
    return {
        "mi": modulation_index(shares),
        "gamma_phase": math.degrees(circular_mean(bin_centres(), shares)),
        "gamma_bin": math.degrees(bin_centres()[np.argmax(shares)]),
    }


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
