"""`neuromod analyse FILE`: the rhythms of a run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from neuromod.cli.options import Debug, Figure, Json, Quiet, Recording, Verbose
from neuromod.cli.output import Output, columns
from neuromod.errors import ConfigError

if TYPE_CHECKING:
    from neuromod.analysis.bands import Band
    from neuromod.analysis.rhythms import Rhythms
    from neuromod.store.reader import Results

Target = Annotated[
    Path | None,
    typer.Option("--output", "-o", metavar="PATH", help="Default: analysis.h5 beside the results."),
]
Bands = Annotated[
    list[str] | None,
    typer.Option(
        "--band",
        metavar="NAME=LOW-HIGH",
        help="A band whose power is reported, in Hz, e.g. ripple=120-200; repeatable.",
    ),
]
Theta = Annotated[str, typer.Option("--theta", metavar="LOW-HIGH", help="Where a theta peak is sought, Hz.")]
Phase = Annotated[str, typer.Option("--phase", metavar="LOW-HIGH", help="Band whose phase is taken, Hz.")]
Gamma = Annotated[
    str,
    typer.Option("--gamma", metavar="LOW-HIGH", help="Where a gamma peak is sought, and its amplitude, Hz."),
]
Start = Annotated[float, typer.Option("--from", metavar="S", help="Begin of what is analysed, in s.")]
Stop = Annotated[float | None, typer.Option("--to", metavar="S", help="Its end, in s. Default: all.")]
Surrogates = Annotated[int, typer.Option("--surrogates", metavar="N", help="Surrogates; 200 or more.")]
Seed = Annotated[int, typer.Option("--seed", metavar="N", min=0, help="Seed of the surrogates.")]


def analyse(
    file: Recording,
    target: Target = None,
    bands: Bands = None,
    theta: Theta = "4-12",
    phase: Phase = "5-9",
    gamma: Gamma = "30-90",
    start_s: Start = 1.0,
    stop_s: Stop = None,
    surrogates: Surrogates = 200,
    seed: Seed = 0,
    figure: Figure = False,
    as_json: Json = False,
    verbose: Verbose = False,
    quiet: Quiet = False,
    debug: Debug = False,
) -> None:
    """Find theta and gamma, their coupling, coherence between fields, and how spikes follow theta; write
    analysis.h5 beside the results.
    """
    from neuromod.analysis.rhythms import BANDS, Settings, rhythms
    from neuromod.analysis.tables import keep, parameters, printed, rows
    from neuromod.store.analysis import ANALYSIS, results_of
    from neuromod.store.reader import open_results

    source = results_of(file)
    limits = dict(BANDS) | dict(map(_named, bands or ()))
    searched = (_band("--theta", theta), _band("--phase", phase), _band("--gamma", gamma))
    settings = Settings(limits, *searched, start_s, stop_s, surrogates, seed)
    path = target or source.parent / ANALYSIS
    if path.resolve() == source.resolve():
        raise ConfigError(f"--output: got {path}, which is the results file")
    with open_results(source) as results:
        about = results.provenance()
        regions = {name: info.region for name, info in about.populations.items()}
        found = rhythms(results, settings, regions)
        tables = keep(path, source, about, found)
        written = [str(path), *(_draw(results, found, source.parent / "figures") if figure else [])]
    data = {table.name: rows(table) for table in tables} | {"parameters": parameters(found), "files": written}
    Output(as_json, verbose, quiet, debug).result(
        data, "\n\n".join([*(columns(printed(table)) for table in tables), "\n".join(written)])
    )


def _draw(results: Results, found: Rhythms, folder: Path) -> list[str]:
    from neuromod.analysis.figures import save
    from neuromod.analysis.lettering import file_name
    from neuromod.analysis.rhythm_figures import figures

    drawn = figures(results, found)
    return [str(path) for name, drawing in drawn.items() for path in save(drawing, folder / file_name(name))]


def _band(option: str, text: str) -> Band:
    from neuromod.analysis.bands import Band

    try:
        low, high = map(float, text.split("-"))
        return Band(low, high)
    except ValueError as error:
        raise ConfigError(
            f"{option}: got {text}, needed are two ascending frequencies such as 4-12"
        ) from error


def _named(text: str) -> tuple[str, Band]:
    name, equals, limits = text.partition("=")
    if not (equals and name.isidentifier()):
        raise ConfigError(f"--band: got {text}, needed is a name and two frequencies such as ripple=120-200")
    return name, _band("--band", limits)
