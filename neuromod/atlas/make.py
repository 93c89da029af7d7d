"""The atlas from claim files: run what is missing, judge, and write the page, the figures and the numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from neuromod.analysis.figures import save
from neuromod.atlas.claim import LoadedClaim, load_rows, seeds_of
from neuromod.atlas.gather import row_of
from neuromod.atlas.page import atlas_page
from neuromod.atlas.protocol import Protocol
from neuromod.atlas.record import as_json
from neuromod.atlas.verdict import Row, corrected
from neuromod.atlas.work import Failure, Told, run_all
from neuromod.report.page import write
from neuromod.store.atomic import commit
from neuromod.store.disk import storage_failures

PAGE, NUMBERS, FIGURES = "atlas.html", "atlas.json", "figures"


@dataclass(frozen=True)
class Atlas:
    """The rows, the runs that failed, and the files written."""

    rows: Sequence[Row]
    failures: Sequence[Failure]
    files: Sequence[Path]


def make(
    folder: Path,
    output: Path,
    told: Told,
    *,
    names: Sequence[str] = (),
    seeds: str | None = None,
    workers: int = 1,
    running: bool = True,
) -> Atlas:
    """The atlas of the claims in a folder, or of some of them, below `output`.

    `seeds`: others than those of the claims, which then get no verdict. `running`: otherwise only what was
    run before is looked at.

    Raises:
        ConfigError: a claim, or a config that it names, is wrong; then nothing was run. StorageError,
        OutputError, AccessError: the output cannot be written.
    """
    claims = load_rows(folder, names)
    wanted = {
        claim.row: seeds_of(seeds, "--seeds") if seeds else seeds_of(claim.claim.seeds) for claim in claims
    }
    with storage_failures("write", output):
        output.mkdir(parents=True, exist_ok=True)
    protocols = {claim.row: Protocol(claim, output) for claim in claims}
    jobs = [job for claim in claims for job in protocols[claim.row].jobs(wanted[claim.row])]
    failures = run_all(jobs, workers, told) if running else []
    rows = corrected([_row(claim, protocols[claim.row], wanted[claim.row], failures) for claim in claims])
    return Atlas(rows, failures, _written(rows, output))


def _row(claim: LoadedClaim, protocol: Protocol, seeds: Sequence[int], failures: Sequence[Failure]) -> Row:
    return row_of(claim, protocol, seeds, [failure for failure in failures if failure.job.row == claim.row])


def _written(rows: Sequence[Row], output: Path) -> list[Path]:
    report, figures = atlas_page(rows)
    files = [write(report, output / PAGE), output / NUMBERS]
    commit(output / NUMBERS, as_json(rows))
    for name, drawing in figures.items():
        files += save(drawing, output / FIGURES / name)
    return files
