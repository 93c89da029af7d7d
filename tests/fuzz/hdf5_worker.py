"""Offers every hostile HDF5 file to everything that reads one; `python -m tests.fuzz.hdf5_worker BASE`.

Prints JSON: for each file and reader the exit code, the lines on stderr, the most memory, and what of the
bait was opened. Each file is tried in a child process of its own, so that its memory is its own.
"""

from __future__ import annotations

import io
import json
import os
import signal
import sys
import traceback
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import h5py

from neuromod.analysis import figures, learning
from neuromod.cli.errors import describe
from neuromod.cli.errors import main as command
from neuromod.cli.planning import plan_of
from neuromod.errors import NeuromodError
from neuromod.report import build, page
from neuromod.store.reader import open_results
from tests.fuzz import worker
from tests.fuzz.hostile_hdf5 import write_all
from tests.fuzz.hostile_paths import PLACES, Case
from tests.fuzz.watch import Bait

__all__ = ["build", "figures", "learning", "page", "plan_of"]  # loaded before memory is measured


def _python(path: Path) -> int:
    """All that `open_results` offers; what it raises counts as on the command line."""
    try:
        with open_results(path) as results:
            results.summary()
            for one in results.signals:
                results.signal(one.key)
            results.provenance()
    except NeuromodError as error:
        lines, code = describe(error)
        sys.stderr.write("\n".join(lines))
        return code
    return 0


def _config(place: str, path: Path) -> int:
    """A config that names the file."""
    config = Path(f"config{os.getpid()}.yaml")
    config.write_text(Case(place, str(path)).config(Path.cwd()))
    try:
        return command(["validate", str(config)])
    finally:
        config.unlink()


READERS: dict[str, Callable[[Path], int]] = {
    "inspect": lambda path: command(["inspect", str(path)]),
    "inspect --json": lambda path: command(["inspect", str(path), "--json"]),
    "open_results": _python,
    "plot": lambda path: command(["plot", str(path), "-o", f"figure{os.getpid()}.png"]),
    "report": lambda path: command(["report", str(path), "-o", f"page{os.getpid()}.html"]),
    "spikes file": lambda path: _config("spikes file", path),
    "edges": lambda path: _config("edges", path),
    "mean_clamp": lambda path: _config("mean_clamp", path),
}
SECONDS = {"plot": 10.0, "report": 30.0}
"""The figures of a good file take about 3, its report 10; what is refused is refused as soon as elsewhere."""
assert READERS.keys() - {"inspect", "inspect --json", "plot", "report", "open_results"} <= PLACES.keys()


def offered(path: Path, reader: str) -> tuple[int | str, list[str], int]:
    """Exit code or fault, lines of stderr, and the most MiB of memory."""
    words, code = io.StringIO(), 0
    worker.forget_peak()
    try:
        worker.CPU_SECONDS = SECONDS.get(reader, 2.0)
        with worker.alarm(), redirect_stdout(io.StringIO()), redirect_stderr(words):
            code = READERS[reader](path)
    except worker.TooSlow:
        return "HANG " + traceback.format_exc()[-1500:], [], 0
    return code, words.getvalue().splitlines(), worker.peak_mib()


def in_child(path: Path, reader: str) -> list[object]:
    """`offered`, in a child process."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writing, json.dumps(offered(path, reader)).encode()[:60_000])
        os._exit(0)
    os.close(writing)
    with open(reading, "rb") as pipe:
        said = pipe.read()
    status = os.waitpid(child, 0)[1]
    return json.loads(said) if said else [f"DIED {status}", [], 0]


def main() -> None:
    """All files, all readers."""
    base = Path(sys.argv[1])
    for folder in ("outside", "project"):
        (base / folder).mkdir()
    bait = base / "outside" / "bait.h5"
    with h5py.File(bait, "w") as file:
        file["spikes/R/timestamps"], file["spikes/R/node_ids"] = [1.0], [0]
        file["edges/x/source_node_id"] = [0]
    os.chdir(base / "project")
    files = write_all(Path(), bait)
    signal.signal(signal.SIGPROF, worker._ring)
    signal.signal(signal.SIGALRM, worker._ring)
    watch = Bait(base / "outside")
    bait.read_bytes()
    h5py.File(bait, "r").close()
    control = watch.touched()
    some = files if sys.argv[2:] == [] else {name: files[name] for name in sys.argv[2:]}
    found = [
        [name, reader, *in_child(path, reader), watch.touched()]
        for name, path in some.items()
        for reader in READERS
    ]
    json.dump({"control": control, "found": found, "left": worker.listing(base)}, sys.stdout)


if __name__ == "__main__":
    main()
