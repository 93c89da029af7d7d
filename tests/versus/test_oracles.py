"""Peaks against specparam, the modulation index against pactools (`pip install "neuromod-sim[versus]"`)."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from neuromod.analysis.bands import Band, amplitude, phase
from neuromod.analysis.coupling import amplitude_shares, modulation_index
from neuromod.analysis.peaks import background, find_peak
from neuromod.analysis.spectra import welch
from tests.analysis.planted import RATE, coupled, pink, wandering_phase


@pytest.mark.parametrize("depth", [0.3, 0.6, 0.9])
def test_the_modulation_index_is_that_of_pactools(depth: float) -> None:
    """Other filters, the same measure: their index is the Kullback-Leibler distance over log N, as ours."""
    pactools = pytest.importorskip("pactools")
    values = coupled(np.random.default_rng(0), 30, depth=depth, noise=0.1)
    theirs = pactools.Comodulogram(
        fs=RATE,
        low_fq_range=[7.0],
        high_fq_range=[50.0],
        low_fq_width=4.0,
        high_fq_width=40.0,
        method="tort",
        progress_bar=False,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs.fit(values)
    shares = amplitude_shares(phase(values, RATE, Band(5, 9)), amplitude(values, RATE, Band(30, 90)))
    assert modulation_index(shares) == pytest.approx(theirs.comod_[0, 0], rel=0.1)


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
