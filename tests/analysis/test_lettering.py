"""Text from files in figures: drawn as it stands, whatever it contains."""

import pytest
from matplotlib.figure import Figure

from neuromod.analysis.figures import save
from neuromod.analysis.lettering import file_name, readable, tame


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("CA1_PYR", "CA1_PYR"),
        ("µ->β ²", "µ->β ²"),
        ("脳🧠", "??"),
        ("a\x1b[2J\u202eb", "a?[2J?b"),
        ("two\nlines", "two\nlines"),
        ("x" * 60, "x" * 47 + "…"),
    ],
)
def test_what_the_font_cannot_show_is_a_question_mark_and_long_lines_are_cut(text, shown):
    assert readable(text) == shown


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("rhythms_CA1", "rhythms_CA1"),
        ("../../etc/x", "_.._etc_x"),
        ("", "_"),
        (".hidden", "hidden"),
        ("a b", "a_b"),
    ],
)
def test_names_of_files_stay_in_their_folder(text, name):
    assert file_name(text) == name
    assert len(file_name("x" * 999)) < 60


def test_dollars_are_no_mathematics(tmp_path):
    figure = Figure(figsize=(2, 2))
    axes = figure.subplots()
    axes.plot([0, 1], label="$\\frac{1}{0$")
    axes.set_title("${x_{")
    axes.legend()
    tame(figure)
    assert axes.get_title() == "${x_{"
    assert all(path.stat().st_size for path in save(figure, tmp_path / "figure"))
