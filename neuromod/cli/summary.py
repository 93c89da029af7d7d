"""What a finished run prints."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from neuromod.cli.output import Output
from neuromod.cli.plot import draw
from neuromod.cli.report import PAGE, make

if TYPE_CHECKING:
    from neuromod.simulation.summary import RunSummary


def show_run(done: RunSummary, output: Output, *, figure: bool, report: bool) -> None:
    """Print the summary, after drawing the figures and writing the report if asked."""
    if figure:
        draw(done.directory)
    about = make(done.directory) if report else {}
    output.detail("; ".join(f"{phase} {seconds:.2f} s" for phase, seconds in done.seconds.items()))
    data = asdict(done) | {"directory": str(done.directory), "results": str(done.results)}
    lines = done.lines()
    if report:
        data |= {"report": about}
        lines += [f"report: {done.directory / PAGE}", f"  {about['summary']}"]
    output.result(data, "\n".join(lines))
