"""Names of files and folders that must lead nowhere, and the places in a config that take one.

`base/project` is the folder of the config, `base/outside` and `base/home` have what must not be read.
"""

# ruff: noqa: E501 - tables

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import h5py

from tests.store.made_up import write_file

CELLS = "E: {neuron: lif, size: 10, region: PFC}"
REPLAY = f"populations: {{{CELLS}, R: {{neuron: replay_cell, size: 4, spikes: NAME}}}}"
JOINED = f"populations: {{{CELLS}}}\nprojections: {{E->E: {{receptor: ampa, weight: 1 nS, delay: 1 ms, connect: {{edges: NAME}}}}}}"
LEVEL = f"populations: {{{CELLS}}}\nmodulators: {{dopamine: {{PFC: {{decay: 1 s, HELD}}}}}}"
PLACES = {
    "extends": ("yaml", f"extends: NAME\npopulations: {{{CELLS}}}"),
    "models": ("", "models: [NAME]\npopulations: {E: {neuron: evil, size: 10}}"),
    "spikes table": ("csv", REPLAY),
    "spikes file": ("h5", REPLAY),
    "edges": ("h5", JOINED),
    "mean_clamp": ("run", LEVEL.replace("HELD", "mean_clamp: NAME")),
    "shuffle": ("run", LEVEL.replace("HELD", "shuffle: {results: NAME, trial: 10 ms}")),
}
"""Where a config takes a path: what it leads to, and the config with NAME in the place of the path."""

NAMES = (
    "../outside/secret", "./../outside/secret", "sub/../../outside/secret", "sub/.././../outside/secret",
    "OUTSIDE/secret", "/OUTSIDE/secret", "file://OUTSIDE/secret", "~/secret", "~root/secret", "$HOME/secret",
    "${HOME}/secret", "%HOME%/secret", "$(echo ../outside)/secret", "`echo ../outside`/secret", "link", "chain",
    "sub/link", "linked/secret", "linked/../outside/secret", "loop", "sub/loop", "pipe", "zero", "mem", "tty",
    "../outside/secret\\n", " ../outside/secret", "../outside/secret ", "..\\\\outside\\\\secret", "C:\\\\secret",
    "\\\\\\\\host\\\\secret", "..%2foutside/secret", "....//outside//secret", "..;/outside/secret",
    "\\uff0e\\uff0e/outside/secret", "..\\u2215outside\\u2215secret", "..\\u2044outside/secret", "\\u202eterces",
    "\\ud800", "a\\0b", "../outside/secret\\0", "caf\\u00e9", "nothing", "", "http://localhost/secret", "-", "--set",
    "|touch pwned", "; touch pwned", "x" * 300, "x" * 5000, "x/" * 150 + "y", "../" * 60 + "etc/passwd",
)  # fmt: skip
"""Without ending; in YAML's double quotes."""
WHOLE = (
    "/", ".", "..", "../..", "/dev/zero", "/dev/stdin", "/dev/fd/0", "/dev/tty", "/proc/self/mem", "/proc/kmsg",
    "/proc/self/environ", "/proc/self/cwd/../outside/secret.csv", "/etc/passwd", "run_linked", "run_pipe",
    "run_segments", "mine_linked", "mine_file", "mine_pipe", "linked",
)  # fmt: skip
ENDINGS = {"yaml": ".yaml", "": "", "csv": ".csv", "h5": ".h5", "run": ".h5"}


@dataclass(frozen=True)
class Case:
    """A place, and a name as it is written there."""

    place: str
    name: str

    def config(self, base: Path) -> str:
        """The config with this name in it."""
        name = self.name.replace("OUTSIDE", str(base / "outside"))
        return f"neuromod: 1\nname: path\nduration: 100 ms\n{PLACES[self.place][1]}\n".replace(
            "NAME", f'"{name}"'
        )


CASES = [
    Case(place, name)
    for place, (kind, _) in PLACES.items()
    for name in (*(f"{stem}{ENDINGS[kind]}" for stem in NAMES), *WHOLE)
]
GOOD = {
    "extends": "inside.yaml", "models": "inside", "spikes table": "inside.csv", "spikes file": "inside.h5",
    "edges": "inside.h5", "mean_clamp": "run", "shuffle": "run/results.h5",
}  # fmt: skip
"""Names that are allowed: with these, what the watch sees is seen."""

Maker = Callable[[Path], None]


def lay_out(base: Path) -> None:
    """Make the three folders."""
    for folder in ("outside", "home", "project/sub"):
        (base / folder).mkdir(parents=True)
    _content(base / "outside", "secret", "models")
    _content(base / "home", "secret", "models")
    _content(base / "project", "inside", "inside")
    _links(base / "project")
    _runs(base / "project", base / "outside")


def _content(folder: Path, stem: str, models: str) -> None:
    """One file of every kind that a config can name."""
    (folder / f"{stem}.yaml").write_text("seed: 7\n")
    (folder / f"{stem}.csv").write_text("timestamps,node_ids\n1,0\n")
    with h5py.File(folder / f"{stem}.h5", "w") as file:
        file["spikes/R/timestamps"], file["spikes/R/node_ids"] = [1.0], [0]
        file["edges/x/source_node_id"], file["edges/x/target_node_id"] = [0], [1]
    (folder / models / "neurons").mkdir(parents=True)
    (folder / models / "neurons" / "evil.yaml").write_text("extends: lif\n")
    write_file(folder / "run")


def _links(project: Path) -> None:
    """Links out of the project, in a circle, to devices; and pipes."""
    for ending in (".yaml", ".csv", ".h5"):
        (project / f"link{ending}").symlink_to(f"../outside/secret{ending}")
        (project / f"chain{ending}").symlink_to(f"link{ending}")
        (project / "sub" / f"link{ending}").symlink_to(f"../../outside/secret{ending}")
        (project / f"loop{ending}").symlink_to(f"loop{ending}")
        (project / f"zero{ending}").symlink_to("/dev/zero")
        (project / f"mem{ending}").symlink_to("/proc/self/mem")
        (project / f"tty{ending}").symlink_to("/dev/tty")
        os.mkfifo(project / f"pipe{ending}")
    (project / "link").symlink_to("../outside/models")
    (project / "linked").symlink_to("../outside")


def _runs(project: Path, outside: Path) -> None:
    """Run folders and folders of models that lie inside, with files that do not."""
    for name in (
        "run_linked",
        "run_pipe",
        "run_segments",
        "mine_file/neurons",
        "mine_pipe/neurons",
        "mine_linked",
    ):
        (project / name).mkdir(parents=True)
    (project / "run_linked" / "results.h5").symlink_to(outside / "run" / "results.h5")
    (project / "run_segments" / "segments").symlink_to(outside / "run" / "segments")
    (project / "mine_linked" / "neurons").symlink_to(outside / "models" / "neurons")
    (project / "mine_file" / "neurons" / "evil.yaml").symlink_to(outside / "models" / "neurons" / "evil.yaml")
    os.mkfifo(project / "run_pipe" / "results.h5")
    os.mkfifo(project / "mine_pipe" / "neurons" / "evil.yaml")
