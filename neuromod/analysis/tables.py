"""The rhythms of a run as tables: one description for the file, the terminal and JSON."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path

import numpy as np

from neuromod.analysis.coupling import Coupling, bin_centres
from neuromod.analysis.peaks import Peak
from neuromod.analysis.rhythms import (
    COUNT_MS,
    FieldRhythms,
    PairCoherence,
    PopulationSpikes,
    Rhythms,
)
from neuromod.store.analysis import Column, Origin, Table, digest_of_results, write_analysis
from neuromod.store.provenance import Fact, Provenance
from neuromod.version import VERSION

NAN = float("nan")
NO_PEAK = Peak(NAN, NAN, NAN, NAN)
AT_GAMMA = "theta phase of the largest gamma"
AFTER_SPIKES = f"{AT_GAMMA} after that of the spikes"
UPRIGHT = 3
"""So few rows are printed as columns."""


def parameters(found: Rhythms) -> dict[str, Fact]:
    """Everything that was chosen, with its unit in its name."""
    chosen = found.settings
    facts: dict[str, Fact] = {
        "start_s": found.start_ms / 1e3,
        "stop_s": found.stop_ms / 1e3,
        "surrogates": chosen.surrogates,
        "seed": chosen.seed,
        "count_window_ms": COUNT_MS,
        "theta": str(chosen.theta),
        "phase": str(chosen.phase),
        "gamma": str(chosen.gamma),
    }
    return facts | {f"band_{name}": str(band) for name, band in chosen.bands.items()}


def summaries(found: Rhythms) -> list[Table]:
    """One row per field, pair of fields and population; a kind of which there is nothing is left out."""
    return [
        table
        for table, rows in (
            (_fields(found.fields), found.fields),
            (_pairs(found.pairs), found.pairs),
            (_spikes(found.spikes), found.spikes),
            (_locked(found), found.locked),
        )
        if rows
    ]


def curves(found: Rhythms) -> list[Table]:
    """Spectra, phase histograms, comodulograms and coherence, each in a table of its own."""
    tables = []
    for one in found.fields:
        tables.append(_spectrum(one))
        if one.coupling:
            tables.append(_shares(one))
        if one.comodulogram:
            tables.append(_comodulogram(one))
    return tables + [_coherence(pair) for pair in found.pairs]


def rows(table: Table) -> list[dict[str, object]]:
    """The rows of a table as plain values; None where a number is not known."""
    columns = {column.name: list(column.values) for column in table.columns}
    return [
        dict(zip(columns, map(_known, values), strict=True)) for values in zip(*columns.values(), strict=True)
    ]


def printed(table: Table) -> list[list[str]]:
    """A table as texts: names with units, then the rows; empty columns left out, and few rows as columns,
    since they have many entries.
    """
    lines = rows(table)
    shown = [c for c in table.columns if any(line[c.name] not in (None, "") for line in lines)]
    heading = [c.name if c.units == "1" else f"{c.name} ({c.units})" for c in shown]
    body = [[_cell(line[c.name]) for c in shown] for line in lines]
    if len(lines) <= UPRIGHT:
        return [list(row) for row in zip(heading, *body, strict=True)]
    return [heading, *body]


def keep(path: Path, results: Path, about: Provenance, found: Rhythms) -> list[Table]:
    """Write the rhythms of a results file into `path`; returns the summaries.

    Raises:
        AccessError, StorageError: it cannot be written; an older one is still there.
    """
    tables, origin = summaries(found), Origin(digest_of_results(results), about.structure_key, about.seed)
    write_analysis(path, [*tables, *curves(found)], origin, parameters(found), _versions())
    return tables


def _versions() -> dict[str, str]:
    return {"neuromod": VERSION} | {name: version(name) for name in ("numpy", "scipy")}


def _cell(value: object) -> str:
    if value is None or value == "":
        return "-"
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def _known(value: object) -> object:
    plain = value.item() if isinstance(value, np.generic) else value
    return None if isinstance(plain, float) and not np.isfinite(plain) else plain


def _numbers[T](
    items: Sequence[T], name: str, units: str, long_name: str, of: Callable[[T], float]
) -> Column:
    return Column(name, np.array([of(item) for item in items], np.float64), units, long_name)


def _names[T](items: Sequence[T], name: str, long_name: str, of: Callable[[T], str]) -> Column:
    return Column(name, [of(item) for item in items], "1", long_name)


def _fields(items: Sequence[FieldRhythms]) -> Table:
    columns = (
        _names(items, "field", "population whose currents make the field", lambda f: f.population),
        _names(items, "region", "region", lambda f: f.region),
        *_peak(items, "theta", lambda f: f.theta),
        *_peak(items, "gamma", lambda f: f.gamma),
        _numbers(
            items, "exponent", "1", "exponent of the aperiodic background", lambda f: f.aperiodic.exponent
        ),
        *(_power(items, band) for band in (items[0].power if items else ())),
        _coupled(items, "mi", "1", "modulation index", lambda c: c.index),
        _coupled(items, "mi_surrogates", "1", "its mean without coupling", lambda c: c.surrogate_mean),
        _coupled(items, "mi_z", "1", "z against the surrogates", lambda c: c.z),
        _coupled(items, "mi_p", "1", "share of surrogates that reach it", lambda c: c.p),
        _coupled(items, "gamma_phase", "deg", AT_GAMMA, lambda c: float(np.degrees(c.preferred_rad))),
        _names(items, "no_mi_because", "why there is no modulation index", lambda f: f.refused),
    )
    return Table("fields", columns)


def _peak(
    items: Sequence[FieldRhythms], name: str, of: Callable[[FieldRhythms], Peak | None]
) -> tuple[Column, Column]:
    peaks = [of(item) or NO_PEAK for item in items]
    return (
        _numbers(peaks, name, "Hz", f"{name} peak", lambda p: p.frequency_hz),
        _numbers(peaks, f"{name}_height", "dB", "its height above the background", lambda p: p.height_db),
    )


def _power(items: Sequence[FieldRhythms], band: str) -> Column:
    return _numbers(items, f"power_{band}", "pA^2", f"power in the band {band}", lambda f: f.power[band])


def _coupled(
    items: Sequence[FieldRhythms], name: str, units: str, long_name: str, of: Callable[[Coupling], float]
) -> Column:
    return _numbers(items, name, units, long_name, lambda f: of(f.coupling) if f.coupling else NAN)


def _pairs(items: Sequence[PairCoherence]) -> Table:
    columns = (
        _names(items, "fields", "two fields", lambda p: f"{p.first} - {p.second}"),
        _numbers(
            items, "at", "Hz", "where theta coherence is largest", lambda p: p.coherence.frequencies_hz[p.top]
        ),
        _numbers(
            items, "coherence", "1", "magnitude-squared coherence there", lambda p: p.coherence.squared[p.top]
        ),
        _numbers(
            items, "level", "1", "exceeded by chance in 5 %, at one frequency", lambda p: p.coherence.level
        ),
        _numbers(items, "shuffled", "1", "mean with windows paired anew", lambda p: p.shuffled[p.top]),
        _numbers(
            items,
            "ahead",
            "deg",
            "phase by which the first is ahead",
            lambda p: np.degrees(p.coherence.phase_rad[p.top]),
        ),
        _numbers(items, "plv", "1", "phase-locking value in the phase band", lambda p: p.locking_value),
    )
    return Table("coherence", columns)


def _spikes(items: Sequence[PopulationSpikes]) -> Table:
    columns = (
        _names(items, "population", "population", lambda s: s.population),
        _names(items, "region", "region", lambda s: s.region),
        _numbers(items, "rate", "Hz", "mean rate", lambda s: s.rate_hz),
        _numbers(items, "cv", "1", "CV of intervals", lambda s: s.cv),
        _numbers(items, "cv2", "1", "CV2 of intervals", lambda s: s.cv2),
        _numbers(items, "fano", "1", "Fano factor", lambda s: s.fano),
        _numbers(items, "correlation", "1", "mean correlation of counts of pairs", lambda s: s.correlation),
    )
    return Table("spikes", columns)


def _locked(found: Rhythms) -> Table:
    items = found.locked
    gamma = {f.population: f.coupling.preferred_rad for f in found.fields if f.coupling}
    columns = (
        _names(items, "population", "population", lambda k: k.population),
        _names(items, "field", "field whose theta phase is taken", lambda k: k.field),
        _numbers(items, "spikes", "1", "spikes", lambda k: k.locking.spikes),
        _numbers(
            items,
            "phase",
            "deg",
            "mean theta phase, 0 at the peak",
            lambda k: np.degrees(k.locking.phase_rad),
        ),
        _numbers(items, "length", "1", "length of the mean vector", lambda k: k.locking.length),
        _numbers(items, "rayleigh_p", "1", "p of the Rayleigh test", lambda k: k.locking.p),
        _numbers(items, "ppc", "1", "pairwise phase consistency", lambda k: k.locking.consistency),
        _numbers(items, "ppc_shuffled", "1", "its mean with seconds paired anew", lambda k: k.shuffled),
        _numbers(
            items,
            "gamma_after",
            "deg",
            AFTER_SPIKES,
            lambda k: _after(gamma.get(k.field, NAN), k.locking.phase_rad),
        ),
    )
    return Table("locking", columns)


def _after(later: float, earlier: float) -> float:
    return float((np.degrees(later - earlier) + 180) % 360 - 180)


def _spectrum(one: FieldRhythms) -> Table:
    frequencies = one.spectrum.frequencies_hz[1:]
    columns = (
        Column("frequency", frequencies, "Hz", "frequency"),
        Column("power", one.spectrum.power[1:], "pA^2/Hz", "power density (Welch)"),
        Column("background", one.aperiodic.power(frequencies), "pA^2/Hz", "aperiodic background"),
    )
    facts = {
        "degrees_of_freedom": one.spectrum.dof,
        "knee": one.aperiodic.knee,
        "offset": one.aperiodic.offset,
    }
    return Table(f"spectrum/{one.population}", columns, facts)


def _shares(one: FieldRhythms) -> Table:
    shares = one.coupling.shares if one.coupling else np.empty(0)
    columns = (
        Column("phase", np.degrees(bin_centres(shares.size)), "deg", "theta phase, 0 at the peak"),
        Column("share", shares, "1", "share of the gamma amplitude"),
    )
    return Table(f"coupling/{one.population}", columns)


def _comodulogram(one: FieldRhythms) -> Table:
    found = one.comodulogram
    if found is None:
        raise ValueError("no comodulogram")
    axes = ("phase_frequency", "amplitude_frequency")
    columns = (
        Column("phase_frequency", found.phase_hz.astype(np.float64), "Hz", "middle of the band of the phase"),
        Column(
            "amplitude_frequency",
            found.amplitude_hz.astype(np.float64),
            "Hz",
            "middle of the band of the amplitude",
            axes[1:],
        ),
        Column("mi", found.index, "1", "modulation index", axes),
        Column("z", found.z, "1", "z against the surrogates", axes),
    )
    return Table(f"comodulogram/{one.population}", columns, {"threshold": found.threshold})


def _coherence(pair: PairCoherence) -> Table:
    columns = (
        Column("frequency", pair.coherence.frequencies_hz, "Hz", "frequency"),
        Column("coherence", pair.coherence.squared, "1", "magnitude-squared coherence"),
        Column("shuffled", pair.shuffled, "1", "mean with windows paired anew"),
        Column("phase", np.degrees(pair.coherence.phase_rad), "deg", "phase by which the first is ahead"),
    )
    facts = {"level": pair.coherence.level, "estimates": pair.coherence.estimates}
    return Table(f"coherence_spectrum/{pair.first}-{pair.second}", columns, facts)
