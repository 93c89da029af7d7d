"""The first steps that several commands share: from the path of a config to the expanded network."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from neuromod.plan.network import NetworkPlan


def plan_of(config: Path, settings: Sequence[str]) -> NetworkPlan:
    """Read, check and expand an experiment.

    Raises:
        ConfigError: with every problem found in the config and in the models it uses.
    """
    from neuromod.config.load import load
    from neuromod.library.shipped import open_library
    from neuromod.plan.expand import expand

    loaded = load(config, settings)
    library = open_library([loaded.path.parent / folder for folder in loaded.experiment.models])
    return expand(loaded, library)


def sizes(plan: NetworkPlan) -> dict[str, float]:
    """How large the network is: populations, neurons, projections, synapses (expected), duration (s)."""
    return {
        "populations": len(plan.populations),
        "neurons": sum(population.size for population in plan.populations.values()),
        "projections": len(plan.projections),
        "synapses": sum(projection.count for projection in plan.projections.values()),
        "duration_s": plan.experiment.duration,
    }
