"""Measures against other libraries: elephant of the extra `analysis`; specparam and pactools where the extra
`versus` is installed.
"""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from neuromod.analysis.bands import Band, amplitude, phase
from neuromod.analysis.coupling import amplitude_shares, modulation_index
from neuromod.analysis.peaks import background, find_peak
from neuromod.analysis.spectra import welch
from neuromod.analysis.spike_trains import fano_factors, local_cv, spike_counts
from tests.analysis.planted import RATE, coupled, pink, true_index, wandering_phase


def filtered(depth: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A coupled signal, with its phase and amplitude."""
    values = coupled(np.random.default_rng(0), 30, depth=depth, noise=0.1)
    return values, phase(values, RATE, Band(5, 9)), amplitude(values, RATE, Band(30, 90))


@pytest.mark.parametrize("depth", [0.3, 0.6, 0.9])
def test_the_modulation_index_of_equal_phases_and_amplitudes_is_that_of_pactools(depth: float) -> None:
    theirs = pytest.importorskip("pactools.comodulogram")
    _, phases, amplitudes = filtered(depth)
    bins = theirs.N_BINS_TORT
    index = np.floor((phases + np.pi) / (2 * np.pi) * bins).astype(int) % bins
    expected = theirs._one_modulation_index(amplitudes, index, None, "tort", 0, None)
    assert modulation_index(amplitude_shares(phases, amplitudes, bins)) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("depth", [0.3, 0.6, 0.9])
def test_with_its_own_filters_pactools_is_farther_from_the_truth(depth: float) -> None:
    """They take part of the modulation away: 12 to 30 % of the index are missing."""
    pactools = pytest.importorskip("pactools")
    values, phases, amplitudes = filtered(depth)
    wide = {"low_fq_range": [7.0], "high_fq_range": [50.0], "low_fq_width": 4.0, "high_fq_width": 40.0}
    theirs = pactools.Comodulogram(fs=RATE, method="tort", progress_bar=False, **wide)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs.fit(values)
    truth, ours = true_index(depth), modulation_index(amplitude_shares(phases, amplitudes))
    assert abs(ours - truth) < abs(theirs.comod_[0, 0] - truth)
    assert theirs.comod_[0, 0] == pytest.approx(truth, rel=0.35)


@pytest.mark.parametrize(("hertz", "exponent"), [(7.0, 1.0), (41.2, 1.5)])
def test_peak_and_background_are_those_of_specparam(hertz: float, exponent: float) -> None:
    specparam = pytest.importorskip("specparam")
    rng = np.random.default_rng(1)
    values = pink(rng, 60, exponent) + 0.7 * np.cos(wandering_phase(rng, 60, hertz, 1.0))
    spectrum = welch(values, RATE)
    model = specparam.SpectralModel(peak_width_limits=(1, 12), max_n_peaks=3, verbose=False)
    model.fit(spectrum.frequencies_hz, spectrum.power, [2, 200])
    peaks = np.atleast_2d(model.get_params("peak"))
    ours = find_peak(spectrum, Band(0.7 * hertz, 1.4 * hertz))
    assert ours is not None
    assert ours.frequency_hz == pytest.approx(peaks[np.argmax(peaks[:, 1]), 0], abs=0.5)
    assert background(spectrum).exponent == pytest.approx(model.get_params("aperiodic", "exponent"), abs=0.1)


def test_irregularity_and_variability_are_those_of_elephant() -> None:
    statistics = pytest.importorskip("elephant.statistics")
    neo = pytest.importorskip("neo")
    rng = np.random.default_rng(2)
    trains = [np.sort(rng.uniform(0, 10_000, count)) for count in (40, 90, 150)]
    times = np.concatenate(trains)
    ids = np.repeat(np.arange(3), [train.size for train in trains])
    expected = [statistics.cv2(np.diff(train)) for train in trains]
    assert local_cv(times, ids, 3) == pytest.approx(expected, rel=1e-9)
    # Theirs is the variance over mean of the counts of trains; windows of ours are trains of theirs.
    windows = [
        neo.SpikeTrain(part - k * 500, units="ms", t_stop=500)
        for k, part in enumerate(np.split(trains[2], np.searchsorted(trains[2], np.arange(500, 10_000, 500))))
    ]
    counts = spike_counts(times, ids, 3, 0, 10_000, 500)
    biased = statistics.fanofactor(windows)
    assert fano_factors(counts)[2] == pytest.approx(biased * 20 / 19, rel=1e-9)
