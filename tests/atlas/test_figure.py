"""What the figure, the page and the numbers of a claim show, from numbers that are made up."""

import numpy as np
import pytest

from neuromod.atlas.claim import Test, load_claim
from neuromod.atlas.figure import ONE_COLUMN, claim_figure
from neuromod.atlas.page import lines_of
from neuromod.atlas.record import as_data
from neuromod.atlas.verdict import Row, corrected, judge
from tests.atlas.conftest import CLAIM

LEVELS = {"none": 0, "tonic": 1, "high": 3}
VALUES = {arm: 1 + level + np.linspace(0, 0.1, 12) for arm, level in LEVELS.items()}
FIELDS = {"says": "x", "measure": "mean_rate", "arm": "high", "against": "none", "expect": "more"}
SLOPE = Test(**FIELDS, change="slope", doses=LEVELS, band=(0, 4), evidence="D")
DIFFERENCE = Test(**FIELDS, band=(0, 4), evidence="D")


@pytest.fixture
def row_of(written):
    def made(*tests):
        outcomes = {f"test_{k}": judge(test, VALUES) for k, test in enumerate(tests)}
        return corrected([Row(load_claim(written(CLAIM)).claim, tuple(range(12)), outcomes)])[0]

    return made


def test_a_slope_is_drawn_over_levels_with_nothing_at_0_and_the_tonic_level_in_the_middle(row_of):
    levels = claim_figure(row_of(SLOPE)).axes[0]
    assert levels.get_xticks().tolist() == [0, 0.5, 0.75]
    assert [label.get_text() for label in levels.get_xticklabels()] == ["0", "1", "3"]
    assert "none to high, regression p" in levels.get_xlabel()
    medians = levels.lines[-1].get_ydata()
    assert medians.tolist() == pytest.approx([1.05, 2.05, 4.05])


@pytest.mark.parametrize("tests", [1, ONE_COLUMN, ONE_COLUMN + 1])
def test_every_test_has_its_two_panels_and_no_panel_is_empty(row_of, tests):
    figure = claim_figure(row_of(*[DIFFERENCE] * tests))
    assert len(figure.axes) == 2 * tests
    assert all(axes.lines for axes in figure.axes)
    titles = [axes.get_title(loc="left") for axes in figure.axes[::2]]
    assert titles == [f"test {k}" for k in range(tests)]


def test_table_and_numbers_say_the_p_of_a_regression_where_there_is_one(row_of):
    row = row_of(SLOPE, DIFFERENCE)
    slope, difference = list(lines_of(row))[1:]
    assert slope[7] == "0 to 4; regression p 3e-16"
    assert difference[7] == "0 to 4"
    written = as_data([row])["rows"]["A99"]["tests"]
    assert 0 < written["test_0"]["p_regression"] < 1e-6
    assert written["test_1"]["p_regression"] is None
