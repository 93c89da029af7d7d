"""`neuromod atlas [ROW...]`: run the arms of claims and say which claims hold."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from neuromod.cli.options import Debug, Json, Quiet, Verbose
from neuromod.cli.output import Output, columns, counted

if TYPE_CHECKING:
    from neuromod.atlas.protocol import Job

HERE = Path("configs/atlas")
Rows = Annotated[
    list[str] | None,
    typer.Argument(metavar="[ROW]...", help="Names of claims. Default: all.", show_default=False),
]
Claims = Annotated[
    Path | None,
    typer.Option(
        "--claims",
        metavar="DIR",
        help="Folder of the claim files. Default: configs/atlas, or what is shipped.",
    ),
]
Seeds = Annotated[
    str | None,
    typer.Option(
        "--seeds", metavar="A-B", help="Other seeds than those of the claims; they give no verdict."
    ),
]
Jobs = Annotated[int, typer.Option("--jobs", "-j", metavar="N", min=1, help="Runs at a time.")]
Target = Annotated[
    Path, typer.Option("--output", "-o", metavar="DIR", help="Folder of runs, page and numbers.")
]
OnlyLook = Annotated[bool, typer.Option("--no-run", help="Run nothing, look at the runs that are there.")]


def atlas(
    rows: Rows = None,
    claims: Claims = None,
    seeds: Seeds = None,
    jobs: Jobs = 1,
    target: Target = Path("runs/atlas"),
    no_run: OnlyLook = False,
    as_json: Json = False,
    verbose: Verbose = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> int:
    """Run all arms of claims that are not run yet, compare them, and write one page with verdicts and
    figures. Runs that are complete are not repeated; those that were stopped go on.
    """
    from neuromod.atlas.make import make
    from neuromod.atlas.page import lines_of
    from neuromod.atlas.record import as_data
    from neuromod.library.shipped import configs_root

    output = Output(as_json, verbose, quiet, debug)

    def told(job: Job, how: str) -> None:
        output.remark(f"{job.row} {job.arm}, seed {job.seed}: {how}")

    folder = claims or (HERE if HERE.is_dir() else configs_root() / "atlas")
    made = make(folder, target, told, names=rows or (), seeds=seeds, workers=jobs, running=not no_run)
    lines = [[line[0], line[1], line[2], line[6], line[8]] for row in made.rows for line in lines_of(row)]
    text = [columns([["row", "test", "effect", "p (Holm)", "verdict"], *lines])]
    text += [f"{row.claim.row}: {'; '.join(row.missing)}" for row in made.rows if row.missing]
    if made.failures:
        text.append(
            f"{counted(len(made.failures), 'run')} failed; logs are beside their folders in {target}/runs"
        )
    data = as_data(made.rows) | {"files": [str(path) for path in made.files]}
    output.result(data, "\n".join([*text, *(str(path) for path in made.files[:2])]))
    return 1 if made.failures else 0
