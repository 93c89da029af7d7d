"""The trials of a task, in a figure and in a table."""

from __future__ import annotations

import numpy as np
import pytest

from neuromod.analysis.behaviour_figure import WINDOW, behaviour_figure, running_mean
from neuromod.report.behaviour import HEADS, behaviour_table


def log(choice: list[int], block: list[int]) -> dict[str, np.ndarray]:
    """Trials in which action 1 is correct and pays."""
    chosen = np.array(choice)
    return {
        "trial": np.arange(len(choice)),
        "block": np.array(block),
        "correct": np.ones(len(choice), int),
        "choice": chosen,
        "outcome": (chosen == 1).astype(float),
        "latency": np.where(chosen < 0, np.nan, 100.0 + 10 * chosen),
        "value": np.full(len(choice), 0.5),
        "prediction_error": np.where(chosen == 1, 0.5, -0.25),
    }


def test_the_table_has_a_row_for_each_stretch_of_a_block() -> None:
    table = behaviour_table(log([1, 1, 0, -1, 1, 0], [0, 0, 0, 0, 1, 1]))
    rows = [dict(zip(HEADS, row, strict=True)) for row in table.rows]
    assert [row["trials"] for row in rows] == ["0 to 1", "2 to 2", "3 to 3", "4 to 4", "5 to 5"]
    assert [row["block"] for row in rows] == ["0", "0", "0", "1", "1"]
    assert [row["correct"] for row in rows] == ["100%", "0%", "0%", "100%", "0%"]
    assert [row["omissions"] for row in rows] == ["0", "0", "1", "0", "0"]
    assert [row["median latency (ms)"] for row in rows] == ["110", "100", "", "110", "100"]
    assert [row["mean |error|"] for row in rows] == ["0.50", "0.25", "0.25", "0.50", "0.25"]


def test_without_actions_only_outcomes_are_in_the_table() -> None:
    [row] = behaviour_table(log([-1], [0])).rows
    assert row == ("0 to 0", "0", "", "0.00", "", "", "0.25")


def test_a_running_mean_covers_the_trials_before() -> None:
    values = np.arange(30.0)
    expected = [values[max(0, k + 1 - WINDOW) : k + 1].mean() for k in range(30)]
    assert running_mean(values) == pytest.approx(expected)


def test_the_figure_shows_every_trial_where_it_belongs() -> None:
    figure = behaviour_figure(log([1, 0, 1, -1], [0, 0, 0, 0]))
    assert figure is not None
    choices, shares, critic = figure.axes
    drawn = {line.get_label(): line for line in choices.lines}
    assert drawn["chosen, paid"].get_xdata().tolist() == [0, 2]
    assert drawn["chosen, not paid"].get_ydata().tolist() == [0, -1]
    assert [label.get_text() for label in choices.get_yticklabels()] == ["none", "0", "1"]
    assert shares.lines[0].get_ydata() == pytest.approx([1, 1 / 2, 2 / 3, 1 / 2])
    assert critic.get_xlabel() == "trial"


def test_a_task_without_actions_has_no_choices_to_show() -> None:
    figure = behaviour_figure(log([-1, -1], [0, 0]))
    assert figure is not None
    assert len(figure.axes) == 1


def test_before_the_first_trial_has_ended_there_is_no_figure() -> None:
    assert behaviour_figure(log([], [])) is None
