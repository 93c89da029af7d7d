"""What one expansion works with: the merged layers, the library, and every problem found on the way."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path

from neuromod.config.network import Network
from neuromod.config.schema import Experiment
from neuromod.config.values import suggestion
from neuromod.errors import ConfigError, Place, Problem
from neuromod.library.registry import Library
from neuromod.plan.merge import KeyPath, Layers

SHOWN = 12
"""Longest list of allowed names that a message gives in full."""
NOTABLE = 0.01
"""Relative change by rounding to whole steps that is worth a notice."""


@dataclass
class Expansion:
    """State of one expansion. `problems` end in one `ConfigError`; `notices` are told and the run goes on."""

    experiment: Experiment
    layers: Layers
    library: Library
    folder: Path
    problems: list[Problem] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)

    @property
    def network(self) -> Network:
        """Regions, circuit and experiment, merged."""
        return self.layers.network

    def refuse(self, path: KeyPath, message: str) -> None:
        """Note a problem at the keys `path`."""
        self.problems.append(Problem(message, dotted(path), self.layers.place(path)))

    def known(self, path: KeyPath, name: str, allowed: Collection[str], what: str) -> bool:
        """Whether `name` is among the allowed ones; if not, a problem is noted."""
        if name in allowed:
            return True
        self.refuse(
            path,
            f"got the unknown {what} `{name}`, allowed {listed(allowed)}{suggestion(name, allowed)}",
        )
        return False

    def template[T](self, get: Callable[[str, Place | None, str], T], name: str, path: KeyPath) -> T | None:
        """What `get`, a method of the library, gives for `name`; None, problems noted, when it refuses."""
        try:
            return get(name, self.layers.place(path), dotted(path))
        except ConfigError as error:
            self.problems.extend(error.problems)
            return None

    def steps(self, path: KeyPath, seconds: float, what: str) -> int:
        """Whole number of steps nearest to a time; notices when that changes it by more than 1 %."""
        dt = self.experiment.dt
        count = round(seconds / dt)
        if abs(count * dt - seconds) > NOTABLE * seconds:
            self.notices.append(
                f"{dotted(path)}: the {what} of {seconds * 1e3:.4g} ms is rounded to "
                f"{count * dt * 1e3:.4g} ms, a whole number of steps of {dt * 1e3:.4g} ms"
            )
        return count

    def finish(self) -> None:
        """Raise everything noted as one `ConfigError`, each problem once."""
        if self.problems:
            raise ConfigError(dict.fromkeys(self.problems))


def dotted(path: KeyPath) -> str:
    """The key as it is typed after `--set`: `record.states.0.every`."""
    return ".".join(map(str, path))


def listed(allowed: Collection[str]) -> str:
    """`is a`, `are a, b` or `is none`; long lists are cut."""
    names = sorted(allowed)
    if not names:
        return "is none"
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return f"{'is' if len(names) == 1 else 'are'} {', '.join(names[:SHOWN])}{more}"
