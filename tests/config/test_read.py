"""Reading YAML: what a scalar means, where a value stands, and what is refused."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from neuromod.config.read import MAX_BYTES, MAX_DEPTH, MAX_PROBLEMS, MAX_SCALAR, parse_tree, read_tree
from neuromod.errors import ConfigError, Place, Problem

EXAMPLE = """\
name: demo
populations:
  CA1:
    size: 100
    tags: [a, b]
  PV: {size: 20}
"""


def problems_of(text: str) -> tuple[Problem, ...]:
    with pytest.raises(ConfigError) as caught:
        parse_tree(text, "f.yaml")
    for problem in caught.value.problems:
        assert problem.message
        assert "\n" not in str(problem)
    return caught.value.problems


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None),
        ("~", None),
        ("null", None),
        ("true", True),
        ("false", False),
        *[(word, word) for word in ("yes", "no", "on", "off", "True", "FALSE", "Null", "nan", "inf", "y")],
        ("0", 0),
        ("-12", -12),
        ("+7", 7),
        ("010", 10),
        ("9223372036854775807", 2**63 - 1),
        ("1.5", 1.5),
        (".5", 0.5),
        ("5.", 5.0),
        ("1e-3", 1e-3),
        ("-2E+3", -2000.0),
        ("10 ms", "10 ms"),
        ("10 %", "10 %"),
        ("0x10", "0x10"),
        ("1_000", "1_000"),
        ("12:30:00", "12:30:00"),
        ("2001-01-01", "2001-01-01"),
        ("1.2.3", "1.2.3"),
        ("CA1->PV", "CA1->PV"),
        ("'10'", "10"),
        ('"true"', "true"),
        ("''", ""),
        ("'a\u00e9\U0001f600'", "a\u00e9\U0001f600"),
        ('"tab\\tend"', "tab\tend"),
        (">-\n    two\n    lines", "two lines"),
        ("|\n    two\n    lines\n", "two\nlines\n"),
        ("[]", []),
        ("{}", {}),
        ("[1, [2, x], {k: ~}]", [1, [2, "x"], {"k": None}]),
    ],
)
def test_a_value_means_this(text: str, value: object) -> None:
    read = parse_tree(f"a: {text}\n", "f.yaml").plain()
    assert read == {"a": value}
    assert isinstance(read, dict)
    assert type(read["a"]) is type(value)


@pytest.mark.parametrize(
    "key", ["a", "A_1", "x-y", "CA1->PV", "CA1_PYR->PV:slow", "a.b.c", "p.CA1->PV:x.weight", "no"]
)
def test_such_keys_are_allowed(key: str) -> None:
    assert parse_tree(f"{key}: 1\n", "f.yaml").plain() == {key: 1}


@pytest.mark.parametrize(
    "key",
    [
        *["1", "1.5", "true", "null", "~", "''", ".", "..", "a..b", "a.", "'a b'", "a/b", "../x", "$x", "<<"],
        *[
            "'a->'",
            "'->b'",
            "'a->b->c'",
            "'a->b:'",
            "'a:b'",
            "a" * 65,
            "\u00e9",
            "'a\u200bb'",
            "'*'",
            '"a\\nb"',
        ],
    ],
)
def test_other_keys_are_refused(key: str) -> None:
    (problem,) = problems_of(f"ok: 1\n{key}: 1\n")
    assert "key" in problem.message
    assert problem.place == Place("f.yaml", 2, 1)


@pytest.mark.parametrize(
    ("text", "place", "key", "part"),
    [
        ("a: 1\nb: 2\na: 3\n", (3, 1), "", "got the key a twice, first in line 1"),
        ("p:\n  a: 1\n  'a': 2\n", (3, 3), "p", "twice, first in line 2"),
        ("a: .inf\n", (1, 4), "a", "finite"),
        ("a: {b: [1, -.INF]}\n", (1, 12), "a.b.1", "finite"),
        ("a: .NaN\n", (1, 4), "a", "finite"),
        ("a: 1e999\n", (1, 4), "a", "up to"),
        ("a: 9223372036854775808\n", (1, 4), "a", "at most 9223372036854775807"),
        (f"a: {'9' * 5000}\n", (1, 4), "a", "at most"),
        ("a: &x 1\n", (1, 4), "a", "anchor &x"),
        ("a: *x\n", (1, 4), "a", "alias *x"),
        ("a: !!python/object/apply:os.system [id]\n", (1, 4), "a", "tag"),
        ("a: !!str 1\n", (1, 4), "a", "tag"),
        ("a: ! 1\n", (1, 4), "a", "tag"),
        ("a: !x {b: 1}\n", (1, 4), "a", "tag"),
        ("? [a]\n: 1\n", (1, 3), "", "as a key"),
        ("{a: 1}: 2\n", None, "", ""),
        ("a:\t1\n", (1, 3), "", "a tab"),
        ("a: 1\nb: x\x00\n", (2, 5), "", "U+0000"),
        ("a: x\x1b[0m\n", (1, 5), "", "U+001B"),
        ("a: x\u202ey\n", (1, 5), "", "U+202E"),
        ("a: x\u2028y\n", (1, 5), "", "U+2028"),
        ("a: x\x85y\n", (1, 5), "", "U+0085"),
        ("a: \ufeff1\n", (1, 4), "", "U+FEFF"),
        ("a: 1\rb: 2\n", (1, 5), "", "U+000D"),
        ('a: "\\0"\n', (1, 4), "a", "U+0000"),
        ('a: "\\e[0m"\n', (1, 4), "a", "U+001B"),
        ('a: "\\uD800"\n', None, None, ""),
        ('a: "\\U99999999"\n', None, "", "not valid YAML"),
        ("%YAML 1.1\n---\na: 1\n", (1, 1), "", "directives"),
        ("%FOO\n---\na: 1\n", (1, 1), "", "directives"),
        ("a: 1\n---\nb: 2\n", (2, 1), "", "second document"),
        ("a: [1\nb: 2\n", (2, 2), "", "not valid YAML: while parsing a flow sequence"),
        ("a: b: c\n", (1, 5), "", "not valid YAML: mapping values are not allowed"),
        ("a: 'x\n", None, "", "not valid YAML: while scanning a quoted scalar"),
        ("a: @x\n", (1, 4), "", "not valid YAML"),
        ("a: 1\n b: 2\n", None, "", "not valid YAML"),
        ("- a\nb: 1\n", (2, 1), "", "not valid YAML"),
        ("", None, "", "empty"),
        ("\n\n# only a comment\n", None, "", "empty"),
        (f"a: {'x' * (MAX_SCALAR + 1)}\n", (1, 4), "a", f"at most {MAX_SCALAR}"),
        ("a: " + "x" * MAX_BYTES, None, "", f"longer than {MAX_BYTES} bytes"),
        ("a: " + "\u00e9" * (MAX_BYTES // 2), None, "", "longer than"),
    ],
)
def test_it_is_refused_at_its_place(
    text: str, place: tuple[int, int] | None, key: str | None, part: str
) -> None:
    (problem,) = problems_of(text)
    assert part in problem.message
    assert problem.place is not None
    assert problem.place.file == "f.yaml"
    if place is not None:
        assert (problem.place.line, problem.place.column) == place
    if key is not None:
        assert problem.key == key


def test_all_problems_of_a_file_are_found_at_once() -> None:
    found = problems_of("a: .inf\na: !t 1\np:\n  'x y': &z [.nan]\n  1: 2\n")
    assert [(p.place.line, p.key) for p in found if p.place] == [
        (1, "a"), (2, ""), (2, "a"), (4, "p"), (4, "p.x y"), (4, "p.x y.0"), (5, "p"),
    ]  # fmt: skip


def test_the_list_of_problems_is_limited() -> None:
    assert len(problems_of("a: [" + ".inf, " * 1000 + "]")) == MAX_PROBLEMS


def nested(levels: int, opening: str, closing: str) -> str:
    return "a: " + opening * levels + "1" + closing * levels + "\n"


@pytest.mark.parametrize(
    ("opening", "closing"), [("[", "]"), ("[ ", " ]"), ("{a: ", "}"), ("[x, ", "]"), ("[{a: ", "}]")]
)
def test_nesting_is_allowed_up_to_a_depth(opening: str, closing: str) -> None:
    levels = (MAX_DEPTH - 1) // len([c for c in opening if c in "[{"])
    assert parse_tree(nested(levels, opening, closing), "f.yaml").plain()
    (problem,) = problems_of(nested(levels + 1, opening, closing))
    assert f"deeper than {MAX_DEPTH} levels" in problem.message


@pytest.mark.parametrize("unit", ["[", "[ ", "[\n", "{", "[a,", "[[],", "{a: ", "[{a: ", "- ", "? "])
def test_a_file_that_is_ten_thousand_levels_deep_is_refused(unit: str) -> None:
    (problem,) = problems_of(unit * 10_000)
    assert "deeper" in problem.message or "as a key" in problem.message or "not valid" in problem.message


def test_a_bomb_of_aliases_is_refused_without_being_expanded() -> None:
    lines = ["l0: &l0 [lol, lol]"]
    lines += [f"l{i}: &l{i} [{', '.join([f'*l{i - 1}'] * 9)}]" for i in range(1, 10)]
    found = problems_of("\n".join(lines))
    assert len(found) == MAX_PROBLEMS
    assert found[0] == Problem(
        "got the anchor &l0, allowed are values without anchors", "l0", Place("f.yaml", 1, 5)
    )


def test_too_many_values_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("neuromod.config.read.MAX_NODES", 1000)
    assert parse_tree("a: [" + "1, " * 997 + "]", "f.yaml").plain() == {"a": [1] * 997}
    (problem,) = problems_of("a: [" + "1, " * 998 + "]")
    assert "more than 1000 values" in problem.message


def test_a_tagged_projection_is_a_key_inside_braces_too() -> None:
    assert parse_tree("{A->B:x: {w: 1}, C: [D->E:y]}", "f.yaml").plain() == {
        "A->B:x": {"w": 1},
        "C": ["D->E:y"],
    }


def test_a_byte_order_mark_and_windows_line_ends_are_read() -> None:
    assert parse_tree("\ufeffa: 1\r\nb: [x,\r\n  y]\r\n", "f.yaml").plain() == {"a": 1, "b": ["x", "y"]}


def test_every_value_and_key_knows_its_place() -> None:
    tree = parse_tree(EXAMPLE, "f.yaml")
    ca1 = tree.at(["populations", "CA1"])
    assert ca1 is not None
    assert tree.key_places["populations"] == Place("f.yaml", 2, 1)
    assert ca1.key_places["size"] == Place("f.yaml", 4, 5)
    assert ca1.place == Place("f.yaml", 4, 5)
    size = ca1.at(["size"])
    assert size is not None
    assert (size.value, size.place) == (100, Place("f.yaml", 4, 11))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ([], {"name": "demo", "populations": {"CA1": {"size": 100, "tags": ["a", "b"]}, "PV": {"size": 20}}}),
        (["populations", "PV", "size"], 20),
        (["populations", "CA1", "tags", 1], "b"),
    ],
)
def test_a_path_leads_to_its_node(path: list[str | int], value: object) -> None:
    node = parse_tree(EXAMPLE, "f.yaml").at(path)
    assert node is not None
    assert node.plain() == value


@pytest.mark.parametrize(
    "path",
    [
        ["x"],
        [0],
        ["name", "x"],
        ["populations", 0],
        ["populations", "CA1", "tags", 2],
        ["populations", "CA1", "tags", -1],
    ],
)
def test_a_path_to_nothing_leads_to_none(path: list[str | int]) -> None:
    assert parse_tree(EXAMPLE, "f.yaml").at(path) is None


@pytest.mark.parametrize(
    ("path", "key", "line", "column"),
    [
        ([], False, 1, 1),
        (["name"], False, 1, 7),
        (["name"], True, 1, 1),
        (["populations", "CA1"], False, 3, 3),
        (["populations", "CA1", "size"], False, 4, 11),
        (["populations", "CA1", "size"], True, 4, 5),
        (["populations", "CA1", "neuron"], False, 3, 3),
        (["populations", "CA1", "tags", 1], False, 5, 15),
        (["populations", "CA1", "tags", 7], False, 5, 5),
        (["populations", "PV", "x", "y"], False, 6, 3),
        (["nowhere"], False, 1, 1),
    ],
)
def test_the_place_of_a_path_is_its_own_or_its_nearest_ancestors(
    path: list[str | int], key: bool, line: int, column: int
) -> None:
    assert parse_tree(EXAMPLE, "f.yaml").place_of(path, key=key) == Place("f.yaml", line, column)


def test_a_file_is_read_and_called_by_the_given_name(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text("a: 1\n", encoding="utf-8")
    assert read_tree(file).place.file == str(file)
    assert read_tree(file, name="short.yaml").place == Place("short.yaml", 1, 1)


def refused(path: Path) -> Problem:
    with pytest.raises(ConfigError) as caught:
        read_tree(path, name="f.yaml")
    (problem,) = caught.value.problems
    assert problem.place is not None
    assert problem.place.file == "f.yaml"
    return problem


def test_a_missing_file_is_named_with_a_similar_one(tmp_path: Path) -> None:
    (tmp_path / "quickstart.yaml").write_text("a: 1\n")
    assert refused(tmp_path / "quikstart.yaml").message == "no such file; did you mean quickstart.yaml?"
    assert refused(tmp_path / "nowhere" / "x.yaml").message == "no such file"


def test_a_folder_a_pipe_a_device_and_a_circle_of_links_are_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    (tmp_path / "circle.yaml").symlink_to(tmp_path / "circle.yaml")
    assert "is a directory" in refused(tmp_path).message
    assert "not a regular file" in refused(tmp_path / "pipe.yaml").message
    assert "not a regular file" in refused(Path("/dev/zero")).message
    assert "cannot be read" in refused(tmp_path / "circle.yaml").message
    assert "cannot be read" in refused(tmp_path / ("x" * 300)).message
    assert "cannot be read" in refused(Path("a\0b")).message


@pytest.mark.parametrize(
    ("data", "line", "part"),
    [
        (b"a: 1\nb: \xff\n", 2, "0xff"),
        (b"\xff\xfea\x00:\x00", 1, "UTF-8"),
        (b"a: \xed\xa0\x80", 1, "UTF-8"),
        (b"", 0, "empty"),
        (b"a: \x00\n", 1, "U+0000"),
        (b"# x\n" * (MAX_BYTES // 4) + b"a", 0, "longer than"),
    ],
)
def test_bytes_that_are_no_config_are_refused(tmp_path: Path, data: bytes, line: int, part: str) -> None:
    file = tmp_path / "f.yaml"
    file.write_bytes(data)
    problem = refused(file)
    assert part in problem.message
    assert problem.place is not None
    assert problem.place.line == line
