"""For notebooks: run a config and look at its results.

import neuromod
results = neuromod.run("configs/quickstart.yaml", set={"duration": "2 s", "seed": 3})
times_ms, cells = results.spikes("CA1_PYR")
neuromod.open_results("runs/quickstart/001").rates("CA1_PYR")       # also while the run is under way
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from neuromod.simulation.execute import run as run_file
from neuromod.simulation.progress import Silent, default_progress
from neuromod.simulation.resume import resume as resume_run
from neuromod.store.reader import Results
from neuromod.store.reader import open_results as open_file


def run(
    config: str | Path,
    *,
    set: Mapping[str, object] | None = None,  # noqa: A002 - the word of the config and of --set
    output: str | Path | None = None,
    backend: str | None = None,
    progress: bool = False,
) -> Results:
    """Run a config file and open its results.

    `set`: dotted keys of the config with their new values, as with `--set`. `output`: directory of the run
    (default: a new number below runs/<name>). Raises the errors of `neuromod.errors`.
    """
    settings = [f"{key}={json.dumps(value)}" for key, value in (set or {}).items()]
    summary = run_file(
        Path(config),
        settings=settings,
        output=None if output is None else Path(output),
        backend=backend,
        progress=default_progress() if progress else Silent(),
    )
    return open_file(summary.directory)


def resume(
    directory: str | Path,
    *,
    set: Mapping[str, object] | None = None,  # noqa: A002 - the word of the config and of --set
    fork: str | Path | None = None,
    backend: str | None = None,
    progress: bool = False,
) -> Results:
    """Go on with the run in a directory from its last checkpoint, and open its results.

    `set`: keys of the config that change, such as the duration. `fork`: a new directory in which the run goes
    on with other parameters. Raises the errors of `neuromod.errors`.
    """
    summary = resume_run(
        Path(directory),
        settings=[f"{key}={json.dumps(value)}" for key, value in (set or {}).items()],
        fork=None if fork is None else Path(fork),
        backend=backend,
        progress=default_progress() if progress else Silent(),
    )
    return open_file(summary.directory)


def open_results(path: str | Path) -> Results:
    """Open a results file or a run directory, finished or not."""
    return open_file(Path(path))
