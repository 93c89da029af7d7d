"""A claim file -> a `Claim`: what is claimed, by whom, how it is tested, and what counts as true."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, PlainValidator

from neuromod.atlas.measures import check_measure
from neuromod.config.network import Section
from neuromod.config.read import read_tree
from neuromod.config.validate import validate
from neuromod.config.values import Allowed, Evidence, Name, One, shown
from neuromod.errors import ConfigError, Problem

ROW = re.compile(r"[A-Z][A-Za-z0-9_]{0,31}")
REPORTED = "0-11"
"""Seeds on which claims are reported."""
MAX_SEEDS = 1000

RowName = Annotated[
    str, Field(pattern=rf"^{ROW.pattern}$"), Allowed("a capital letter, then letters and digits", "name")
]
Text = Annotated[str, Field(min_length=1, max_length=4000)]
Doi = Annotated[
    str, Field(pattern=r"^10\.\d{4,9}/\S+$"), Allowed("a DOI such as 10.1126/science.1102941", "text")
]
SeedRange = Annotated[str, Field(pattern=r"^\d{1,9}(-\d{1,9})?$"), Allowed("seeds such as 0-11", "text")]
Setting = Annotated[object, PlainValidator(lambda raw: raw), Allowed("a value of the config", "value")]
Range = Annotated[
    tuple[float | None, float | None],
    Field(strict=False),
    Allowed("a list of two numbers, null where there is no limit", "list"),
]


class Source(Section):
    """What the claim is taken from."""

    text: Text = Field(description="authors, year, and what they found")
    doi: Doi | None = Field(None, description="where it can be read")
    evidence: Evidence = Field(description="V: read in the source, P: pilot simulation, M: memory, D: design")


class Arm(Section):
    """What is run, once for each seed."""

    config: Annotated[str, Field(min_length=1)] = Field(description="config, relative to the claim file")
    set: dict[str, Setting] = Field(
        {}, description="what differs; {ARM} stands for the run of that arm with the same seed"
    )
    description: str = Field("", description="what it controls for, in words")


class Test(Section):
    """A number of each seed, from one arm or two, and what it must be."""

    __test__ = False  # to pytest

    says: Text = Field(description="what is tested, in one sentence")
    measure: Name = Field(description="a function of the results of a run")
    options: dict[str, Setting] = Field({}, description="its options")
    arm: Name = Field(description="the arm that it is about")
    against: Name | float = Field(description="another arm, paired by seed, or a number")
    change: Literal["difference", "ratio", "turn", "share", "slope"] = Field(
        "difference",
        description="how two arms are compared; turn: difference of angles in degrees; share: how far the "
        "arm has come on the way from `against` to `whole`, tested against the end of the band; slope: over "
        "the levels of all arms in `doses`, of which `against` has the lowest and `arm` the highest",
    )
    whole: Name | None = Field(None, description="the arm at the end of the way, for `change: share`")
    doses: dict[Name, Annotated[float, Field(ge=0)]] = Field(
        {}, description="arms with their levels of a neuromodulator, for `change: slope`"
    )
    times: float = Field(1.0, description="factor on the other arm before it is compared")
    expect: Literal["more", "less", "equal"] = Field(
        description="direction, tested one-sided; equal: within the band, tested from both sides"
    )
    band: Range = Field(
        description="where the median must lie: of the change between two arms, or of the arm itself"
    )
    levels: dict[Name, Range] = Field({}, description="where the medians of arms themselves must lie")
    evidence: Evidence = Field(description="where the band comes from")
    unit: str = Field("1", description="of the change, as figures show it")


class Claim(Section):
    """A row of the atlas. It passes when all its tests do."""

    claim: One = Field(description="format version of the file")
    row: RowName = Field(description="name of the row, which is that of the file")
    title: Text = Field(description="a few words")
    sentence: Text = Field(description="the claim")
    sources: Annotated[tuple[Source, ...], Field(min_length=1, strict=False)] = Field(
        description="where direction and order come from"
    )
    seeds: SeedRange = Field(REPORTED, description="fixed before running; tuning seeds give no verdict")
    trials: Annotated[int, Field(ge=1)] | None = Field(
        None, description="trials of every run with a task; fixed before running, and checked"
    )
    arms: dict[Name, Arm] = Field({}, description="what is run")
    tests: dict[Name, Test] = Field({}, description="what must come out")
    lacks: Text | None = Field(
        None, description="what is missing for the claim to be tested; then there are no arms"
    )
    remarks: tuple[Text, ...] = Field(
        (), strict=False, description="what is left out, what was tried, what to beware of"
    )


@dataclass(frozen=True)
class LoadedClaim:
    """A claim and its file."""

    claim: Claim
    path: Path

    @property
    def row(self) -> str:
        """Name of the row."""
        return self.claim.row

    def config(self, arm: str) -> Path:
        """The config of an arm."""
        return self.path.parent / self.claim.arms[arm].config

    def follows(self, arm: str) -> list[str]:
        """Arms whose runs this one needs, by the names in braces in its settings."""
        named = references(self.claim.arms[arm].set)
        return [name for name in self.claim.arms if name in named]


def references(value: object) -> set[str]:
    """Names in braces in all texts of a value."""
    if isinstance(value, dict):
        return set[str]().union(*map(references, value.values()))
    if isinstance(value, list):
        return set[str]().union(*map(references, value))
    return set(re.findall(r"\{([A-Za-z][A-Za-z0-9_]*)\}", value)) if isinstance(value, str) else set()


def load_claim(path: Path) -> LoadedClaim:
    """Read and check a claim file; whether its configs are right is seen when they are planned.

    Raises:
        ConfigError: with every problem found.
    """
    tree = read_tree(path)
    claim = validate(tree, Claim)
    problems = [Problem(text, ".".join(key), tree.place_of(key)) for key, text in _wrong(claim, path)]
    if problems:
        raise ConfigError(problems)
    return LoadedClaim(claim, path)


def load_rows(folder: Path, rows: Sequence[str] = ()) -> list[LoadedClaim]:
    """The claims in a folder, in order of their names; `rows`: only these.

    Raises:
        ConfigError: with the problems of all files, or a row that is not there.
    """
    files = {path.stem: path for path in sorted(folder.glob("*.yaml")) if ROW.fullmatch(path.stem)}
    if not files:
        raise ConfigError(
            f"got the folder {folder}, which has no claim files; needed are files such as A04.yaml"
        )
    for row in rows:
        if row not in files:
            close = get_close_matches(row, files, n=1)
            hint = f"; did you mean {close[0]}?" if close else ""
            raise ConfigError(f"ROW: got {shown(row)}, allowed are {', '.join(files)}{hint}")
    found: list[LoadedClaim] = []
    problems: list[Problem] = []
    for name in rows or files:
        try:
            found.append(load_claim(files[name]))
        except ConfigError as error:
            problems += error.problems
    if problems:
        raise ConfigError(problems)
    return found


def seeds_of(text: str, key: str = "seeds") -> tuple[int, ...]:
    """`0-11` -> 0, 1, ..., 11.

    Raises:
        ConfigError: this is no range of seeds.
    """
    first, _, last = text.partition("-")
    if not first.isdigit() or (last and not last.isdigit()) or text.endswith("-"):
        raise ConfigError(f"{key}: got {shown(text)}, allowed are seeds such as 0-11")
    low, high = int(first), int(last or first)
    if not low <= high < low + MAX_SEEDS:
        raise ConfigError(f"{key}: got {shown(text)}, allowed are 1 to {MAX_SEEDS} seeds in ascending order")
    return tuple(range(low, high + 1))


def _wrong(claim: Claim, path: Path) -> Iterator[tuple[tuple[str, ...], str]]:
    """Keys and what is wrong there."""
    if claim.row != path.stem:
        yield ("row",), f"got {shown(claim.row)}, allowed is the name of the file, {path.stem}"
    try:
        seeds_of(claim.seeds)
    except ConfigError as error:
        yield ("seeds",), error.problems[0].message.removeprefix("seeds: ")
    for part, there in (("arms", bool(claim.arms)), ("tests", bool(claim.tests))):
        if there == (claim.lacks is not None):
            got = f"{part} in a claim that says what it lacks" if there else f"no {part}"
            yield (part,), f"got {got}, allowed are arms and tests, or the key lacks without them"
    for name, arm in claim.arms.items():
        yield from _wrong_arm(claim, path, name, arm)
    for name, test in claim.tests.items():
        for key, message in _wrong_test(claim, test):
            yield ("tests", name, *key), message


def _wrong_arm(claim: Claim, path: Path, name: str, arm: Arm) -> Iterator[tuple[tuple[str, ...], str]]:
    if Path(arm.config).is_absolute() or "\\" in arm.config or not (path.parent / arm.config).is_file():
        yield (
            ("arms", name, "config"),
            f"got {shown(arm.config)}, allowed is a file, relative to the claim file",
        )
    for other in sorted(references(arm.set) - {"seed"}):
        if other not in claim.arms or other == name:
            others = ", ".join(sorted(set(claim.arms) - {name})) or "none, since there is no other arm"
            yield (
                ("arms", name, "set"),
                f"got {{{other}}}, allowed in braces is the name of another arm: {others}",
            )
    if _circular(claim, name):
        yield ("arms", name, "set"), "got arms that need each other's runs, allowed is no circle"


def _circular(claim: Claim, name: str) -> bool:
    """Whether an arm needs, over others, itself."""
    waiting, seen = [name], set[str]()
    while waiting:
        needed = references(claim.arms[waiting.pop()].set) & claim.arms.keys()
        if name in needed:
            return True
        waiting += needed - seen
        seen |= needed
    return False


def _wrong_test(claim: Claim, test: Test) -> Iterator[tuple[tuple[str, ...], str]]:
    arms = {"arm": test.arm, "against": test.against, "whole": test.whole}
    named = [((key,), name) for key, name in arms.items() if isinstance(name, str)]
    among = [((key, arm), arm) for key in ("levels", "doses") for arm in getattr(test, key)]
    for key, name in [*named, *among]:
        if name not in claim.arms:
            close = get_close_matches(name, claim.arms, n=1)
            hint = f"; did you mean {close[0]}?" if close else ""
            yield key, f"got {shown(name)}, allowed is an arm: {', '.join(claim.arms)}{hint}"
    yield from _wrong_comparison(test)
    for option, message in check_measure(test.measure, test.options):
        yield (("options", option) if option else ("measure",)), message


def _wrong_comparison(test: Test) -> Iterator[tuple[tuple[str, ...], str]]:
    if test.arm == test.against:
        yield ("against",), f"got {shown(test.arm)}, allowed is another arm than that of `arm`, or a number"
    for key, band in [
        (("band",), test.band),
        *((("levels", arm), band) for arm, band in test.levels.items()),
    ]:
        low, high = band
        if low is not None and high is not None and low > high:
            yield key, f"got {low:g} to {high:g}, allowed is the lower number first"
    if test.band == (None, None):
        yield ("band",), "got no limit, allowed is a list of two numbers, of which one may be null"
    if test.expect == "equal" and None in test.band:
        yield ("band",), "got one limit, needed for `expect: equal` are two"
    if isinstance(test.against, float) and test.change != "difference":
        yield ("change",), f"got {test.change}, allowed against a number is difference"
    if test.times != 1 and (isinstance(test.against, float) or test.change != "difference"):
        yield ("times",), f"got {test.times:g}, allowed is a factor only for the difference of two arms"
    if (test.whole is None) == (test.change == "share"):
        yield ("whole",), f"got {shown(test.whole)}, needed for `change: share`, and only there, is an arm"
    yield from _wrong_doses(test)


def _wrong_doses(test: Test) -> Iterator[tuple[tuple[str, ...], str]]:
    levels = list(test.doses.values())
    if len(set(levels)) < len(levels) or (len(levels) < 3 if test.change == "slope" else levels):
        got = ", ".join(f"{level:g}" for level in levels) or "no levels"
        needed = "needed for `change: slope`, and only there, are three or more arms with different levels"
        yield ("doses",), f"got {got}, {needed}"
    elif test.change == "slope":
        ends = (("against", "lowest", min), ("arm", "highest", max))
        for (key, which, end), name in zip(ends, (test.against, test.arm), strict=True):
            needed = end(test.doses, key=test.doses.__getitem__)
            if name != needed:
                yield (key,), f"got {shown(name)}, needed is the arm with the {which} level, {needed}"
