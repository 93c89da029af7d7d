"""The atlas as one page: a table of verdicts, then every claim with its tests, figure and sources."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from matplotlib.figure import Figure

from neuromod.atlas.claim import Test
from neuromod.atlas.figure import claim_figure
from neuromod.atlas.measures import describe_measure
from neuromod.atlas.verdict import ALPHA, FAMILY, REGRESSION_ALPHA, Outcome, Row, shown_band
from neuromod.report.content import Report, Section, Table
from neuromod.report.images import Images

HEADS = ("claim", "test", "effect", "95 % interval", "Cliff's delta", "p", "p (Holm)", "band", "verdict")
CAPTION = (
    "Left: every seed in the arms that are compared, pairs joined, medians as bars; grey: where medians must "
    "lie. Where arms have levels m of a neuromodulator, they stand at m / (1 + m), the black line joins the "
    "medians. Right: the change of every seed (dots), their median (diamond) with its 95 % interval; "
    "grey: the band."
)
METHOD = (
    "A test compares numbers of the same seeds by an exact one-sided signed-rank test. A claim passes when "
    f"every test has the expected direction, a median in its band, and p < {ALPHA:g} after Holm's correction "
    f"for {FAMILY} claims. Bands, seeds and trials are fixed in the claim files before running. Seeds other "
    "than those fixed give no verdict. A slope over levels is a share of the mean, and must also have p < "
    f"{REGRESSION_ALPHA:g} in one regression through the values of all seeds."
)


def atlas_page(
    rows: Sequence[Row], facts: Sequence[tuple[str, str]] = ()
) -> tuple[Report, Mapping[str, Figure]]:
    """The page, and its figures by row."""
    images = Images()
    sections = [Section("verdicts", "Verdicts", [METHOD], tables=[verdict_table(rows)])]
    for row in rows:
        sections.append(_section(row, images))
    count = counts(rows)
    said = ", ".join(f"{number} {name}" for name, number in count.items() if number)
    look = "bad" if count["fail"] else "ok" if count["pass"] == len(rows) else "look"
    about = "What the simulated circuits show of what is claimed."
    made_from = "claim files and the runs of their arms"
    report = Report("Atlas of claims", about, look, said, facts, sections, made_from=made_from)
    return report, images.figures


def counts(rows: Sequence[Row]) -> dict[str, int]:
    """How many rows have which verdict."""
    names = ("pass", "fail", "not yet tested", "not run")
    return {name: sum(row.verdict == name for row in rows) for name in names}


def verdict_table(rows: Sequence[Row]) -> Table:
    """One line per claim and one per test."""
    return Table(HEADS, [line for row in rows for line in lines_of(row)])


def lines_of(row: Row) -> Iterator[Sequence[str]]:
    """The lines of a claim in the table."""
    about = f"{row.claim.title} ({_cost(row)})" if row.outcomes else row.claim.title
    yield (row.claim.row, about, "", "", "", "", "", "", row.verdict)
    for name, outcome in row.outcomes.items():
        yield (row.claim.row, name, *numbers(outcome), test_verdict(row, outcome))


def numbers(outcome: Outcome) -> Sequence[str]:
    """Effect, interval, delta, p, corrected p, and band with the levels of arms and p of a regression."""
    low, high = outcome.interval
    test = outcome.test
    levels = [f"{arm} {level:.3g} in {shown_band(test.levels[arm])}" for arm, level in outcome.levels.items()]
    return (
        f"{outcome.effect:.3g}",
        f"{low:.3g} to {high:.3g}",
        f"{outcome.delta:.2f}",
        f"{outcome.p:.2g}",
        f"{outcome.corrected:.2g}",
        "; ".join([shown_band(test.band), *levels, *_regression(outcome)]),
    )


def _regression(outcome: Outcome) -> list[str]:
    return [] if outcome.regression is None else [f"regression p {outcome.regression:.1g}"]


def test_verdict(row: Row, outcome: Outcome) -> str:
    """`pass`, `fail` with the reasons, or what may be said without the fixed seeds."""
    if row.verdict == "not yet tested":
        return "not yet tested"
    return "pass" if outcome.passed else f"fail: {'; '.join(outcome.problems)}"


def _section(row: Row, images: Images) -> Section:
    claim = row.claim
    said = [claim.sentence, f"Verdict: {row.verdict}.", *row.missing, *claim.remarks]
    sources = [
        f"{source.text} [{source.evidence}]" + (f" doi:{source.doi}" if source.doi else "")
        for source in claim.sources
    ]
    drawn = [images.add(claim.row, claim_figure(row), CAPTION)] if row.outcomes else []
    arms = Table(
        ("arm", "config", "changed", "what for"),
        [(name, arm.config, _settings(arm.set), arm.description) for name, arm in claim.arms.items()],
        f"Arms, each run with the seeds {seeds_text(row)}:",
    )
    tests = Table(
        ("test", "what it says", "measure", "expected", "band", "evidence"),
        [
            (name, test.says, _measure(test), _expected(test), shown_band(test.band), test.evidence)
            for name, test in claim.tests.items()
        ],
        "Tests:",
    )
    own = [verdict_table([row])] if row.outcomes else []
    planned = [tests, arms] if claim.arms else []
    named = dict.fromkeys(test.measure for test in claim.tests.values())
    measures = [f"{name}: {describe_measure(name)}" for name in named]
    return Section(
        claim.row,
        f"{claim.row}: {claim.title}",
        [*said, *measures, *("Source: " + text for text in sources)],
        drawn,
        [*own, *planned],
    )


def _settings(values: Mapping[str, object]) -> str:
    return "; ".join(f"{key}: {value}" for key, value in values.items())


def _measure(test: Test) -> str:
    options = ", ".join(f"{key} {value}" for key, value in test.options.items())
    return f"{test.measure} ({options})" if options else test.measure


def _expected(test: Test) -> str:
    if test.doses:
        slope = {"more": "above", "less": "below", "equal": "equal to"}[test.expect]
        return f"slope {slope} 0 over {', '.join(f'{arm} ({level:g})' for arm, level in test.doses.items())}"
    against = f"{test.against:g}" if isinstance(test.against, float) else test.against
    against = against if test.times == 1 else f"{test.times:g} x {against}"
    way = "" if test.change == "difference" else f" ({test.change})"
    way = f" (share of the way to {test.whole})" if test.whole is not None else way
    return f"{test.arm} {test.expect} {'to' if test.expect == 'equal' else 'than'} {against}{way}"


def seeds_text(row: Row) -> str:
    """`0-11`."""
    first, last = row.seeds[0], row.seeds[-1]
    return f"{first}" if first == last else f"{first}-{last}"


def _cost(row: Row) -> str:
    return f"seeds {seeds_text(row)}, {row.cpu_s / 60:.1f} CPU minutes"
