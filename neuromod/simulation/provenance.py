"""What is written down about a run: config, plan, versions, seed, sizes; circumstances apart from them."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from neuromod.config.load import LoadedExperiment
from neuromod.config.schema import RecordWeights
from neuromod.plan.fused import FusedPlan, ProgramArrays
from neuromod.plan.outline import as_data
from neuromod.program.cpp import find_compiler
from neuromod.program.cuda import cuda_compiler
from neuromod.simulation.trial_log import schedule_table
from neuromod.simulation.weights import recorded_synapses, synapse_ids
from neuromod.store.provenance import Fact, PopulationInfo, ProjectionInfo, Provenance, SynapseIds
from neuromod.version import VERSION

PACKAGES = ("brian2", "numpy", "h5py", "pydantic")


def provenance(
    loaded: LoadedExperiment, fused: FusedPlan, data: ProgramArrays, circumstances: Mapping[str, Fact]
) -> Provenance:
    """Everything about a run that a reader of its results may ask; `circumstances` may differ between equal
    runs.
    """
    network = fused.network
    return Provenance(
        config_text=loaded.text,
        resolved_config=json.dumps(loaded.tree.plain(), indent=1),
        plan=json.dumps(as_data(fused), indent=1),
        structure_key=fused.structure.key,
        versions=_versions(),
        seed=network.experiment.seed,
        commit=_commit(),
        populations={
            name: PopulationInfo(plan.size, plan.region, plan.template_name)
            for name, plan in network.populations.items()
        },
        projections={
            name: ProjectionInfo(plan.source, plan.target, plan.receptor, len(data.positions[name]))
            for name, plan in network.projections.items()
        },
        synapses={
            weights.projection: _ends(fused, data, weights) for weights in network.experiment.record.weights
        },
        run=circumstances,
        advances=tuple((plan.step, plan.duration) for plan in network.advances),
        dt=network.experiment.dt,
        schedule=schedule_table(fused),
    )


def circumstances(backend: str, config: Path) -> dict[str, Fact]:
    """Machine and moment of a run that begins now."""
    compiler = cuda_compiler() if backend == "cuda" else find_compiler()
    return {
        "backend": backend,
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
        "host": platform.node(),
        "machine": platform.machine(),
        "system": platform.platform(),
        "compiler": compiler.version if compiler else "",
        "process": os.getpid(),
        "config_path": str(config.resolve()),
    }


def _ends(fused: FusedPlan, data: ProgramArrays, wish: RecordWeights) -> SynapseIds:
    """The neurons that the recorded synapses of a projection join."""
    name = wish.projection
    projection = fused.network.projections[name]
    group = next(plan for plan in fused.sets if name in plan.projections)
    numbers = recorded_synapses(wish, len(data.positions[name]))
    at = data.positions[name].of(numbers)
    source, target = (fused.placements[end].start for end in (projection.source, projection.target))
    i, j = (data.arrays[f"{group.name}.{end}"][at].astype("int32") for end in "ij")
    return SynapseIds(i - source, j - target, synapse_ids(numbers))


def _versions() -> dict[str, str]:
    packages = {name: version(name) for name in PACKAGES}
    return {"neuromod": VERSION, "python": platform.python_version(), **packages}


def _commit() -> str:
    """Commit of the checkout that runs, with `-dirty` when it was changed; empty for an installed package."""
    root = Path(__file__).parents[2]
    if not (root / ".git").exists():
        return ""
    command = ["git", "-C", str(root), "describe", "--always", "--dirty", "--abbrev=12"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=10)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip()
