"""Claim files: what is refused, in which words, and that all shipped ones are right."""

import re
import shutil

import pytest

from neuromod.atlas.claim import load_claim, load_rows, seeds_of
from neuromod.atlas.gather import arms_of
from neuromod.errors import ConfigError
from neuromod.library.shipped import configs_root
from tests.atlas.conftest import CLAIM

BAD = {
    "no mapping": (None, "- 1", "got a list of 1, allowed is a mapping with the keys claim, row"),
    "another format": ("claim: 1", "claim: 2", "claim: got 2, allowed is 1"),
    "unknown key": ("seeds: 0-1", "sedes: 0-1", "unknown key `sedes`, allowed are claim, row"),
    "hint": ("seeds: 0-1", "sedes: 0-1", "did you mean seeds?"),
    "name of the file": ("row: A99", "row: A98", "row: got `A98`, allowed is the name of the file, A99"),
    "no source": ("[{text: anyone who tried it, evidence: D}]", "[]", "sources: got a list of 0"),
    "no DOI": ("tried it,", "tried it, doi: 'http://x',", "doi: got `http://x`, allowed is a DOI"),
    "no tag": ("tried it, evidence: D", "tried it", "evidence: got nothing, this key is needed"),
    "seeds": ("seeds: 0-1", "seeds: 1-0", "seeds: got `1-0`, allowed are 1 to 1000 seeds in ascending order"),
    "many seeds": ("seeds: 0-1", "seeds: 0-100000000", "allowed are 1 to 1000 seeds"),
    "config elsewhere": (
        "base: {config: ../small.yaml}",
        "base: {config: /etc/passwd}",
        "arms.base.config: got `/etc/passwd`",
    ),
    "no config": (
        "base: {config: ../small.yaml}",
        "base: {config: none.yaml}",
        "allowed is a file, relative to the claim file",
    ),
    "no such run": (
        '"{base}"',
        '"{bade}"',
        "arms.after.set: got {bade}, allowed in braces is the name of another arm: base, more",
    ),
    "circle": ("I_bias: 1000 pA}", "I_bias: 1000 pA, warm_start: '{after}'}, description: x", None),
    "own run": ('"{base}"', '"{after}"', "got {after}, allowed in braces is the name of another arm"),
    "unknown arm": (
        "arm: more",
        "arm: mroe",
        "tests.fires.arm: got `mroe`, allowed is an arm: base, more, after; did you mean more?",
    ),
    "the same arm": (
        "against: base",
        "against: more",
        "tests.fires.against: got `more`, allowed is another arm",
    ),
    "unknown level": (
        "levels: {base:",
        "levels: {bese:",
        "tests.goes_on.levels.bese: got `bese`, allowed is an arm",
    ),
    "direction": (
        "expect: more",
        "expect: bigger",
        "expect: got `bigger`, allowed is one of more, less, equal",
    ),
    "open band": ("band: [1, 100]", "band: [null, null]", "tests.fires.band: got no limit"),
    "band upside down": (
        "band: [1, 100]",
        "band: [100, 1]",
        "tests.fires.band: got 100 to 1, allowed is the lower number first",
    ),
    "infinite band": ("band: [1, 100]", "band: [1, .inf]", ".inf"),
    "equal to what": (
        "expect: more\n    band: [1, null]",
        "expect: equal\n    band: [1, null]",
        "tests.goes_on.band: got one limit, needed for `expect: equal` are two",
    ),
    "ratio to a number": (
        "against: 1\n",
        "against: 1\n    change: ratio\n",
        "tests.goes_on.change: got ratio, allowed against a number is difference",
    ),
    "no way": (
        "against: base",
        "against: base\n    change: share",
        "tests.fires.whole: got nothing, needed for `change: share`, and only there, is an arm",
    ),
    "way to nowhere": (
        "against: base",
        "against: base\n    change: share\n    whole: hole",
        "tests.fires.whole: got `hole`, allowed is an arm",
    ),
    "slope over nothing": (
        "against: base",
        "against: base\n    change: slope",
        "tests.fires.doses: got no levels, needed for `change: slope`, and only there, are three or more",
    ),
    "levels of a difference": (
        "against: base",
        "against: base\n    doses: {base: 0, more: 1, after: 3}",
        "tests.fires.doses: got 0, 1, 3, needed for `change: slope`, and only there",
    ),
    "one level twice": (
        "against: base",
        "against: base\n    change: slope\n    doses: {base: 0, more: 3, after: 3}",
        "tests.fires.doses: got 0, 3, 3, needed",
    ),
    "slope between other ends": (
        "against: base",
        "against: base\n    change: slope\n    doses: {base: 0, more: 1, after: 3}",
        "tests.fires.arm: got `more`, needed is the arm with the highest level, after",
    ),
    "level of no arm": (
        "against: base",
        "against: base\n    change: slope\n    doses: {base: 0, afte: 1, more: 3}",
        "tests.fires.doses.afte: got `afte`, allowed is an arm: base, more, after; did you mean after?",
    ),
    "less than no dopamine": (
        "against: base",
        "against: base\n    change: slope\n    doses: {base: -1, after: 1, more: 3}",
        "tests.fires.doses.base: got -1",
    ),
    "times a ratio": (
        "against: base",
        "against: base\n    change: ratio\n    times: 2",
        "tests.fires.times: got 2, allowed is a factor only for the difference of two arms",
    ),
    "arms of what cannot be tested": (
        "seeds: 0-1",
        "seeds: 0-1\nlacks: everything",
        "arms: got arms in a claim that says what it lacks, allowed are arms and tests, or the key lacks",
    ),
    "unknown measure": (
        "mean_rate",
        "mean_rat",
        "tests.fires.measure: got `mean_rat`, allowed are share_of_correct",
    ),
    "measure with a hint": ("mean_rate", "mean_rat", "did you mean mean_rate?"),
    "option": (
        "{population: CELL}",
        "{population: CELL, from: 1}",
        "tests.fires.options.from: got an unknown option of mean_rate, allowed are population",
    ),
    "kind of option": (
        "start_s: 0.1",
        "start_s: soon",
        "tests.goes_on.options.start_s: got `soon`, allowed is a number",
    ),
    "missing option": (
        "options: {population: CELL}",
        "options: {start_s: 1}",
        "got mean_rate without its option population",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_a_wrong_claim_file_is_refused_in_one_sentence_at_its_place(case, written):
    old, new, expected = BAD[case]
    assert old is None or old in CLAIM
    path = written(new if old is None else CLAIM.replace(old, new))
    if expected is None:
        path = written(
            CLAIM.replace(
                "base: {config: ../small.yaml}", "base: {config: ../small.yaml, set: {warm_start: '{after}'}}"
            )
        )
        expected = "arms.after.set: got arms that need each other's runs, allowed is no circle"
    with pytest.raises(ConfigError) as caught:
        load_claim(path)
    assert expected in str(caught.value)
    for line in str(caught.value).splitlines():
        assert re.match(r"\S+A99\.yaml:\d+:\d+: ", line), line
        assert len(line) < 700


def test_all_problems_are_told_at_once(written):
    with pytest.raises(ConfigError) as caught:
        load_claim(
            written(CLAIM.replace("arm: more", "arm: mroe").replace("band: [1, null]", "band: [2, 1]"))
        )
    assert len(caught.value.problems) == 2


def test_a_row_that_is_not_there_is_refused_with_a_hint(written):
    folder = written(CLAIM).parent
    with pytest.raises(ConfigError, match=r"ROW: got `A9`, allowed are A99; did you mean A99\?"):
        load_rows(folder, ["A9"])
    with pytest.raises(ConfigError, match="which has no claim files"):
        load_rows(folder.parent)


def test_every_shipped_claim_file_is_right_and_has_its_controls():
    for loaded in load_rows(configs_root() / "atlas"):
        assert loaded.claim.seeds == "0-11" or "not yet tested" in " ".join(loaded.claim.remarks), loaded.row
        assert len(loaded.claim.arms) > 1 or loaded.claim.lacks, loaded.row
        used = set[str]().union(*map(arms_of, loaded.claim.tests.values()))
        needed = {name for arm in loaded.claim.arms for name in loaded.follows(arm)}
        assert loaded.claim.arms.keys() <= used | needed, loaded.row


def test_the_example_in_the_documentation_is_a_claim_file(repository, tmp_path):
    text = (repository / "docs" / "atlas.md").read_text()
    example = re.search(r"^```yaml\n(claim: 1\n.*?)^```$", text, re.MULTILINE | re.DOTALL)
    shutil.copytree(configs_root(), tmp_path / "configs")
    path = tmp_path / "configs" / "atlas" / "B01.yaml"
    path.write_text(example[1])
    assert load_claim(path).follows("shuffle") == ["intact"]


@pytest.mark.parametrize(("text", "seeds"), [("3", (3,)), ("0-2", (0, 1, 2))])
def test_seeds_are_one_or_a_range(text, seeds):
    assert seeds_of(text) == seeds


@pytest.mark.parametrize("text", ["", "-", "3-", "-3", "2-1", "a", "0-1-2"])
def test_other_texts_are_no_seeds(text):
    with pytest.raises(ConfigError, match="--seeds: got "):
        seeds_of(text, "--seeds")
