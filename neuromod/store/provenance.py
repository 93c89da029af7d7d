"""Where results come from: config, plan, versions, seed, sizes, and the circumstances of the run.

/neuromod                      attributes seed, structure_key, commit
  config, resolved_config, plan      one text each
  versions                     attributes
  run                          attributes; the only part that may differ between equal runs
  populations/{population,size,region,template}
  projections/{projection,source,target,receptor,count}
  weights/<projection>/{synapse,source,target}
  advances/{step,duration,time}      where there are any
  schedule/<column>                  of a task: what was drawn beforehand for each trial
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path

import h5py
import numpy as np
from numpy.typing import NDArray

from neuromod.store.advances import Advances, put_advances, read_advances
from neuromod.store.atomic import commit
from neuromod.store.directory import PROVENANCE
from neuromod.store.disk import DISK, Disk
from neuromod.store.guarded import integer, open_guarded, parsing, read_array, read_text, read_texts, text_of
from neuromod.store.layout import LAYOUT_VERSION, Column
from neuromod.store.objects import array, attributes, dimension, group, text, texts
from neuromod.store.seal import write_image
from neuromod.store.trials import SCHEDULE, get_rows, get_table, put_table

Fact = str | int | float


@dataclass(frozen=True)
class PopulationInfo:
    """A population: number of neurons, region, neuron template."""

    size: int
    region: str = ""
    template: str = ""


@dataclass(frozen=True)
class ProjectionInfo:
    """A projection: populations it joins, receptor, number of synapses."""

    source: str
    target: str
    receptor: str
    count: int


@dataclass(frozen=True)
class SynapseIds:
    """Local ids (n,) of the neurons that the synapses of a projection join, in the order of its weights.

    `numbers`: which synapses of the projection these are, where not all (or the first) are recorded.
    """

    source: NDArray[np.int32]
    target: NDArray[np.int32]
    numbers: tuple[int, ...] = ()


@dataclass(frozen=True)
class Provenance:
    """Where results come from.

    `config_text`: as the user wrote it. `resolved_config`, `plan`: YAML or JSON texts. `structure_key`: of
    the program.
    `commit`: of the source code, if known. `advances`: (step, biological seconds) of each; `dt` (s) places
    them in simulated time. `synapses`: of projections whose weights are recorded. `schedule`: of a task, one
    value for each trial.
    `run`: times, host, durations: all that may differ between two runs of the same config and seed.
    """

    config_text: str
    resolved_config: str
    plan: str
    structure_key: str
    versions: Mapping[str, str]
    seed: int
    commit: str = ""
    populations: Mapping[str, PopulationInfo] = field(default_factory=dict)
    projections: Mapping[str, ProjectionInfo] = field(default_factory=dict)
    synapses: Mapping[str, SynapseIds] = field(default_factory=dict)
    run: Mapping[str, Fact] = field(default_factory=dict)
    advances: Advances = ()
    dt: float | None = None
    schedule: Mapping[Column, NDArray[np.generic]] = field(default_factory=dict)


def write_provenance(directory: PathLike[str], provenance: Provenance, disk: Disk = DISK) -> Path:
    """Commit the provenance of a run that has begun, so that its segments can be understood before it ends.

    Raises:
        AccessError, StorageError: it cannot be written.
    """

    def fill(file: h5py.File) -> None:
        root = group(file, "neuromod")
        root.attrs["layout_version"] = LAYOUT_VERSION
        put_provenance(root, provenance)

    path = Path(directory) / PROVENANCE
    commit(path, write_image(fill), disk)
    return path


def read_provenance(directory: PathLike[str]) -> Provenance:
    """What a run wrote when it began.

    Raises:
        DamagedDataError: it is damaged. AccessError, StorageError: it cannot be read.
    """
    path = Path(directory) / PROVENANCE
    with open_guarded(path) as file, parsing(path):
        return get_provenance(file["neuromod"])


def put_provenance(root: h5py.Group, provenance: Provenance) -> None:
    """Write into the group /neuromod."""
    facts = {"seed": provenance.seed, "structure_key": provenance.structure_key, "commit": provenance.commit}
    attributes(root, facts)
    text(root, "config", provenance.config_text, "configuration as written by the user")
    text(root, "resolved_config", provenance.resolved_config, "configuration with everything it extends")
    text(root, "plan", provenance.plan, "network and protocol that were simulated")
    attributes(group(root, "versions"), provenance.versions)
    attributes(group(root, "run"), provenance.run)
    _put_populations(group(root, "populations"), provenance.populations)
    _put_projections(group(root, "projections"), provenance.projections)
    put_advances(root, provenance.advances, provenance.dt)
    if provenance.schedule:
        put_table(group(root, SCHEDULE), provenance.schedule)
    for name, ids in provenance.synapses.items():
        _put_synapses(group(group(root, "weights"), name), ids)


def get_provenance(root: h5py.Group) -> Provenance:
    """Read from the group /neuromod."""
    return Provenance(
        config_text=read_text(root["config"]),
        resolved_config=read_text(root["resolved_config"]),
        plan=read_text(root["plan"]),
        structure_key=text_of(root, "structure_key"),
        versions={key: text_of(root["versions"], key) for key in root["versions"].attrs},
        seed=integer(root, "seed"),
        commit=text_of(root, "commit"),
        populations=_get_populations(root["populations"]),
        projections=_get_projections(root["projections"]),
        synapses={name: get_synapses(part) for name, part in _parts(root, "weights") if "source" in part},
        run={key: _fact(value) for key, value in list(root["run"].attrs.items())},
        advances=read_advances(root),
        schedule=_get_schedule(root),
    )


def _get_schedule(root: h5py.Group) -> dict[Column, NDArray[np.generic]]:
    if SCHEDULE not in root:
        return {}
    table, rows = get_table(root[SCHEDULE]), get_rows(root[SCHEDULE])
    return {column: rows[:, k] for k, column in enumerate(table.columns)}


def number_synapses(part: h5py.Group, count: int, numbers: tuple[int, ...] = ()) -> h5py.Dataset:
    """The dimension scale of the synapses of a projection, made if it is not there; default: 0, 1, 2, ..."""
    if "synapse" in part:
        return part["synapse"]
    ids = np.array(numbers, np.int64) if numbers else np.arange(count, dtype=np.int64)
    return array(part, "synapse", ids, "1", "synapse of the projection, from 0")


def get_numbers(part: h5py.Group) -> tuple[int, ...]:
    """The numbers of the synapses of a projection that are recorded; empty where they are 0, 1, 2, ..."""
    ids = read_array(part["synapse"])
    return () if np.array_equal(ids, np.arange(len(ids))) else tuple(ids.tolist())


def get_synapses(part: h5py.Group) -> SynapseIds:
    """Read from the group of a projection's weights."""
    source, target = (read_array(part[name]).astype(np.int32) for name in ("source", "target"))
    return SynapseIds(source, target, get_numbers(part))


def _parts(root: h5py.Group, name: str) -> list[tuple[str, h5py.Group]]:
    return list(root[name].items()) if name in root else []


def _fact(value: object) -> Fact:
    if isinstance(value, np.generic):
        value = value.item()
    return value if isinstance(value, (str, int, float)) else str(value)


def _put_populations(part: h5py.Group, populations: Mapping[str, PopulationInfo]) -> None:
    infos = list(populations.values())
    scale = texts(part, "population", list(populations), "name of the population")
    columns = [
        array(part, "size", np.array([info.size for info in infos], np.int64), "1", "number of neurons"),
        texts(part, "region", [info.region for info in infos], "region"),
        texts(part, "template", [info.template for info in infos], "neuron template"),
    ]
    for column in columns:
        dimension(column, 0, scale)


def _put_projections(part: h5py.Group, projections: Mapping[str, ProjectionInfo]) -> None:
    infos = list(projections.values())
    scale = texts(part, "projection", list(projections), "name of the projection")
    columns = [
        texts(part, "source", [info.source for info in infos], "presynaptic population"),
        texts(part, "target", [info.target for info in infos], "postsynaptic population"),
        texts(part, "receptor", [info.receptor for info in infos], "receptor on the postsynaptic population"),
        array(part, "count", np.array([info.count for info in infos], np.int64), "1", "number of synapses"),
    ]
    for column in columns:
        dimension(column, 0, scale)


def _put_synapses(part: h5py.Group, ids: SynapseIds) -> None:
    scale = number_synapses(part, len(ids.source), ids.numbers)
    for name, values, which in (
        ("source", ids.source, "presynaptic"),
        ("target", ids.target, "postsynaptic"),
    ):
        column = array(part, name, values.astype(np.int32), "1", f"local id of the {which} neuron")
        dimension(column, 0, scale)


def _get_populations(part: h5py.Group) -> dict[str, PopulationInfo]:
    names, sizes = read_texts(part["population"]), read_array(part["size"])
    rows = zip(names, sizes, read_texts(part["region"]), read_texts(part["template"]), strict=True)
    return {name: PopulationInfo(int(size), region, template) for name, size, region, template in rows}


def _get_projections(part: h5py.Group) -> dict[str, ProjectionInfo]:
    names, counts = read_texts(part["projection"]), read_array(part["count"])
    source, target, receptor = (read_texts(part[column]) for column in ("source", "target", "receptor"))
    rows = zip(names, source, target, receptor, counts, strict=True)
    return {name: ProjectionInfo(start, end, at, int(count)) for name, start, end, at, count in rows}
