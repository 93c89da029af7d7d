"""Composing: what is merged how, what `set` does, and which files are never opened."""

from __future__ import annotations

from pathlib import Path

import pytest

from neuromod.config.compose import MAX_CHAIN, MAX_FILES, compose
from neuromod.errors import ConfigError, Place, Problem


def write(folder: Path, **files: str) -> Path:
    """Write `name=text` as `name.yaml` (`__` stands for a slash) and return the path of the first one."""
    paths = [folder / f"{name.replace('__', '/')}.yaml" for name in files]
    for path, text in zip(paths, files.values(), strict=True):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return paths[0]


def problems_of(path: Path, *settings: str, root: Path | None = None) -> tuple[Problem, ...]:
    with pytest.raises(ConfigError) as caught:
        compose(path, settings, root=root)
    assert all("\n" not in str(problem) for problem in caught.value.problems)
    return caught.value.problems


def test_a_file_alone_is_its_own_tree(tmp_path: Path) -> None:
    main = write(tmp_path, main="a: 1\nb: {c: ~}\n")
    assert compose(main).plain() == {"a": 1, "b": {"c": None}}


@pytest.mark.parametrize(
    ("base", "child", "result"),
    [
        ("a: 1\nb: 2\n", "b: 3\n", {"a": 1, "b": 3}),
        ("p: {x: {s: 1, t: 2}}\n", "p: {x: {t: 3}, y: 4}\n", {"p": {"x": {"s": 1, "t": 3}, "y": 4}}),
        ("a: [1, 2]\n", "a: [3]\n", {"a": [3]}),
        ("a: 1\nb: 2\n", "a: ~\n", {"b": 2}),
        ("p: {x: 1, y: 2}\n", "p: {x: null}\n", {"p": {"y": 2}}),
        ("a: 1\n", "b: null\n", {"a": 1}),
        ("a: 1\n", "p: {x: {y: null, z: 1}}\n", {"a": 1, "p": {"x": {"z": 1}}}),
        ("a: 1\n", "a: {x: 2}\n", {"a": {"x": 2}}),
        ("a: {x: 1}\n", "a: 2\n", {"a": 2}),
        ("a: null\n", "b: 1\n", {"a": None, "b": 1}),
        ("a: {x: 1}\n", "a: {}\n", {"a": {"x": 1}}),
        ("a: 1\n", "l: [{x: null}]\n", {"a": 1, "l": [{"x": None}]}),
    ],
)
def test_a_child_is_laid_over_its_base(tmp_path: Path, base: str, child: str, result: object) -> None:
    main = write(tmp_path, main=f"extends: base.yaml\n{child}", base=base)
    assert compose(main).plain() == result


def test_of_several_bases_the_later_one_wins(tmp_path: Path) -> None:
    main = write(tmp_path, main="extends: [x.yaml, y.yaml]\nc: 3\n", x="a: 1\nb: 1\nd: 1\n", y="b: 2\nd: ~\n")
    assert compose(main).plain() == {"a": 1, "b": 2, "c": 3}


def test_a_base_is_found_from_the_file_that_names_it(tmp_path: Path) -> None:
    main = write(
        tmp_path,
        main="extends: in/x.yaml\n",
        in__x="extends: [y.yaml, ../z.yaml]\n",
        in__y="a: 1\n",
        z="b: 2\n",
    )
    assert compose(main).plain() == {"a": 1, "b": 2}


def test_a_base_used_twice_is_no_cycle(tmp_path: Path) -> None:
    main = write(
        tmp_path,
        main="extends: [x.yaml, y.yaml]\n",
        x="extends: z.yaml\nset: {p.q: 5}\n",
        y="extends: z.yaml\nb: 1\n",
        z="p: {q: 1, r: 2}\n",
    )
    assert compose(main).plain() == {"p": {"q": 1, "r": 2}, "b": 1}


def test_merged_values_keep_the_place_they_were_written_at(tmp_path: Path) -> None:
    main = write(
        tmp_path, main="extends: base.yaml\np:\n  x: 5\nset:\n  q.z: 1\n", base="p:\n  x: 1\n  y: 2\n"
    )
    tree = compose(main)
    base = str(tmp_path / "base.yaml")
    assert tree.place_of(["p", "x"]) == Place(str(main), 3, 6)
    assert tree.place_of(["p", "x"], key=True) == Place(str(main), 3, 3)
    assert tree.place_of(["p", "y"]) == Place(base, 3, 6)
    assert tree.place_of(["p", "y"], key=True) == Place(base, 3, 3)
    assert tree.place_of(["q", "z"]) == Place(str(main), 5, 8)
    assert tree.place_of(["q"]) == Place(str(main), 5, 3)


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("a: 1\nset: {a: 2}\n", {"a": 2}),
        ("set: {a.b.c: 1}\n", {"a": {"b": {"c": 1}}}),
        ("a: {b: {c: 1, d: 2}}\nset: {a.b.c: ~}\n", {"a": {"b": {"c": None, "d": 2}}}),
        ("a: {b: 1}\nset: {a: {c: 2}}\n", {"a": {"c": 2}}),
        ("a: ~\nset: {a.b: 1}\n", {"a": {"b": 1}}),
        ("set: {a: {x: 1}, a.y: 2, a.x: 3}\n", {"a": {"x": 3, "y": 2}}),
        ("set: {p.CA1->PV:slow.weight: 3 nS}\n", {"p": {"CA1->PV:slow": {"weight": "3 nS"}}}),
        ("a: [1]\nset: {a: [2, 3]}\n", {"a": [2, 3]}),
        ("a: 1\nset: {}\n", {"a": 1}),
    ],
)
def test_the_set_block_puts_values_at_dotted_keys(tmp_path: Path, text: str, result: object) -> None:
    assert compose(write(tmp_path, main=text)).plain() == result


@pytest.mark.parametrize(
    ("setting", "result"),
    [
        ("a=3", {"a": 3, "p": {"x": 1}}),
        ("a = 10 ms", {"a": "10 ms", "p": {"x": 1}}),
        ("p.x=-65 mV", {"a": 1, "p": {"x": "-65 mV"}}),
        ("p.A->B.w=1e-3", {"a": 1, "p": {"x": 1, "A->B": {"w": 1e-3}}}),
        ("p=[1, {y: true}]", {"a": 1, "p": [1, {"y": True}]}),
        ("p={y: 2}", {"a": 1, "p": {"y": 2}}),
        ("a=null", {"a": None, "p": {"x": 1}}),
        ("a='5'", {"a": "5", "p": {"x": 1}}),
        ("a=b=c", {"a": "b=c", "p": {"x": 1}}),
        ("a=''", {"a": "", "p": {"x": 1}}),
    ],
)
def test_an_option_sets_one_value(tmp_path: Path, setting: str, result: object) -> None:
    tree = compose(write(tmp_path, main="a: 1\np: {x: 1}\n"), [setting])
    assert tree.plain() == result
    key = setting.partition("=")[0].strip().split(".")
    assert tree.place_of(key, key=True) == Place("--set")


def test_options_come_after_the_set_block_and_in_their_order(tmp_path: Path) -> None:
    main = write(tmp_path, main="extends: base.yaml\na: 2\nset: {a: 3}\n", base="a: 0\nset: {a: 1, b: 1}\n")
    assert compose(main).plain() == {"a": 3, "b": 1}
    assert compose(main, ["a=4", "a=5", "b=6"]).plain() == {"a": 5, "b": 6}


@pytest.mark.parametrize(
    ("setting", "key", "part"),
    [
        ("a", "", "allowed is KEY=VALUE"),
        ("", "", "allowed is KEY=VALUE"),
        ("=3", "", "allowed is KEY=VALUE"),
        ("a b=3", "", "allowed is KEY=VALUE"),
        ("a..b=3", "", "allowed is KEY=VALUE"),
        ("../a=3", "", "allowed is KEY=VALUE"),
        ("a=", "a", "no value"),
        ("a=# 3", "a", "no value"),
        ("a=--- 3", "a", "no value"),
        ("a=[1", "a", "not valid YAML"),
        ("a=.inf", "a", "finite"),
        ("a=&x 1", "a", "anchor"),
        ("a=!!int 1", "a", "tag"),
        ("a=x: 1", "a", "mapping"),
        ("a=- 1", "a", "a list"),
        ("a=x\ny", "a", "allowed is a value"),
        ("p.x.y=1", "p.x", "p.x is no mapping"),
        ("l.0=1", "l", "l is no mapping"),
        ("extends=x.yaml", "extends", "allowed are keys of the experiment"),
        ("set.a=1", "set.a", "allowed are keys of the experiment"),
        ("a\x1b[0m", "", "got `a\\x1b[0m`"),
        ("a=" + "[" * 40, "a", "deeper"),
    ],
)
def test_an_option_that_makes_no_sense_is_named(tmp_path: Path, setting: str, key: str, part: str) -> None:
    (problem,) = problems_of(write(tmp_path, main="a: 1\np: {x: 1}\nl: [1]\n"), setting)
    assert problem.place == Place("--set")
    assert problem.key.startswith(key)
    assert part in problem.message


@pytest.mark.parametrize(
    ("text", "place", "key", "part"),
    [
        ("set: [a]\n", (1, 6), "set", "no mapping"),
        ("set: x\n", (1, 6), "set", "no mapping"),
        ("set: ~\n", (1, 6), "set", "no mapping"),
        ("a: 1\nset:\n  a.b: 2\n", (3, 3), "set.a.b", "a is no mapping"),
        ("set: {extends: x.yaml}\n", (1, 7), "set.extends", "allowed are keys"),
        ("extends: ~\n", (1, 10), "extends", "no text"),
        ("extends: 3\n", (1, 10), "extends", "no text"),
        ("extends: {x: y}\n", (1, 10), "extends", "no text"),
        ("extends: [[a.yaml]]\n", (1, 11), "extends", "no text"),
        ("extends: []\n", (1, 10), "extends", "empty list"),
        ("extends: [base.yaml, missing.yaml]\n", (1, 22), "extends", "no such file"),
        ("[1, 2]\n", (1, 1), "", "no mapping"),
        ("just text\n", (1, 1), "", "no mapping"),
        ("~\n", (1, 1), "", "no mapping"),
    ],
)
def test_a_wrong_block_is_refused_at_its_place(
    tmp_path: Path, text: str, place: tuple[int, int], key: str, part: str
) -> None:
    main = write(tmp_path, main=text, base="a: 1\n")
    (problem,) = problems_of(main)
    assert problem.place == Place(str(main), *place)
    assert problem.key == key
    assert part in problem.message


HOSTILE = [
    *["../secret.yaml", "../../secret.yaml", "in/../../secret.yaml", "./../secret.yaml", "link.yaml"],
    *[
        "folder/secret.yaml",
        "in/out/secret.yaml",
        "/etc/passwd",
        "//etc/x.yaml",
        "/secret.yaml",
        "~/secret.yaml",
    ],
    *["~root/secret.yaml", "C:/secret.yaml", "C:secret.yaml", "'\\\\host\\secret.yaml'", "'..\\secret.yaml'"],
    *[
        "file:///etc/x.yaml",
        "http://example.org/x.yaml",
        "$HOME/secret.yaml",
        "${HOME}/secret.yaml",
        "in",
        ".",
    ],
    *[
        "..",
        "''",
        "secret",
        "'base.yaml/'",
        "base.yml.txt",
        "in.yaml",
        "circle.yaml",
        "'base.yaml '",
        "'*.yaml'",
    ],
    *["x" * 300 + ".yaml", "../" * 100 + "etc/x.yaml", "'base.yaml\\0'", "pipe.yaml", "'%2e%2e/secret.yaml'"],
    *[
        "...yaml",
        "....//secret.yaml",
        "\uff0e\uff0e/secret.yaml",
        "base.yaml/../../secret.yaml",
        '"a\\nb.yaml"',
    ],
]


@pytest.mark.parametrize("hostile", HOSTILE)
def test_a_path_that_leads_out_or_nowhere_is_refused(tmp_path: Path, hostile: str) -> None:
    folder = tmp_path / "home"
    write(tmp_path, secret="password: 1\n")
    main = write(folder, main=f"extends: {hostile}\n", base="a: 1\n", in__x="a: 1\n")
    (folder / "in.yaml").mkdir()
    (folder / "link.yaml").symlink_to(tmp_path / "secret.yaml")
    (folder / "folder").symlink_to(tmp_path)
    (folder / "in" / "out").symlink_to("../..")
    (folder / "circle.yaml").symlink_to("circle.yaml")
    problems = problems_of(main)
    assert [problem.key for problem in problems] == ["extends"]
    assert problems[0].place == Place(str(main), 1, 10)
    assert "password" not in problems[0].message


def test_a_link_that_stays_inside_is_followed(tmp_path: Path) -> None:
    main = write(tmp_path, main="extends: link.yaml\n", in__base="a: 1\n")
    (tmp_path / "link.yaml").symlink_to("in/base.yaml")
    assert compose(main).plain() == {"a": 1}


def test_configs_in_a_folder_of_configs_may_extend_their_neighbours(tmp_path: Path) -> None:
    main = write(
        tmp_path,
        configs__validation__v1="extends: ../quickstart.yaml\nb: 2\n",
        configs__quickstart="a: 1\n",
        outside="a: 1\n",
        configs__validation__v2="extends: ../../outside.yaml\n",
    )
    assert compose(main).plain() == {"a": 1, "b": 2}
    (problem,) = problems_of(main.parent / "v2.yaml")
    assert "leads out of `configs`" in problem.message


def test_the_root_can_be_given_wider_or_narrower(tmp_path: Path) -> None:
    main = write(tmp_path, home__main="extends: ../base.yaml\n", base="a: 1\n")
    assert compose(main, root=tmp_path).plain() == {"a": 1}
    assert "leads out of `home`" in problems_of(main)[0].message
    assert "leads out of `other`" in problems_of(main, root=tmp_path / "other")[0].message


@pytest.mark.parametrize(
    ("files", "chain"),
    [
        ({"a": "extends: a.yaml\n"}, ["a", "a"]),
        ({"a": "extends: b.yaml\n", "b": "extends: ./a.yaml\n"}, ["a", "b", "a"]),
        (
            {"a": "extends: b.yaml\n", "b": "extends: c.yaml\n", "c": "extends: b.yaml\n"},
            ["a", "b", "c", "b"],
        ),
    ],
)
def test_a_cycle_is_refused_with_its_chain(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: dict[str, str], chain: list[str]
) -> None:
    write(tmp_path, **files)
    monkeypatch.chdir(tmp_path)
    (problem,) = problems_of(Path("a.yaml"))
    assert problem.message.endswith("extends itself: " + " -> ".join(f"{name}.yaml" for name in chain))


def test_a_cycle_through_a_link_is_seen(tmp_path: Path) -> None:
    main = write(tmp_path, main="extends: link.yaml\n")
    (tmp_path / "link.yaml").symlink_to("main.yaml")
    assert "extends itself" in problems_of(main)[0].message


def test_a_chain_of_files_has_a_greatest_length(tmp_path: Path) -> None:
    files = {f"f{i}": f"extends: f{i + 1}.yaml\nk{i}: 1\n" for i in range(MAX_CHAIN)}
    write(tmp_path, **files, **{f"f{MAX_CHAIN}": "end: 1\n"})
    assert len(compose(tmp_path / "f1.yaml").plain()) == MAX_CHAIN  # type: ignore[arg-type]  # it is a mapping
    (problem,) = problems_of(tmp_path / "f0.yaml")
    assert f"allowed is a chain of {MAX_CHAIN} files" in problem.message


def test_the_number_of_files_is_limited(tmp_path: Path) -> None:
    names = [f"f{i}" for i in range(MAX_FILES + 1)]
    write(tmp_path, **{name: f"{name}: 1\n" for name in names})
    few = write(tmp_path, few=f"extends: [{', '.join(f'{name}.yaml' for name in names[: MAX_FILES - 1])}]\n")
    many = write(tmp_path, many=f"extends: [{', '.join(f'{name}.yaml' for name in names[:MAX_FILES])}]\n")
    assert compose(few).at([names[MAX_FILES - 2]]) is not None
    (problem,) = problems_of(many)
    assert f"allowed are {MAX_FILES} files" in problem.message


def test_problems_of_all_files_and_options_come_together(tmp_path: Path) -> None:
    main = write(
        tmp_path,
        main="extends: [bad.yaml, gone.yaml, ../x.yaml]\na: 1\nset: {a.b: 2}\n",
        bad="x: .inf\nx: 1\n",
    )
    found = problems_of(main, "nonsense", "a.c=1")
    places = [
        (problem.place.file.rpartition("/")[2], problem.place.line) for problem in found if problem.place
    ]
    assert places == [("bad.yaml", 1), ("bad.yaml", 2), ("main.yaml", 1), ("main.yaml", 1), ("main.yaml", 3),
                      ("--set", 0), ("--set", 0)]  # fmt: skip


def test_the_own_keys_are_gone_from_the_result_and_from_nowhere_else(tmp_path: Path) -> None:
    main = write(
        tmp_path, main="extends: base.yaml\nset: {a: 1}\np: {extends: x, set: y}\n", base="set: {b: 1}\n"
    )
    tree = compose(main)
    assert tree.plain() == {"a": 1, "b": 1, "p": {"extends": "x", "set": "y"}}
    assert set(tree.key_places) == {"a", "b", "p"}


def test_composing_twice_gives_the_same(tmp_path: Path) -> None:
    main = write(tmp_path, main="extends: base.yaml\nset: {p: {x: 1}, p.y: 2}\n", base="p: {z: 1}\n")
    assert compose(main, ["p.w=3"]) == compose(main, ["p.w=3"])
    assert compose(main).plain() == {"p": {"x": 1, "y": 2}}


def test_a_missing_config_is_refused_by_its_name(tmp_path: Path) -> None:
    (problem,) = problems_of(tmp_path / "gone.yaml")
    assert problem == Problem("no such file", "", Place(str(tmp_path / "gone.yaml")))
