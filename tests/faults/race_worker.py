"""Takes part in races for directories: python -m tests.faults.race_worker FOLDER RACES"""

from __future__ import annotations

import sys
from pathlib import Path

from neuromod.errors import OutputError
from neuromod.store.directory import RunDirectory


def await_file(path: Path) -> None:
    while not path.exists():
        pass


def main(folder: Path, races: int) -> None:
    print("ready", flush=True)
    for number in range(races):
        await_file(folder / f"begin-{number}")
        try:
            with RunDirectory(folder / f"run-{number}"):
                print("won", flush=True)
                await_file(folder / f"end-{number}")
        except OutputError as error:
            print(error, flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
