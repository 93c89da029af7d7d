"""The overview figure: what is in it, and what the files are."""

import numpy as np
import pytest

from neuromod.analysis.figures import overview, save
from neuromod.errors import ConfigError
from neuromod.store.layout import Signal


def texts(axes):
    return [text.get_text() for text in axes.texts]


def test_the_overview_has_a_panel_for_each_kind_of_data(recording):
    labels = [axes.get_ylabel() for axes in overview(recording).axes]
    assert labels == [
        "",
        "rate (Hz)",
        "LFP proxy (pA)",
        "modulator level\n(tonic: 1)",
        "weight (nS)\nmean, 10-90 %",
    ]


def test_panels_without_data_are_left_out(recording):
    recording.signals = []
    assert len(overview(recording).axes) == 2


def test_populations_of_a_region_stand_together_in_the_order_of_the_network(recording):
    regions = {"PFC_PC": "cortex", "CA1_PC": "hippocampus", "PFC_PV": "cortex"}
    axes = overview(recording, regions=regions).axes[0]
    assert [text for text in texts(axes) if "_" in text] == ["PFC_PC", "PFC_PV", "CA1_PC"]
    lines_between_regions = [line for line in axes.lines if line.get_marker() != "|"]
    assert len(lines_between_regions) == 1


def test_without_regions_the_populations_keep_their_order(recording):
    assert [text for text in texts(overview(recording).axes[0]) if "_" in text] == recording.populations


def test_all_panels_share_the_time_axis_and_only_the_last_names_it(recording):
    axes = overview(recording, window=(100, 300)).axes
    assert {a.get_xlim() for a in axes} == {(100, 300)}
    assert [a.get_xlabel() for a in axes] == [""] * 4 + ["time (ms)"]


def test_long_recordings_are_labelled_in_seconds(recording):
    recording.duration_ms = 5000.0
    figure = overview(recording)
    figure.canvas.draw()
    assert figure.axes[-1].get_xlabel() == "time (s)"
    assert figure.axes[-1].get_xticklabels()[-1].get_text() == "5"


def test_the_raster_shows_at_most_sixty_cells_and_says_so(recording):
    axes = overview(recording, ["PFC_PC"]).axes[0]
    assert "60/100" in texts(axes)
    ticks = axes.lines[0].get_ydata()
    assert np.unique(ticks).size <= 60


def test_the_raster_draws_every_spike_of_the_cells_it_shows(recording):
    axes = overview(recording, ["PFC_PV"]).axes[0]
    assert sorted(axes.lines[0].get_xdata()) == sorted(recording.spikes("PFC_PV")[0])


def test_many_populations_get_a_row_each_with_their_peak(large_recording):
    rates = overview(large_recording).axes[1]
    peak = large_recording.rates("PFC_PC")[1].max()
    assert rates.get_legend() is None
    assert "PFC_PC" in texts(rates)
    assert f"{peak:.3g}" in texts(rates)


def test_an_unknown_population_is_refused_with_the_known_ones(recording):
    with pytest.raises(ConfigError, match="got PFC_XX; recorded are PFC_PC, CA1_PC, PFC_PV"):
        overview(recording, ["PFC_XX"])


@pytest.mark.parametrize("window", [(200, 100), (-1, 100), (0, 500), (100, 100)])
def test_a_window_outside_the_recording_is_refused(recording, window):
    with pytest.raises(ConfigError, match="the recording lasts from 0 to 400 ms"):
        overview(recording, window=window)


def test_a_population_without_spikes_still_has_its_place(recording):
    recording._times["PFC_PV"] = np.array([])
    recording._ids["PFC_PV"] = np.array([], dtype=np.int64)
    assert "PFC_PV" in texts(overview(recording).axes[0])


def test_both_files_are_written_and_equal_figures_give_equal_files(recording, tmp_path):
    first = save(overview(recording), tmp_path / "new" / "one.png")
    second = save(overview(recording), tmp_path / "two.v2")
    assert [path.name for path in first + second] == ["one.png", "one.pdf", "two.v2.png", "two.v2.pdf"]
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]
    assert first[0].read_bytes().startswith(b"\x89PNG")
    assert first[1].read_bytes().startswith(b"%PDF")


def test_a_recorded_rate_stands_at_the_middle_of_its_bin(recording):
    recording.signals.append(Signal("rates", "PFC_PC", "rate", "Hz", "", 100, 1))
    line = overview(recording, ["PFC_PC"]).axes[1].lines[0]
    assert line.get_xdata()[:2].tolist() == [5, 15]
    assert line.get_ydata().tolist() == recording.rates("PFC_PC")[1].tolist()


def test_modulators_that_stay_constant_are_counted_and_not_drawn(recording):
    recording.signals.append(Signal("modulators", "serotonin_PFC", "level", "1", "", 100, 1))
    changing = recording.modulator
    recording.modulator = lambda name: (
        changing(name) if name == "dopamine_PFC" else (np.arange(0.0, 400, 10), np.ones(40))
    )
    axes = overview(recording).axes[3]
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["dopamine PFC"]
    assert axes.get_title(loc="right") == "1 constant, not shown"
