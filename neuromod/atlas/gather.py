"""Rows of the atlas from the runs that are there."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import numpy as np

from neuromod.analysis.statistics import Floats
from neuromod.atlas.claim import LoadedClaim, Test
from neuromod.atlas.measures import measured
from neuromod.atlas.protocol import Protocol
from neuromod.atlas.verdict import Row, judge
from neuromod.atlas.work import Failure, cpu_seconds
from neuromod.store.reader import Results, open_results


def row_of(
    claim: LoadedClaim, protocol: Protocol, seeds: Sequence[int], failures: Sequence[Failure] = ()
) -> Row:
    """What came out of a claim with these seeds; nothing where a run is missing."""
    if claim.claim.lacks is not None:
        return Row(claim.claim, seeds, missing=[claim.claim.lacks])
    jobs = protocol.jobs(seeds)
    missing = [job for job in jobs if not job.done]
    if missing:
        failed = {failure.job.directory: failure.reason for failure in failures}
        said = [f"{job.arm}, seed {job.seed}: {failed.get(job.directory, 'not run')}" for job in missing[:3]]
        more = [f"and {len(missing) - 3} more"] if len(missing) > 3 else []
        return Row(
            claim.claim, seeds, missing=[f"{len(missing)} of {len(jobs)} runs are missing", *said, *more]
        )
    values = _values(protocol, seeds)
    outcomes = {name: judge(test, values[name]) for name, test in claim.claim.tests.items()}
    return Row(claim.claim, seeds, outcomes, cpu_seconds(jobs))


def _values(protocol: Protocol, seeds: Sequence[int]) -> dict[str, dict[str, Floats]]:
    """Test -> arm -> values (seeds,). Every run is opened once."""
    claim = protocol.claim.claim
    found: dict[str, dict[str, Floats]] = {name: {} for name in claim.tests}
    for arm in claim.arms:
        tests = {name: test for name, test in claim.tests.items() if arm in arms_of(test)}
        for name in tests:
            found[name][arm] = np.full(len(seeds), np.nan)
        for place, seed in enumerate(seeds):
            with open_results(protocol.job(arm, seed).directory) as results:
                for name, value in _measured(results, tests).items():
                    found[name][arm][place] = value
    return found


def _measured(results: Results, tests: Mapping[str, Test]) -> dict[str, float]:
    """Test -> its number of a run; tests with the same measure share it."""
    known: dict[str, float] = {}
    for test in tests.values():
        if (key := _key(test)) not in known:
            known[key] = measured(results, test.measure, test.options)
    return {name: known[_key(test)] for name, test in tests.items()}


def _key(test: Test) -> str:
    return json.dumps([test.measure, test.options], sort_keys=True)


def arms_of(test: Test) -> set[str]:
    """The arms of which a test needs numbers."""
    named = (test.arm, test.against, test.whole, *test.levels, *test.doses)
    return {name for name in named if isinstance(name, str)}
