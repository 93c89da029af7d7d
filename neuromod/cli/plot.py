"""`neuromod plot FILE`: the overview figure of a run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from neuromod.cli.options import Debug, Json, Quiet, Recording, Verbose
from neuromod.cli.output import Output

if TYPE_CHECKING:
    from neuromod.store.reader import Results

Figure = Annotated[
    Path | None,
    typer.Option(
        "--output",
        "-o",
        help="Without .png or .pdf. Default: figures/overview beside the file.",
    ),
]
Populations = Annotated[
    list[str] | None, typer.Option("--population", "-p", help="Only this population; repeatable.")
]
Start = Annotated[float | None, typer.Option("--from", metavar="MS", help="Begin of the window, in ms.")]
Stop = Annotated[float | None, typer.Option("--to", metavar="MS", help="End of the window, in ms.")]


def plot(
    file: Recording,
    target: Figure = None,
    populations: Populations = None,
    start_ms: Start = None,
    stop_ms: Stop = None,
    as_json: Json = False,
    verbose: Verbose = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Draw spikes, rates, field and modulators of a run on one time axis (PNG and PDF)."""
    folder = file if file.is_dir() else file.parent
    written = draw(file, target or folder / "figures" / "overview", populations, (start_ms, stop_ms))
    paths = [str(path) for path in written]
    Output(as_json, verbose, quiet, debug).result({"figures": paths}, "\n".join(paths))


def draw(
    file: Path,
    target: Path,
    populations: list[str] | None = None,
    window: tuple[float | None, float | None] = (None, None),
) -> list[Path]:
    """Draw the overview of a run; returns the files written."""
    from neuromod.analysis.figures import overview, save
    from neuromod.store.reader import open_results

    with open_results(file) as results:
        return list(save(overview(results, populations, window, _regions(results)), target))


def _regions(results: Results) -> dict[str, str]:
    if not results.has_provenance:
        return {}
    return {name: about.region for name, about in results.provenance().populations.items()}
