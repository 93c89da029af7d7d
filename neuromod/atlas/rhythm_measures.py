"""Measures of the rhythms in the field of a population, after the first second."""

from __future__ import annotations

import math

import numpy as np

from neuromod.analysis.bands import Band, amplitude, phase
from neuromod.analysis.circular import circular_mean
from neuromod.analysis.coupling import amplitude_shares, bin_centres, modulation_index
from neuromod.analysis.rhythms import GAMMA, PHASE, THETA
from neuromod.analysis.spectra import band_power, welch
from neuromod.store.reader import Floats, Results

RATE_HZ = 1000.0
BETA, ABOVE = Band(12, 30), Band(40, 100)
DROPPED = 1000
"""Samples of the field at the begin that are left out."""


def theta_power(results: Results, *, population: str) -> float:
    """Power of theta (4 to 12 Hz) in the field of a population, in pA^2."""
    return float(band_power(welch(_field(results, population), RATE_HZ), THETA))


def gamma_power(results: Results, *, population: str) -> float:
    """Power of gamma (30 to 90 Hz) in the field of a population, in pA^2."""
    return float(band_power(welch(_field(results, population), RATE_HZ), GAMMA))


def coupling(results: Results, *, population: str) -> float:
    """Modulation index of gamma by the phase of theta (Tort et al. 2010, doi 10.1152/jn.00106.2010)."""
    return float(modulation_index(_shares(results, population)))


def gamma_phase(results: Results, *, population: str) -> float:
    """Phase of theta at which gamma is largest, in degrees."""
    return math.degrees(circular_mean(bin_centres(), _shares(results, population)))


def beta_ratio(results: Results, *, population: str) -> float:
    """Density of power from 12 to 30 Hz as a multiple of that from 40 to 100 Hz in the spike count of a
    population.
    """
    times, _ = results.spikes(population)
    counts = np.histogram(times, np.arange(DROPPED, int(results.duration_ms) + 1))[0].astype(np.float64)
    spectrum = welch(counts - counts.mean(), RATE_HZ)
    beta, above = (band_power(spectrum, band) / (band.high_hz - band.low_hz) for band in (BETA, ABOVE))
    return float(beta / above) if above > 0 else math.nan


def _shares(results: Results, population: str) -> Floats:
    field = _field(results, population)
    return amplitude_shares(phase(field, RATE_HZ, PHASE), amplitude(field, RATE_HZ, GAMMA))


def _field(results: Results, population: str) -> Floats:
    return results.lfp(population)[1][DROPPED:]
