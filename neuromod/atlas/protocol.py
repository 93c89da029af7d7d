"""Which runs a claim needs, and where each one lies.

A run has a folder whose name is a digest of everything that it follows from: its config with all that it
extends, the models that it names, data files, the version. So what was run once is found again, also by
another claim, and a change anywhere is a new run.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from neuromod.atlas.claim import LoadedClaim, references
from neuromod.config.fingerprint import canonical
from neuromod.config.load import LoadedExperiment, load
from neuromod.config.read import Plain
from neuromod.config.roots import project_root
from neuromod.errors import ConfigError
from neuromod.plan.expand import expand
from neuromod.simulation.execute import library_of
from neuromod.store.directory import RESULTS
from neuromod.version import VERSION

RUNS = "runs"


@dataclass(frozen=True)
class Job:
    """One run: `needs` are runs that must be complete before."""

    row: str
    arm: str
    seed: int
    config: Path
    settings: tuple[str, ...]
    directory: Path
    needs: tuple[Path, ...] = ()

    @property
    def done(self) -> bool:
        """Whether its results are there; they are written when everything is simulated."""
        return (self.directory / RESULTS).exists()

    @property
    def cost(self) -> Path:
        """Where is written what the run took."""
        return self.directory.with_name(f"{self.directory.name}.json")


class Protocol:
    """The runs of a claim below a folder.

    Raises:
        ConfigError: the config of an arm is wrong, or an arm that follows another one cannot reach it.
    """

    def __init__(self, claim: LoadedClaim, output: Path) -> None:
        self.claim, self.output = claim, output
        self._names: dict[str, str] = {}
        for arm in claim.claim.arms:
            self._check_reach(arm)
            self._name(arm)

    def jobs(self, seeds: Sequence[int]) -> list[Job]:
        """All runs, arms that are followed before those that follow."""
        arms = sorted(self.claim.claim.arms, key=self._depth)
        return [self.job(arm, seed) for arm in arms for seed in seeds]

    def job(self, arm: str, seed: int) -> Job:
        """The run of an arm with a seed."""
        config = self.claim.config(arm)
        needs = {name: self._directory(name, seed) for name in self.claim.follows(arm)}
        reached = {name: os.path.relpath(path, config.parent.resolve()) for name, path in needs.items()}
        settings = (*self._settings(arm, reached), f"seed={seed}")
        directory = self._directory(arm, seed)
        return Job(self.claim.row, arm, seed, config, settings, directory, tuple(needs.values()))

    def _settings(self, arm: str, runs: Mapping[str, str] | None = None) -> list[str]:
        """The settings of an arm; without `runs`, those that follow no other arm."""
        given = self.claim.claim.arms[arm].set
        others = set(self.claim.follows(arm))
        if runs is None:
            return [
                f"{key}={json.dumps(value)}" for key, value in given.items() if not references(value) & others
            ]
        return [f"{key}={json.dumps(_filled(value, runs))}" for key, value in given.items()]

    def _depth(self, arm: str) -> int:
        return 1 + max(map(self._depth, self.claim.follows(arm)), default=0)

    def _directory(self, arm: str, seed: int) -> Path:
        return (self.output / RUNS / self._name(arm)).resolve() / f"seed-{seed:03d}"

    def _name(self, arm: str) -> str:
        """Name of the folder of all runs of an arm."""
        if arm not in self._names:
            loaded = load(self.claim.config(arm), self._settings(arm))
            others = {name: self._name(name) for name in self.claim.follows(arm)}
            followed = [_filled(self.claim.claim.arms[arm].set, others)] if others else []
            self._check_trials(arm, loaded)
            digest = hashlib.sha256("\n".join([*_parts(loaded), json.dumps(followed)]).encode()).hexdigest()
            self._names[arm] = f"{loaded.experiment.name}-{digest[:12]}"
        return self._names[arm]

    def _check_reach(self, arm: str) -> None:
        """Runs that a config names lie in its project, whoever names them."""
        root = project_root(self.claim.config(arm).parent)
        if self.claim.follows(arm) and not self.output.resolve().is_relative_to(root):
            raise ConfigError(
                f"--output: got {self.output}, allowed is a folder inside {root}, since the arm {arm} of "
                f"{self.claim.row} reads the runs of another arm"
            )

    def _check_trials(self, arm: str, loaded: LoadedExperiment) -> None:
        fixed, task = self.claim.claim.trials, loaded.experiment.task
        if fixed is not None and task is not None and task.trials != fixed:
            raise ConfigError(
                f"{self.claim.path}: arms.{arm}: got a config with {task.trials} trials, the claim has fixed "
                f"{fixed}"
            )


def _parts(loaded: LoadedExperiment) -> list[str]:
    """Texts that say everything from which the run of any seed follows."""
    tree = loaded.tree.plain()
    library = library_of(loaded)
    expand(loaded, library)
    files = [f"{name} {digest}" for name, digest in sorted(_files(tree, loaded.path.parent).items())]
    about = [str(loaded.experiment.duration), VERSION]
    return [canonical(loaded.tree), *about, *library.digests, *files]


def _files(value: Plain, folder: Path) -> dict[str, str]:
    """Digests of the data files that a config names."""
    if isinstance(value, dict | list):
        parts = value.values() if isinstance(value, dict) else value
        return {name: digest for part in parts for name, digest in _files(part, folder).items()}
    if isinstance(value, str) and value.endswith((".csv", ".h5")) and (folder / value).is_file():
        return {value: hashlib.sha256((folder / value).read_bytes()).hexdigest()}
    return {}


def _filled(value: object, runs: Mapping[str, str]) -> object:
    """A value with `{ARM}` in its texts replaced."""
    if isinstance(value, dict):
        return {key: _filled(part, runs) for key, part in value.items()}
    if isinstance(value, list):
        return [_filled(part, runs) for part in value]
    if isinstance(value, str):
        for name, path in runs.items():
            value = value.replace(f"{{{name}}}", path)
    return value
