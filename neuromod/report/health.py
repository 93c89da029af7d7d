"""The checks with which a report opens: is the run whole, and is what it holds plausible?"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from neuromod.report.activity import Activity
from neuromod.report.content import Table
from neuromod.report.planned import Planned
from neuromod.report.weights import WeightChange
from neuromod.store.reader import Results

Verdict = Literal["ok", "look", "bad"]
RUNAWAY_HZ = 500.0
"""Where a plan names no limit; the default of `guards.rate_limit`."""
DRIFT = 0.2
"""Difference of the rates of both halves, relative to their mean, from which a population drifts."""
FEWEST = 200
"""Spikes below which a difference of halves says little."""
AT_BOUND = 0.5
"""Share of the synapses of a projection at one bound from which it counts as saturated."""
MOST_NAMED, MOST_SAID = 6, 3
MAX_VALUES = 50_000_000
"""Larger signals are not searched for values that are not finite."""
WORDS = {"ok": "passed", "look": "look at it", "bad": "failed"}


@dataclass(frozen=True)
class Check:
    """One question, its verdict, and what was found."""

    question: str
    verdict: Verdict
    found: str


def checks(
    results: Results, plan: Planned, found: Sequence[Activity], weights: Sequence[WeightChange]
) -> list[Check]:
    """All checks of a run, in order of weight."""
    return [
        _complete(results, plan),
        _finite(results),
        *_rates(plan, found),
        *_steady(plan, found),
        *_saturated(weights),
        *_source(results),
        *(Check("What did the plan remark?", "look", notice) for notice in plan.notices),
    ]


def verdict(all_checks: Sequence[Check]) -> Verdict:
    """The worst of all."""
    verdicts = {check.verdict for check in all_checks}
    return "bad" if "bad" in verdicts else "look" if "look" in verdicts else "ok"


def summary(all_checks: Sequence[Check]) -> str:
    """The verdict in a sentence."""
    failed, look = ([c for c in all_checks if c.verdict == verdict] for verdict in ("bad", "look"))
    if failed:
        return f"Not healthy: {len(failed)} of {len(all_checks)} checks failed. {_said(failed + look)}"
    if look:
        return f"Sound, but {len(look)} of {len(all_checks)} checks ask for a look. {_said(look)}"
    return f"Healthy: all {len(all_checks)} checks passed."


def _said(some: Sequence[Check]) -> str:
    """The first of some checks in words."""
    more = f" ({len(some) - MOST_SAID} more below)" if len(some) > MOST_SAID else ""
    return " ".join(f"{check.question} {check.found}" for check in some[:MOST_SAID]) + more


def table(all_checks: Sequence[Check]) -> Table:
    """The checks as a table."""
    rows = [(check.question, WORDS[check.verdict], check.found) for check in all_checks]
    return Table(("check", "verdict", "found"), rows)


def _complete(results: Results, plan: Planned) -> Check:
    question, simulated = "Is the run complete?", results.duration_ms / 1e3
    if not results.finished:
        return Check(question, "bad", f"The run is unfinished: {simulated:g} s are recorded so far.")
    if math.isnan(plan.duration_s):
        return Check(question, "look", f"{simulated:g} s are recorded; how many were planned is not known.")
    if abs(plan.duration_s - simulated) > 1e-3 * results.dt_ms:
        return Check(question, "bad", f"{simulated:g} s are recorded of {plan.duration_s:g} s planned.")
    return Check(question, "ok", f"{simulated:g} s as planned; the seal of the file holds.")


def _finite(results: Results) -> Check:
    question = "Is every number finite?"
    skipped, wrong = 0, []
    for signal in results.signals:
        steps = round(results.duration_ms / results.dt_ms)
        if signal.columns * (steps // signal.every + 1) > MAX_VALUES:
            skipped += 1
        elif not np.isfinite(results.signal(signal.key)[1]).all():
            wrong.append(signal.key)
    if wrong:
        return Check(question, "bad", f"Values that are not finite in {_listed(wrong)}.")
    rest = f"; {skipped} large ones were not looked at" if skipped else ""
    return Check(question, "ok", f"{len(results.signals) - skipped} recorded signals{rest}.")


def _rates(plan: Planned, found: Sequence[Activity]) -> Iterator[Check]:
    if not found:
        yield Check("Do all populations fire?", "look", "Neither spikes nor rates are recorded.")
        return
    silent = [one.rate.population for one in found if not one.spikes]
    text = f"Not a single spike of {_listed(silent)}." if silent else f"All {len(found)} populations fire."
    yield Check("Do all populations fire?", "look" if silent else "ok", text)
    aims = [one for one in found if one.rate.target is not None]
    off = [f"{one.rate.population} {one.rate.hz:.3g} Hz" for one in aims if one.rate.verdict != "ok"]
    if aims:
        missed = f"{len(off)} of {len(aims)} populations do not: {_listed(off)}."
        text = missed if off else f"All {len(aims)} with a target do."
        yield Check("Do they fire at their target rates?", "look" if off else "ok", text)
    default = plan.rate_limit_hz if plan.rate_limit_hz > 0 else RUNAWAY_HZ
    limits = {one.rate.population: plan.rate_limits.get(one.rate.population, default) for one in found}
    wild = [one.rate.population for one in found if one.highest > limits[one.rate.population]]
    top = max(found, key=lambda one: one.highest)
    text = f"Highest rate within 100 ms: {top.highest:.3g} Hz in {top.rate.population}."
    yield Check("Does none run away?", "bad" if wild else "ok", text)


def _steady(plan: Planned, found: Sequence[Activity]) -> Iterator[Check]:
    """Rates of both halves; what stimuli, pulses and rules change is not held against a run."""
    known = [one for one in found if one.spikes >= FEWEST]
    if not known:
        return
    moved = [
        f"{one.rate.population} {one.halves[0]:.3g} to {one.halves[1]:.3g} Hz"
        for one in known
        if abs(one.halves[1] - one.halves[0]) > DRIFT * (one.halves[0] + one.halves[1]) / 2
    ]
    meant = bool(plan.events) or any(link.rules for link in plan.circuit.links)
    text = "First and second half differ by less than 20 % everywhere."
    if moved:
        why = ", which stimuli, pulses or learning may explain" if meant else ""
        text = f"From the first to the second half: {_listed(moved)}{why}."
    yield Check("Are rates steady?", "look" if moved and not meant else "ok", text)


def _saturated(weights: Sequence[WeightChange]) -> Iterator[Check]:
    if not weights:
        return
    full = [one.projection for one in weights if max(one.at_low, one.at_high) > AT_BOUND]
    text = "Nowhere are more than half of the synapses at a bound."
    if full:
        text = f"More than half of the synapses are at a bound in {_listed(full)}."
    yield Check("Are weights within their bounds?", "look" if full else "ok", text)


def _source(results: Results) -> Iterator[Check]:
    if not results.has_provenance:
        yield Check("Is it known what made the run?", "look", "Not written down yet.")
        return
    about = results.provenance()
    release = about.versions.get("neuromod", "an unknown release")
    text = f"neuromod {release}, {about.commit or 'installed package'}, seed {about.seed}."
    changed = about.commit.endswith("-dirty")
    if changed:
        text += " The source code had changes that are in no commit."
    yield Check("Can the run be repeated?", "look" if changed else "ok", text)


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return ", ".join(names[:MOST_NAMED]) + more
