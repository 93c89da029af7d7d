"""What is printed, and where."""

import json
import subprocess
import sys

import pytest

from neuromod.cli.output import Output, columns, counted, fields, printable


def test_a_result_is_text_or_json_on_stdout(capsys):
    Output().result({"n": 1}, "one")
    Output(as_json=True).result({"n": 1, "name": "µ"}, "one")
    text, data = capsys.readouterr().out.split("\n", 1)
    assert text == "one"
    assert json.loads(data) == {"n": 1, "name": "µ"}


def test_quiet_prints_neither_results_nor_remarks(capsys):
    output = Output(quiet=True, verbose=True)
    output.result({}, "result")
    output.remark("remark")
    output.detail("detail")
    assert capsys.readouterr() == ("", "")


def test_remarks_go_to_stderr_and_details_need_verbose(capsys):
    Output().remark("remark")
    Output().detail("hidden")
    Output(verbose=True).detail("detail")
    assert capsys.readouterr() == ("", "remark\ndetail\n")


@pytest.mark.parametrize("text", ["\x1b[2Jhello", "a\rb", "bell\x07", "\u202eright to left", "tab\there"])
def test_text_from_a_file_cannot_drive_the_terminal(text):
    assert printable(text).isprintable()


def test_ordinary_text_is_printed_as_it_is():
    assert printable("gain µ = 0.5 °C, 神経") == "gain µ = 0.5 °C, 神経"


def test_a_reader_that_leaves_is_no_error():
    code = "import sys; from neuromod.cli.output import write\n"
    code += "for _ in range(3): write('x' * 200_000)\nsys.exit(7)"
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        process.stdout.close()
        assert process.stderr.read() == ""
        assert process.wait() == 7


def test_columns_are_aligned_without_trailing_spaces():
    assert columns([["a", "long", "x"], ["bbb", "c", ""]]) == "a    long  x\nbbb  c"
    assert columns([["a", "b"]], indent="  ") == "  a  b"
    assert columns([]) == ""


def test_fields_are_one_line_each():
    assert fields({"seed": 1, "duration": "2 s"}) == "seed:      1\nduration:  2 s"


@pytest.mark.parametrize(("number", "text"), [(1, "1 neuron"), (0, "0 neurons"), (12345.0, "12,345 neurons")])
def test_counted_numbers_have_their_noun(number, text):
    assert counted(number, "neuron") == text
