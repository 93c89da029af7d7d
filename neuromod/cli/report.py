"""`neuromod report FILE`: everything of a run in one page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from neuromod.cli.options import Debug, Figure, Json, Quiet, Recording, Verbose
from neuromod.cli.output import Output
from neuromod.errors import ConfigError, StorageError

PAGE = "report.html"
Target = Annotated[
    Path | None,
    typer.Option("--output", "-o", metavar="PATH", help="Default: report.html beside the results."),
]
Start = Annotated[
    float | None,
    typer.Option("--from", metavar="S", help="Begin of what rates and rhythms are of, in s. Default: 1 s."),
]
Stop = Annotated[float | None, typer.Option("--to", metavar="S", help="Its end, in s. Default: all.")]


def report(
    file: Recording,
    target: Target = None,
    start_s: Start = None,
    stop_s: Stop = None,
    figure: Figure = False,
    as_json: Json = False,
    verbose: Verbose = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Gather circuit, health, rates, rhythms, neuromodulators, weights, config and provenance of a run in one
    HTML page that needs nothing else; write it and analysis.h5 beside the results.
    """
    data = make(file, target, start_s, stop_s, figure=figure)
    files = data["files"]
    text = "\n".join([str(data["summary"]), *(files if isinstance(files, list) else [])])
    Output(as_json, verbose, quiet, debug).result(data, text)


def make(
    file: Path,
    target: Path | None = None,
    start_s: float | None = None,
    stop_s: float | None = None,
    *,
    figure: bool = False,
) -> dict[str, object]:
    """Write the page of a run, and of a finished one its analysis.h5; `figure`: each figure as PNG and PDF
    too. Returns verdict, summary and the files written.
    """
    from neuromod.analysis.figures import save
    from neuromod.analysis.lettering import file_name
    from neuromod.analysis.tables import keep
    from neuromod.report.build import build
    from neuromod.report.page import write
    from neuromod.store.analysis import ANALYSIS
    from neuromod.store.reader import open_results

    folder = file if file.is_dir() else file.parent
    page = target or folder / PAGE
    if not page.parent.is_dir():
        raise StorageError(f"cannot write {page}: there is no folder {page.parent}")
    with open_results(file) as results:
        if page.resolve() == results.path.resolve() or page.is_dir():
            raise ConfigError(f"--output: got {page}, which is the results; needed is the name of a page")
        built = build(results, start_s, stop_s)
        written = [write(built.report, page)]
        if built.rhythms is not None and results.finished:
            keep(folder / ANALYSIS, results.path, results.provenance(), built.rhythms)
            written.append(folder / ANALYSIS)
    if figure:
        for name, drawing in built.figures.items():
            written += save(drawing, folder / "figures" / file_name(name))
    about = {"verdict": built.report.verdict, "summary": built.report.summary}
    return about | {"files": [str(path) for path in written]}
