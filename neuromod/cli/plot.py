"""`neuromod plot FILE`: the overview of a run, and what was learned in it."""

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
        help="Without .png or .pdf; `_learning` is added for what was learned. "
        "Default: figures/overview and figures/learning beside the file.",
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
    """Draw spikes, rates, field and modulators of a run on one time axis (PNG and PDF), and if weights that
    learn were recorded, how they changed.
    """
    written = draw(file, target, populations, (start_ms, stop_ms))
    paths = [str(path) for path in written]
    Output(as_json, verbose, quiet, debug).result({"figures": paths}, "\n".join(paths))


def draw(
    file: Path,
    target: Path | None = None,
    populations: list[str] | None = None,
    window: tuple[float | None, float | None] = (None, None),
) -> list[Path]:
    """Draw the overview of a run, and what was learned if that was recorded; returns the files written."""
    from neuromod.analysis.figures import overview, save
    from neuromod.analysis.learning import learning
    from neuromod.store.reader import open_results

    folder = (file if file.is_dir() else file.parent) / "figures"
    with open_results(file) as results:
        figures = {
            target or folder / "overview": overview(results, populations, window, _regions(results)),
            _with(target, "_learning") if target else folder / "learning": learning(results, window),
        }
    return [path for stem, figure in figures.items() if figure for path in save(figure, stem)]


def _with(target: Path, ending: str) -> Path:
    """A path with something added to its name, before .png or .pdf."""
    stem = target.with_suffix("") if target.suffix in (".png", ".pdf") else target
    return stem.with_name(stem.name + ending)


def _regions(results: Results) -> dict[str, str]:
    if not results.has_provenance:
        return {}
    return {name: about.region for name, about in results.provenance().populations.items()}
