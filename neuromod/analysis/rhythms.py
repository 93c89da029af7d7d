"""The rhythms of a run: what `neuromod analyse` computes, from the recorded fields and spikes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np

from neuromod.analysis.bands import Band, Floats, amplitude, phase
from neuromod.analysis.coherence import Coherence, coherence, phase_locking_value, shuffled_coherence
from neuromod.analysis.coupling import SURROGATES, Comodulogram, Coupling, comodulogram, couple
from neuromod.analysis.locking import Locking, lock, phases_at, shuffled_consistency
from neuromod.analysis.peaks import Background, Peak, background, find_peak, fundamental
from neuromod.analysis.recorded import Recorded, owners
from neuromod.analysis.spectra import Spectrum, band_power, welch
from neuromod.analysis.spike_trains import (
    fano_factors,
    interval_cv,
    local_cv,
    mean_count_correlation,
    spike_counts,
)
from neuromod.errors import ConfigError

BANDS: Mapping[str, Band] = {
    "delta": Band(1, 4),
    "theta": Band(4, 12),
    "beta": Band(12, 30),
    "low_gamma": Band(30, 60),
    "high_gamma": Band(60, 100),
}
THETA, PHASE, GAMMA = Band(4, 12), Band(5, 9), Band(30, 90)
LEAST_COUPLING_S = 10.0
"""Shorter recordings have no modulation index (Tort 2010)."""
LEAST_S = 4.0
COUNT_MS = 100.0
"""Windows of counts for Fano factors and correlations."""
MAX_CORRELATED = 500
"""Neurons of a population, evenly spread, whose counts are correlated."""
TRIAL_S = 1.0
"""Pieces of the recording that are paired anew to see what of a locking is a steady common rhythm."""
COMODULOGRAM_SURROGATES = 200
PHASE_HZ = tuple(range(2, 15))
AMPLITUDE_HZ = tuple(range(30, 121, 10))


@dataclass(frozen=True)
class Settings:
    """Bands of power; where peaks of theta and gamma are sought; which phase is coupled with the amplitude of
    gamma; the part of the run in s; surrogates and their seed.

    Raises:
        ConfigError: fewer than 200 surrogates.
    """

    bands: Mapping[str, Band] = field(default_factory=lambda: dict(BANDS))
    theta: Band = THETA
    phase: Band = PHASE
    gamma: Band = GAMMA
    start_s: float = 1.0
    stop_s: float | None = None
    surrogates: int = SURROGATES
    seed: int = 0

    def __post_init__(self) -> None:
        if self.surrogates < SURROGATES:
            raise ConfigError(f"surrogates: got {self.surrogates}, need {SURROGATES} or more")


@dataclass(frozen=True)
class FieldRhythms:
    """A recorded field: values (n,) in pA, power of the bands in pA^2, peaks, and its coupling, or in
    `refused` why it has none.
    """

    population: str
    region: str
    times_ms: Floats
    values: Floats
    rate_hz: float
    spectrum: Spectrum
    aperiodic: Background
    power: Mapping[str, float]
    theta: Peak | None
    gamma: Peak | None
    coupling: Coupling | None
    refused: str
    comodulogram: Comodulogram | None


@dataclass(frozen=True)
class PairCoherence:
    """Two fields: coherence, its mean where windows are paired anew, and where the coherence in the theta
    band is largest; phase-locking value in the phase band.
    """

    first: str
    second: str
    coherence: Coherence
    shuffled: Floats
    top: int
    locking_value: float


@dataclass(frozen=True)
class PopulationSpikes:
    """Spikes of a population; NaN where there are too few. `rate_hz`: mean over neurons; the others: means
    over the neurons that have them, `correlation` over pairs.
    """

    population: str
    region: str
    size: int
    rate_hz: float
    cv: float
    cv2: float
    fano: float
    correlation: float


@dataclass(frozen=True)
class PopulationLocking:
    """Spikes of a population and the theta phase of a field; `shuffled`: consistency with other seconds of
    it.
    """

    population: str
    field: str
    locking: Locking
    phases: Floats
    shuffled: float


@dataclass(frozen=True)
class Rhythms:
    """Everything computed of a run, in the part from `start_ms` to `stop_ms`."""

    settings: Settings
    start_ms: float
    stop_ms: float
    fields: tuple[FieldRhythms, ...]
    pairs: tuple[PairCoherence, ...]
    spikes: tuple[PopulationSpikes, ...]
    locked: tuple[PopulationLocking, ...]


def rhythms(results: Recorded, settings: Settings, regions: Mapping[str, str] | None = None) -> Rhythms:
    """Compute the rhythms of a run; `regions` maps populations to their regions.

    Raises:
        ConfigError: the part of the run is not within it or too short, nothing of it was recorded, or a band
        does not fit the sampling of a field.
    """
    start, stop = _part(results, settings)
    where = dict(regions or {})
    names = owners(results, "lfp")
    if not names and not results.populations:
        raise ConfigError(
            "record: the run has neither spikes nor a field; `record: lfp` in the config adds one"
        )
    fields = tuple(_field(results, name, where.get(name, ""), settings, start, stop) for name in names)
    pairs = tuple(_pair(one, other, settings) for one, other in combinations(fields, 2) if _alike(one, other))
    spikes = tuple(_spikes(results, name, where.get(name, ""), start, stop) for name in results.populations)
    locked = tuple(_locked(results, fields, where, settings))
    return Rhythms(settings, start, stop, fields, pairs, spikes, locked)


def _part(results: Recorded, settings: Settings) -> tuple[float, float]:
    start = settings.start_s * 1e3
    stop = results.duration_ms if settings.stop_s is None else settings.stop_s * 1e3
    if not 0 <= start <= stop - LEAST_S * 1e3 or stop > results.duration_ms:
        raise ConfigError(
            f"window: got {start / 1e3:g} to {stop / 1e3:g} s of a run of {results.duration_ms / 1e3:g} s,"
            f" need {LEAST_S:g} s or more within it"
        )
    return start, stop


def _field(
    results: Recorded, name: str, region: str, settings: Settings, start: float, stop: float
) -> FieldRhythms:
    try:
        return _rhythms_of(results, name, region, settings, start, stop)
    except ConfigError:
        raise
    except ValueError as error:
        raise ConfigError(f"lfp/{name}: {error}") from error


def _rhythms_of(
    results: Recorded, name: str, region: str, settings: Settings, start: float, stop: float
) -> FieldRhythms:
    begins, values = results.lfp(name)
    inside = (begins >= start) & (begins < stop)
    begins, values = begins[inside], values[inside]
    bin_ms = (begins[-1] - begins[0]) / (begins.size - 1) if begins.size > 1 else np.inf
    rate = 1e3 / bin_ms
    highest = max(band.high_hz for band in (*settings.bands.values(), settings.theta, settings.gamma))
    if highest >= rate / 2:
        raise ConfigError(
            f"band: got up to {highest:g} Hz, the field of {name} has {rate:g} samples per s, allowed is less"
            f" than {rate / 2:g} Hz"
        )
    if not np.ptp(values):
        raise ConfigError(f"lfp/{name}: got a field that never changes, need one with some activity")
    spectrum = welch(values, rate)
    aperiodic = background(spectrum)
    power = {band: band_power(spectrum, limits) for band, limits in settings.bands.items()}
    theta, gamma = (find_peak(spectrum, band, aperiodic) for band in (settings.theta, settings.gamma))
    slower = fundamental(spectrum, gamma, aperiodic) if gamma else None
    refused = refusal(theta, gamma, values.size / rate, settings, slower)
    rng = np.random.default_rng([settings.seed, *name.encode()])
    coupling = None if refused else _coupling(values, rate, settings, rng)
    map_of = None if values.size < 5 * rate else _map(values, rate, rng)
    middles = begins + bin_ms / 2
    return FieldRhythms(
        name,
        region,
        middles,
        values,
        rate,
        spectrum,
        aperiodic,
        power,
        theta,
        gamma,
        coupling,
        refused,
        map_of,
    )


def refusal(
    theta: Peak | None, gamma: Peak | None, seconds: float, settings: Settings, slower: Peak | None = None
) -> str:
    """Why a modulation index would mean nothing; empty where it means something. `slower`: the rhythm of
    which gamma is a harmonic.
    """
    if seconds < LEAST_COUPLING_S * (1 - 1e-9):
        return f"{seconds:.3g} s recorded, {LEAST_COUPLING_S:g} s needed"
    if theta is None:
        return f"no theta peak above the background in {settings.theta}"
    if not settings.phase.holds(theta.frequency_hz):
        return f"theta peak at {theta.frequency_hz:.1f} Hz, outside the phase band {settings.phase}"
    if gamma is None:
        return f"no gamma peak above the background in {settings.gamma}"
    if slower:
        return f"gamma peak at {gamma.frequency_hz:.1f} Hz, a harmonic of {slower.frequency_hz:.1f} Hz"
    return ""


def _coupling(values: Floats, rate: float, settings: Settings, rng: np.random.Generator) -> Coupling:
    phases, amplitudes = phase(values, rate, settings.phase), amplitude(values, rate, settings.gamma)
    return couple(phases, amplitudes, rate, rng, settings.surrogates)


def _map(values: Floats, rate: float, rng: np.random.Generator) -> Comodulogram:
    fast = [f for f in AMPLITUDE_HZ if f + 15 < rate / 2]
    return comodulogram(values, rate, rng, PHASE_HZ, fast, COMODULOGRAM_SURROGATES)


def _alike(one: FieldRhythms, other: FieldRhythms) -> bool:
    return np.array_equal(one.times_ms, other.times_ms)


def _pair(one: FieldRhythms, other: FieldRhythms, settings: Settings) -> PairCoherence:
    found = coherence(one.values, other.values, one.rate_hz)
    rng = np.random.default_rng([settings.seed, *f"{one.population}/{other.population}".encode()])
    draws = settings.surrogates
    shuffled = shuffled_coherence(one.values, other.values, one.rate_hz, rng, draws)[1].mean(axis=0)
    inside = np.flatnonzero(settings.theta.holds(found.frequencies_hz))
    top = int(inside[np.argmax(found.squared[inside])])
    value = phase_locking_value(one.values, other.values, one.rate_hz, settings.phase)
    return PairCoherence(one.population, other.population, found, shuffled, top, value)


def _within(results: Recorded, name: str, start: float, stop: float) -> tuple[Floats, np.ndarray]:
    times, ids = results.spikes(name)
    inside = (times >= start) & (times < stop)
    return times[inside], ids[inside]


def _spikes(results: Recorded, name: str, region: str, start: float, stop: float) -> PopulationSpikes:
    times, ids = _within(results, name, start, stop)
    size = results.size(name)
    counts = spike_counts(times, ids, size, start, stop, COUNT_MS)
    some = counts[np.unique(np.linspace(0, size - 1, min(size, MAX_CORRELATED)).round().astype(int))]
    return PopulationSpikes(
        name,
        region,
        size,
        times.size / size / (stop - start) * 1e3,
        _mean(interval_cv(times, ids, size)),
        _mean(local_cv(times, ids, size)),
        _mean(fano_factors(counts)),
        mean_count_correlation(some),
    )


def _mean(values: Floats) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if known.size else float("nan")


def _locked(
    results: Recorded, fields: tuple[FieldRhythms, ...], where: Mapping[str, str], settings: Settings
) -> list[PopulationLocking]:
    """Every population with a field of its region that has theta, or else with the first that has."""
    rhythmic = [one for one in fields if one.theta and settings.phase.holds(one.theta.frequency_hz)]
    found = []
    for name in results.populations if rhythmic else ():
        region = where.get(name, "")
        near = next((one for one in rhythmic if region and one.region == region), rhythmic[0])
        found.append(_lock(results, name, near, settings))
    return found


def _lock(results: Recorded, name: str, near: FieldRhythms, settings: Settings) -> PopulationLocking:
    phases = phase(near.values, near.rate_hz, settings.phase)
    first, last = near.times_ms[0], near.times_ms[-1]
    times, _ = _within(results, name, first, last)
    at = phases_at(times, phases, first, near.rate_hz)
    length = round(TRIAL_S * near.rate_hz)
    trials = phases[: phases.size // length * length].reshape(-1, length)
    sample = np.rint((times - first) * 1e-3 * near.rate_hz).astype(np.int64)
    spikes = [sample[sample // length == k] % length for k in range(len(trials))]
    rng = np.random.default_rng([settings.seed, *name.encode()])
    shuffled = _mean(shuffled_consistency(trials, spikes, rng, settings.surrogates))
    return PopulationLocking(name, near.population, lock(at), at, shuffled)
