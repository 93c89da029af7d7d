"""What is shown around events: which of them, how much around, and what changes with them."""

import numpy as np
import pytest

from neuromod.analysis.event_figure import event_figure, in_bands, surroundings
from neuromod.analysis.modulator_figure import modulator_figure
from neuromod.analysis.target_figure import rates_figure
from neuromod.analysis.targets import PopulationRate


@pytest.mark.parametrize(
    ("onsets", "expected"),
    [
        ([5000.0], ([5000.0], 1000.0, 2000.0)),
        ([700.0], ([700.0], 700.0, 2000.0)),
        ([9000.0], ([9000.0], 1000.0, 1000.0)),
        ([3000.0, 4600.0, 9900.0], ([3000.0, 4600.0], 800.0, 800.0)),
        ([3000.0, 3000.0, 3100.0], ([3000.0, 3100.0], 500.0, 500.0)),
    ],
)
def test_events_too_near_the_ends_are_left_out_and_the_others_have_equal_surroundings(onsets, expected):
    found = surroundings(onsets, 10_000.0)
    assert (found.onsets.tolist(), found.before, found.after) == expected


def test_without_an_event_inside_there_is_no_figure(recording):
    assert surroundings([100.0, 9_900.0], 10_000.0) is None
    assert event_figure(recording, "cue", [200.0]) is None


def test_bands_are_a_quarter_octave_wide_or_one_frequency():
    frequencies = np.arange(0, 201, 2.0)
    power = np.tile(frequencies[:, None], 3)
    edges, _, means = in_bands(frequencies, np.arange(3.0), power)
    assert edges[0] == 1
    assert edges[-1] == 101
    assert np.all(np.diff(edges) >= 2)
    # A band has all frequencies within a ratio of 2^(1/4) from its first, and half a step on both sides.
    first = edges[:-1] + 1
    assert np.all(np.diff(edges) <= first * (2**0.25 - 1) + 2)
    # The mean of frequencies that lie evenly between two edges is in the middle.
    assert means[:, 0] == pytest.approx((edges[1:] + edges[:-1]) / 2)


class Cued:
    """10 s at 1 kHz: at 3, 5 and 7 s cells of A begin to fire for 0.5 s, and 40 Hz joins the field."""

    populations = ("B", "A")
    duration_ms = 10_000.0

    def __init__(self, signals):
        self.signals = signals
        rng = np.random.default_rng(0)
        time = np.arange(10_000)
        self.on = np.isin(time // 500, [6, 10, 14])
        self.field = rng.normal(size=10_000) + 5 * self.on * np.cos(2 * np.pi * 0.04 * time)
        chance = {"A": np.where(self.on, 0.05, 0.005), "B": np.full(10_000, 0.005)}
        self.trains = {name: np.nonzero(rng.random((10_000, 20)) < p[:, None]) for name, p in chance.items()}

    def size(self, population):
        return 20

    def spikes(self, population):
        times, ids = self.trains[population]
        return times.astype(float), ids

    def lfp(self, population):
        return np.arange(10_000.0), self.field


def test_the_population_that_follows_the_event_comes_first_and_power_rises_where_it_was_planted(recording):
    lfp = recording.signals[0]
    figure = event_figure(Cued([lfp]), "cue", [3000.0, 5000.0, 7000.0])
    rates, _, power = figure.axes[:3]
    assert [text.get_text() for text in rates.get_legend().get_texts()] == ["A", "B"]
    assert rates.get_title(loc="left") == "cue, mean of 3 events"
    mesh = power.collections[0]
    frequencies = mesh.get_coordinates()[:, 0, 1]
    lags = mesh.get_coordinates()[0, :, 0]
    change = np.asarray(mesh.get_array()).reshape(frequencies.size - 1, lags.size - 1)
    row, column = np.unravel_index(change.argmax(), change.shape)
    assert frequencies[row] <= 40 <= frequencies[row + 1]
    assert 0 < lags[column] < 500


def test_levels_that_do_not_move_have_no_figure(recording):
    assert [axes.get_ylabel() for axes in modulator_figure(recording).axes] == ["dopamine\nlevel (tonic: 1)"]
    recording.modulator = lambda name: (np.arange(0, 400, 10.0), np.ones(40))
    assert modulator_figure(recording) is None


def test_rates_are_points_and_targets_bars():
    rates = [PopulationRate("A", 3.0, (1.0, 5.0)), PopulationRate("B", 0.0, None)]
    figure = rates_figure(rates, [(2.0, 4.0), (float("nan"), float("nan"))])
    (axes,) = figure.axes
    (target,) = axes.patches
    assert (target.get_x(), target.get_width()) == (1.0, 4.0)
    assert [line.get_xdata().tolist() for line in axes.lines if line.get_marker() != "None"] == [[3.0], [0.1]]
