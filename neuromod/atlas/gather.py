"""Rows of the atlas from the runs that are there."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from neuromod.analysis.statistics import Floats
from neuromod.atlas.claim import LoadedClaim, Test
from neuromod.atlas.measures import measured
from neuromod.atlas.protocol import Protocol
from neuromod.atlas.verdict import Row, judge
from neuromod.atlas.work import Failure, cpu_seconds
from neuromod.store.reader import open_results


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
    outcomes = {name: judge(test, _values(protocol, test, seeds)) for name, test in claim.claim.tests.items()}
    return Row(claim.claim, seeds, outcomes, cpu_seconds(jobs))


def _values(protocol: Protocol, test: Test, seeds: Sequence[int]) -> dict[str, Floats]:
    named = [test.arm, test.against, test.whole, *test.levels]
    arms = dict.fromkeys(name for name in named if isinstance(name, str))
    return {arm: np.array([_value(protocol, arm, test, seed) for seed in seeds]) for arm in arms}


def _value(protocol: Protocol, arm: str, test: Test, seed: int) -> float:
    with open_results(protocol.job(arm, seed).directory) as results:
        return measured(results, test.measure, test.options)
