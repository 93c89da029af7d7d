"""What a finished run prints."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from neuromod.cli.output import Output
from neuromod.cli.plot import draw

if TYPE_CHECKING:
    from neuromod.simulation.summary import RunSummary


def show_run(done: RunSummary, output: Output, *, figure: bool) -> None:
    """Print the summary, after drawing the figures if asked."""
    if figure:
        draw(done.directory)
    output.detail("; ".join(f"{phase} {seconds:.2f} s" for phase, seconds in done.seconds.items()))
    data = asdict(done) | {"directory": str(done.directory), "results": str(done.results)}
    output.result(data, "\n".join(done.lines()))
