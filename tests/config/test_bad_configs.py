"""Every bad config of the table: one clear error with place and key, and nothing written."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from neuromod.config.load import load
from neuromod.errors import ConfigError
from neuromod.library.shipped import open_library
from neuromod.plan.expand import expand
from tests.config.bad_configs import BAD_CONFIGS, BAD_PLANS, MAIN, BadConfig, config

PLACED = re.compile(r"(--set|[\w./-]+\.yaml(:[0-9]+:[0-9]+)?): \S")


def written(case: BadConfig, folder: Path) -> Path:
    """The files of a case, in `folder`."""
    for name, text in case.files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return Path(MAIN)


def listing(folder: Path) -> list[tuple[str, int]]:
    """Every file below a folder and its size."""
    return sorted((str(path), path.stat().st_size) for path in folder.rglob("*"))


def check_message(case: BadConfig, error: ConfigError) -> None:
    """Every line has its place, and everything expected is said."""
    lines = str(error).split("\n")
    assert len(lines) == len(error.problems) == len(set(lines))
    for line in lines:
        assert PLACED.match(line), line
        assert line.isprintable()
        assert len(line) < 700
    for part in case.expect:
        assert part in str(error)


@pytest.mark.parametrize("case", BAD_CONFIGS, ids=lambda case: case.id)
def test_a_bad_config_is_refused_in_plain_words(
    case: BadConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    main = written(case, tmp_path)
    before = listing(tmp_path)
    with pytest.raises(ConfigError) as caught:
        load(main, case.settings)
    check_message(case, caught.value)
    assert caught.type is ConfigError
    assert listing(tmp_path) == before


@pytest.mark.parametrize("case", BAD_PLANS, ids=lambda case: case.id)
def test_a_config_that_does_not_fit_the_models_is_refused_in_plain_words(
    case: BadConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    main = written(case, tmp_path)
    before = listing(tmp_path)
    loaded = load(main, case.settings)
    with pytest.raises(ConfigError) as caught:
        expand(loaded, open_library([main.parent / folder for folder in loaded.experiment.models]))
    check_message(case, caught.value)
    assert caught.type is ConfigError
    assert listing(tmp_path) == before


def test_the_config_that_the_bad_ones_are_made_from_is_good(tmp_path: Path) -> None:
    (tmp_path / MAIN).write_text(config(), encoding="utf-8")
    loaded = load(tmp_path / MAIN)
    assert expand(loaded, open_library()).populations["E"].size == 10


def test_the_table_has_many_different_cases() -> None:
    assert len(BAD_CONFIGS) >= 160
    assert len(BAD_PLANS) >= 40
    every = [*BAD_CONFIGS, *BAD_PLANS]
    assert len({case.id for case in every}) == len(every)
    assert all(case.expect for case in every)
