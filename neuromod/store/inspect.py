"""What a results file holds, as text and as data, for `neuromod inspect`."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from os import PathLike
from pathlib import Path

import h5py

from neuromod.errors import DamagedDataError
from neuromod.store.analysis import ANALYSIS, about_analysis, digest_of_results, is_analysis
from neuromod.store.checkpoint import checkpoint_paths, is_checkpoint, read_checkpoint
from neuromod.store.directory import RESULTS
from neuromod.store.guarded import open_guarded, parsing
from neuromod.store.layout import milliseconds
from neuromod.store.provenance import Provenance
from neuromod.store.reader import Results, open_results
from neuromod.store.segments import segment_paths
from neuromod.store.spike_summary import SpikeSummary

HEADINGS = ("population", "neurons", "spikes", "rate (Hz)", "CV of ISI", "first (ms)", "last (ms)")


def tree(path: PathLike[str] | str) -> list[str]:
    """The objects of a sealed file, or of the last segment of an unfinished run, one per line.

    Raises:
        DamagedDataError: damaged or not written by neuromod. AccessError, StorageError: it cannot be read.
    """
    return [_line(entry) for entry in objects(path)]


def objects(path: PathLike[str] | str) -> list[dict[str, object]]:
    """The objects of a sealed file in order of creation, with shape, dtype, units and long_name."""
    path = _file(Path(path))
    with open_guarded(path) as file, parsing(path):
        return [_object(item) for item in _walk(file)]


def as_data(path: PathLike[str] | str) -> dict[str, object]:
    """Everything that `render` prints, and the tree, in plain types."""
    if is_checkpoint(Path(path)):
        return _checkpoint(Path(path)) | {"objects": objects(path)}
    if is_analysis(Path(path)):
        return about_analysis(Path(path)) | {"objects": objects(path)}
    with open_results(path) as results:
        return {
            "path": str(results.path),
            "finished": results.finished,
            "dt_ms": results.dt_ms,
            "duration_ms": results.duration_ms,
            "populations": [dataclasses.asdict(row) for row in results.summary().values()],
            "signals": [_signal(results, key) for key in (signal.key for signal in results.signals)],
            "advances": [{"at_ms": at, "biological_s": seconds} for at, seconds in results.advances()],
            "provenance": _provenance(results.provenance()) if results.has_provenance else None,
            "checkpoints": _checkpoints(Path(path)),
            "analysis": _analysis(Path(path)),
            "objects": objects(path),
        }


def render(path: PathLike[str] | str) -> str:
    """Provenance, summary of the spikes, and the tree of objects; of a checkpoint, what it is of."""
    if is_checkpoint(Path(path)):
        facts = [f"{key}: {value}" for key, value in _checkpoint(Path(path)).items()]
        return "\n".join([f"{path} (checkpoint)", *facts, "", *tree(path)])
    if is_analysis(Path(path)):
        about = about_analysis(Path(path))
        facts = [f"{key}: {_flat(value)}" for key, value in about.items()]
        return "\n".join([f"{path} (analysis)", *facts, "", *tree(path)])
    with open_results(path) as results:
        state = "complete" if results.finished else "unfinished: what its segments hold now"
        lines = [
            f"{results.path} ({state})",
            f"{results.duration_ms:g} ms simulated in steps of {results.dt_ms:g} ms",
        ]
        if results.has_provenance:
            lines += _origin(results.provenance())
            lines += _advances(results)
        lines += _checkpoints(Path(path)) + _analysis(Path(path))
        lines += ["", *_table([HEADINGS, *(_row(row) for row in results.summary().values())]), ""]
    return "\n".join(lines + tree(path))


def _checkpoint(path: Path) -> dict[str, object]:
    """What a checkpoint is of, without its arrays."""
    found = read_checkpoint(path)
    return {
        "time_ms": float(milliseconds(found.step, found.dt)),
        "step": found.step,
        "segments": found.segments,
        "exact": found.exact,
        "structure_key": found.structure_key,
        "fingerprint": found.fingerprint,
        "state_bytes": sum(array.nbytes for array in found.state.values()),
        "versions": dict(found.versions),
    }


def _checkpoints(path: Path) -> list[str]:
    """A line about every checkpoint of a run directory, the oldest first; none of a file."""
    lines = []
    for at in reversed(checkpoint_paths(path) if path.is_dir() else []):
        try:
            lines.append(f"checkpoint at {_checkpoint(at)['time_ms']:g} ms: {at}")
        except DamagedDataError as error:
            lines.append(f"checkpoint that cannot be used: {error}")
    return lines


def _analysis(path: Path) -> list[str]:
    """A line about the analysis in a run directory, and whether it is of these results; none of a file."""
    at = path / ANALYSIS
    if not (path.is_dir() and at.exists() and (path / RESULTS).exists()):
        return []
    try:
        same = about_analysis(at)["results_sha256"] == digest_of_results(path / RESULTS)
    except DamagedDataError as error:
        return [f"analysis that cannot be used: {error}"]
    return [f"analysis {'of these' if same else 'of OTHER'} results: {at}"]


def _flat(value: object) -> str:
    """A value of a mapping in one line."""
    if isinstance(value, dict):
        return ", ".join(f"{key} {entry}" for key, entry in value.items())
    return str(value)


def _file(path: Path) -> Path:
    if not path.is_dir():
        return path
    return path / RESULTS if (path / RESULTS).exists() else segment_paths(path)[-1]


def _walk(group: h5py.Group) -> Iterator[h5py.Group | h5py.Dataset]:
    for name in group:
        item = group[name]
        yield item
        if isinstance(item, h5py.Group):
            yield from _walk(item)


def _object(item: h5py.Group | h5py.Dataset) -> dict[str, object]:
    if isinstance(item, h5py.Group):
        return {"path": item.name}
    about = {name: str(item.attrs.get(name, "")) for name in ("units", "long_name")}
    return {"path": item.name, "shape": list(item.shape), "dtype": str(item.dtype)} | about


def _line(entry: dict[str, object]) -> str:
    path = str(entry["path"])
    indent, name = "  " * (path.count("/") - 1), path.rsplit("/", 1)[1]
    if "shape" not in entry:
        return f"{indent}{name}/"
    unit = "" if entry["units"] == "1" else f", {entry['units']}"
    return f"{indent}{name}  {entry['shape']} {entry['dtype']}{unit}  {entry['long_name']}".rstrip()


def _provenance(provenance: Provenance) -> dict[str, object]:
    names = ("structure_key", "seed", "commit", "versions", "run")
    known: dict[str, object] = {name: getattr(provenance, name) for name in names}
    for name in ("populations", "projections"):
        known[name] = {key: dataclasses.asdict(info) for key, info in getattr(provenance, name).items()}
    return known


def _origin(provenance: Provenance) -> list[str]:
    versions = ", ".join(f"{name} {version}" for name, version in provenance.versions.items())
    lines = [f"seed {provenance.seed}", f"program {provenance.structure_key}", versions, provenance.commit]
    return [line for line in lines if line]


def _advances(results: Results) -> list[str]:
    rows = [(f"{at:g}", f"{seconds / 3600:g}") for at, seconds in results.advances()]
    return ["", *_table([("advance at (ms)", "biological time (h)"), *rows])] if rows else []


def _signal(results: Results, key: str) -> dict[str, object]:
    signal = next(signal for signal in results.signals if signal.key == key)
    about = {"key": key, "unit": signal.unit, "long_name": signal.long_name, "columns": signal.columns}
    return about | {"every_ms": signal.every * results.dt_ms}


def _row(row: SpikeSummary) -> tuple[str, ...]:
    numbers = (row.rate_hz, row.cv_isi, row.first_ms, row.last_ms)
    return (
        row.population,
        str(row.size),
        str(row.spikes),
        *("-" if x is None else f"{x:.6g}" for x in numbers),
    )


def _table(rows: list[tuple[str, ...]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]) for row in rows]
