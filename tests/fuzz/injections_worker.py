"""Validates every attack under the audit hook; `python -m tests.fuzz.injections_worker BASE`, prints JSON."""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path

import neuromod
from tests.fuzz import worker
from tests.fuzz.injections import CONFIG, MODEL, Attack, attacks
from tests.fuzz.paths_worker import tried
from tests.fuzz.watch import Audit


def main() -> None:
    """All attacks, after a control: a config without one is accepted, and code that runs is seen."""
    base = Path(sys.argv[1])
    (base / "mine" / "neurons").mkdir(parents=True)
    os.chdir(base)
    for number in (signal.SIGPROF, signal.SIGALRM):
        signal.signal(number, worker._ring)
    audit = Audit(base, *Path(neuromod.__file__).parents[:2], *map(Path, sys.path[1:]), Path(sys.base_prefix))
    (base / "mine" / "neurons" / "cell.yaml").write_text(MODEL)
    (base / "config.yaml").write_text(CONFIG)
    good = tried(Path("config.yaml"))
    audit.watching = True
    exec("1")
    audit.watching = False
    control = audit.seen[:]
    found = []
    for attack in attacks():
        found.append([attack.where, attack_text(attack), *_attacked(attack, audit)])
    left = worker.listing(base)
    json.dump({"good": good, "control": control, "found": found, "left": left}, sys.stdout)


def attack_text(attack: Attack) -> str:
    """What was tried, for the report."""
    return str(attack.settings or (attack.model if attack.where.startswith("model") else attack.config))[:400]


def _attacked(attack: Attack, audit: Audit) -> tuple[str, list[str]]:
    Path("config.yaml").write_text(attack.config, encoding="utf-8")
    Path("mine/neurons/cell.yaml").write_text(attack.model, encoding="utf-8")
    audit.seen.clear()
    audit.watching = True
    said = tried(Path("config.yaml"), attack.settings)
    audit.watching = False
    return said, audit.seen[:]


if __name__ == "__main__":
    main()
