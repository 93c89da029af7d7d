"""The figure of what was learned: which data its artists hold, and what it leaves out."""

import dataclasses

import numpy as np
import pytest

from neuromod.analysis.distributions import Distribution, limits
from neuromod.analysis.figures import save
from neuromod.analysis.learning import followed, learning, plastic_weights
from neuromod.errors import ConfigError
from neuromod.store.layout import Signal


def panels(figure):
    """Axes by the label of their ordinate; those of a second projection overwrite none of the first."""
    found = {}
    for axes in figure.axes:
        found.setdefault(axes.get_ylabel().replace("\n", " "), axes)
    return found


def named(axes):
    return {line.get_label(): line.get_ydata() for line in axes.lines if not line.get_label().startswith("_")}


def test_without_weights_that_learn_there_is_no_figure(learned, recording):
    assert learning(recording) is None
    learned.signals = [s for s in learned.signals if s.bounds is None]
    assert learning(learned) is None


def test_weights_that_no_rule_changes_are_left_out(learned):
    assert [signal.owner for signal in plastic_weights(learned)] == ["a->b", "b->a"]


def test_a_projection_without_synapses_is_left_out(learned):
    learned.signals = [dataclasses.replace(s, columns=0, ids=()) for s in learned.signals]
    assert learning(learned) is None


def test_histograms_count_every_synapse_at_the_first_and_at_the_last_moment(learned):
    first, last = learning(learned).axes[0].patches
    weights = learned.weights("a->b")[1]
    for patch, row in ((first, 0), (last, -1)):
        counts, edges, _ = patch.get_data()
        assert counts.tolist() == np.histogram(weights[row], edges)[0].tolist()
        assert counts.sum() == 5


def test_bounds_are_drawn_where_the_weights_fill_them_and_always_written(learned):
    filled, narrow = learning(learned).axes[:2]
    assert [line.get_xdata()[0] for line in filled.lines] == [0.0, 2.0]
    assert filled.get_title() == "a->b\nbounds 0 and 2 nS"
    assert narrow.lines[:] == []
    assert narrow.get_title() == "b->a\nbounds 0 and 50 nS"


def test_a_bar_of_equal_weights_is_cut_and_its_number_written(learned):
    axes = learning(learned).axes[1]
    last = axes.patches[1].get_data()[0]
    assert axes.get_ylim() == (0, 1.25 * last.max())
    assert [text.get_text().strip() for text in axes.texts] == ["40"]


def test_the_legend_names_the_moments(learned):
    legend = learning(learned).axes[1].get_legend()
    assert [text.get_text() for text in legend.get_texts()] == ["at 0 ms", "at 390 ms"]


def test_those_that_change_most_least_and_as_the_median_are_followed(learned):
    weight = named(panels(learning(learned))["weight (nS)"])
    assert list(weight) == ["synapse 7: +1 nS", "synapse 4: +0.1 nS", "synapse 3: -0.2 nS"]
    for values, column in zip(weight.values(), (3, 2, 1), strict=True):
        assert values.tolist() == learned.values["weight"][:, column].tolist()


def test_what_rules_keep_is_drawn_of_the_same_synapses_in_the_same_colours(learned):
    found = panels(learning(learned))
    weight, kept, state = (found[label] for label in ("weight (nS)", "eligibility c (nS)", "state z"))
    for axes, name in ((kept, "c"), (state, "z")):
        lines = axes.lines[:3]
        assert [line.get_color() for line in lines] == [line.get_color() for line in weight.lines[:3]]
        assert [line.get_ydata().tolist() for line in lines] == [
            learned.values[name][:, column].tolist() for column in (3, 2, 1)
        ]
    assert kept.get_legend() is not None
    assert weight.get_legend() is state.get_legend() is None
    assert kept.get_title(loc="right") == "a->b"


@pytest.mark.parametrize(("change", "columns"), [([2.0], [0]), ([1.0, 3.0], [1, 0]), ([0.0] * 4, [3, 2, 0])])
def test_few_or_equal_synapses_are_followed_once_each(change, columns):
    assert followed(np.array(change)) == columns


def test_levels_and_drives_stand_below(learned):
    found = panels(learning(learned))
    level, drive = found["modulator level (tonic: 1)"], found["receptor drive (tonic: 0)"]
    assert named(level)["dopamine PFC"].tolist() == learned.modulator("dopamine_PFC")[1].tolist()
    assert list(named(drive)) == ["D1 PFC"]
    assert named(drive)["D1 PFC"].tolist() == learned.drive("dopamine_PFC", "D1")[1].tolist()
    assert drive.get_title(loc="right") == "1 that change less, not shown"
    assert list(found.values())[-2:] == [level, drive]


def test_of_many_drives_those_that_change_most_are_shown(learned):
    size = {f"R{k}": 0.1 * k for k in range(1, 10)}
    learned.signals += [Signal("modulators", "dopamine_PFC", f"rho_{k}", "1", "", 100, 1) for k in size]
    scale = {**size, "D1": 1.0, "D2": 0.0}
    learned.drive = lambda name, receptor: (learned.times, scale[receptor] * np.sin(learned.times))
    drive = panels(learning(learned))["receptor drive (tonic: 0)"]
    assert list(named(drive)) == ["D1 PFC", *(f"R{k} PFC" for k in range(5, 10))]


def test_what_was_not_recorded_is_not_drawn(learned):
    learned.signals = [s for s in learned.signals if s.owner == "b->a"]
    figure = learning(learned)
    assert [axes.get_ylabel() for axes in figure.axes] == ["synapses", "weight\n(nS)"]


def test_a_window_limits_moments_and_times(learned):
    figure = learning(learned, (100, 305))
    legend = figure.axes[1].get_legend()
    assert [text.get_text() for text in legend.get_texts()] == ["at 100 ms", "at 300 ms"]
    assert figure.axes[-1].get_xlim() == (100, 305)
    assert panels(figure)["weight (nS)"].lines[0].get_xdata()[[0, -1]].tolist() == [100, 300]


def test_a_window_without_a_sample_of_the_weights_has_no_figure(learned):
    assert learning(learned, (101, 105)) is None


def test_a_window_outside_the_recording_is_refused(learned):
    with pytest.raises(ConfigError, match="the recording lasts from 0 to 400 ms"):
        learning(learned, (0, 500))


def test_many_projections_fill_rows_and_the_rest_is_counted(learned):
    one = learned.signals[-2]
    learned.signals = [dataclasses.replace(one, owner=f"p{k}->a") for k in range(14)]
    figure = learning(learned)
    histograms = [axes for axes in figure.axes if axes.get_title()]
    assert [axes.get_title().partition("\n")[0] for axes in histograms] == [f"p{k}->a" for k in range(12)]
    assert histograms[3].get_legend().get_title().get_text() == "2 more\nprojections"
    assert len(figure.axes) == 12 + 3


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        ([0.5], [1.0], (0.0, 2.0)),
        ([0.50], [0.55], (0.50, 0.55)),
        ([0.5], [0.5], (0.3, 0.7)),
        ([2.5], [0.5], (0.0, 2.5)),
    ],
)
def test_a_histogram_spans_the_bounds_or_the_weights(first, last, expected):
    weights = Distribution("p", "nS", (0.0, 2.0), np.array(first), np.array(last))
    assert limits(weights) == pytest.approx(expected)


def test_equal_figures_give_equal_files(learned, tmp_path):
    one, two = (save(learning(learned), tmp_path / name) for name in ("one", "two"))
    assert [path.read_bytes() for path in one] == [path.read_bytes() for path in two]
