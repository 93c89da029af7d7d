"""Validates a config with each hostile path, watched: `python -m tests.fuzz.paths_worker BASE`."""

from __future__ import annotations

import json
import os
import signal
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path

import neuromod
from neuromod.cli.errors import describe
from neuromod.cli.planning import plan_of
from neuromod.errors import NeuromodError
from tests.fuzz import worker
from tests.fuzz.hostile_paths import CASES, GOOD, Case, lay_out
from tests.fuzz.watch import Audit, Bait


def tried(config: Path, settings: Sequence[str] = ()) -> str:
    """`accepted`, or the lines of the refusal, or what went wrong."""
    try:
        with worker.alarm():
            plan_of(config, settings)
    except NeuromodError as error:
        return "\n".join(describe(error)[0])
    except worker.TooSlow:
        return "HANG"
    except BaseException:  # noqa: BLE001 - whatever else comes out is a fault
        return "TRACEBACK\n" + traceback.format_exc()
    return "accepted"


def main() -> None:
    """All cases; the good ones first, which also load every module that is needed."""
    base = Path(sys.argv[1])
    lay_out(base)
    os.chdir(base / "project")
    for number, sent in ((signal.SIGPROF, worker._ring), (signal.SIGALRM, worker._ring)):
        signal.signal(number, sent)
    config = Path("config.yaml")
    audit = Audit(
        base / "project",
        *Path(neuromod.__file__).parents[:2],
        *map(Path, sys.path[1:]),
        Path(sys.base_prefix),
    )
    bait = Bait(base / "outside", base / "home")
    good = {}
    for place, name in GOOD.items():
        config.write_text(Case(place, name).config(base))
        good[place] = tried(config)
    (base / "outside" / "secret.csv").read_text()
    controls = [bait.touched()]
    audit.watching = True
    open("/etc/hosts").close()
    open(base / "project" / "made", "w").close()
    audit.watching = False
    controls.append(audit.seen[:])
    (base / "project" / "made").unlink()
    results = []
    for case in CASES:
        config.write_bytes(case.config(base).encode("utf-8", "surrogatepass"))
        audit.seen.clear()
        audit.watching = True
        said = tried(config)
        audit.watching = False
        results.append([case.place, case.name, said, [*bait.touched(), *audit.seen]])
    json.dump({"good": good, "controls": controls, "results": results}, sys.stdout)


if __name__ == "__main__":
    main()
