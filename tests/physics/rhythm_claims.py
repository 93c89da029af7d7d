"""What the circuits must show over 12 seeds, and how far they may be off: `rhythms` measured, this judges.

Rates, peaks and indices of CA1 are those of an independent program of the same circuit (three seeds of 6 s);
tolerances, the bands of indices and the tests were set before any run on these seeds.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from scipy import stats

from neuromod.analysis.circular import circular_mean, difference
from neuromod.analysis.statistics import holm
from tests.physics.claims import Check, Sheet

Floats = np.ndarray[tuple[int], np.dtype[np.float64]]
Table = Mapping[str, Mapping[str, Floats]]
"""Condition -> measure -> values (seeds,); NaN where there is none."""
SEEDS = range(12)
BASE = "theta_gamma"
ALPHA = 0.05
PEAKS_MISSING = 1
"""Seeds that may lack an expected peak, or have one where none is expected: 5 % of 12, rounded up."""


@dataclass(frozen=True)
class Condition:
    """Expected of CA1: rates (Hz) of pyramidal, PV and OLM cells, peaks (Hz; None: there is none)."""

    name: str
    rates: tuple[float, float, float]
    theta: float | None
    gamma: tuple[float, float] | None


CONDITIONS = (
    Condition(BASE, (4.85, 13.6, 5.1), 6.8, (37, 42)),
    Condition("ms_silenced", (3.7, 11.8, 7.5), 6.8, (42, 42)),
    Condition("flat", (3.7, 11.9, 7.5), None, (34, 34)),
    Condition("no_olm", (6.1, 19.1, 7.3), 6.8, (41, 41)),
    Condition("weak_ping", (7.4, 2.8, 10), 6.8, None),
    Condition("drive_up", (6.7, 17.9, 7.2), 6.8, (40, 40)),
    Condition("drive_down", (3.0, 9.2, 3.8), 6.8, (39, 39)),
    Condition("slow_gaba", (4.8, 8.8, 4.4), 6.8, (36, 36)),
    Condition("theta_5hz", (4.9, 14, 4.6), 4.9, (42, 42)),
    Condition("theta_10hz", (4.6, 13, 5.8), 9.8, (44, 44)),
    Condition("ach_high", (6.5, 13.3, 8.3), 6.8, (40, 40)),
    Condition("ach_low", (4.3, 14.6, 2.8), 6.8, (42, 42)),
    Condition("ne_high", (4.9, 16.6, 5.3), 6.8, (37, 37)),
)
RATES, THETA_HZ, GAMMA_HZ = 0.20, 0.5, 6.0
"""Tolerances of rates (a share) and peaks (Hz)."""
INDICES = {
    BASE: ((0.0147, 0.0154), (0.5, 2)),
    "drive_up": ((0.012, 0.012), (0.5, 2)),
    "drive_down": ((0.020, 0.020), (0.5, 2)),
    "slow_gaba": ((0.020, 0.020), (0.5, 2)),
    "ach_high": ((0.0148, 0.0148), (0.4, 2)),
    "ne_high": ((0.0155, 0.0155), (0.5, 2)),
}
"""Modulation indices, and the factors between which the mean may lie."""
SHARES = {
    "ms_silenced": ("mi", 0, 0.5),
    "no_olm": ("mi", 0, 0.15),
    "flat": ("mi", 0, 0.15),
    "weak_ping": ("mi", 0, 0.15),
}
"""Largest part of the base's index that may be left; a refused index counts as none."""
CHANGES = {
    "ach_high": (("theta_power", 1.2, 2.0),),
    "ach_low": (("theta_power", 0, 0.4), ("mi", 0, 0.4)),
    "ne_high": (("gamma_power", 1.3, 2.5),),
}
"""Measures as multiples of the base's."""
ORDERINGS = (
    ("mi", BASE, "ms_silenced"),
    ("mi", "ms_silenced", "no_olm"),
    ("mi", "ms_silenced", "flat"),
    ("mi", BASE, "ach_low"),
    ("theta_power", "ach_high", BASE),
    ("theta_power", BASE, "ach_low"),
    ("gamma_power", "ne_high", BASE),
    ("gamma_power", "drive_up", BASE),
    ("gamma_power", BASE, "drive_down"),
    ("gamma_power", BASE, "weak_ping"),
    ("theta_power", "septum", "septum_silenced"),
    ("mi", "septum", "septum_silenced"),
)
"""(measure, condition with the larger one, with the smaller one), pairs of the same seed."""
TRIAD = {
    "CA1_PYR": (1, 5), "CA1_PV": (10, 30), "CA1_OLM": (4, 12), "MS_GABA": (25, 40), "PFC_PYR": (2, 4),
    "PFC_PV": (8, 12), "PFC_SOM": (3, 8), "MSN_D1": (0.5, 2), "MSN_D2": (0.5, 2), "FSI": (10, 20),
    "GPE_PROTO": (30, 50), "GPE_ARKY": (5, 15), "STN": (8, 15), "SNR": (25, 40), "THAL": (2, 10),
    "MOTOR": (2, 10), "DA": (4, 5), "NE": (1, 3), "ACH": (3, 6), "SER": (1, 3),
}  # fmt: skip
"""Rates (Hz) of the joined circuit at rest."""


def sheet_of(condition: str) -> Sheet:
    """Checks of a condition, over all seeds."""
    return Sheet("V10" if condition in {row.name for row in CONDITIONS} else "-", condition, seeds_text())


def seeds_text() -> str:
    """`0-11`."""
    return f"{SEEDS[0]}-{SEEDS[-1]}"


def claims_of(table: Table) -> list[Check]:
    """Every check whose conditions were measured."""
    checks: list[Check] = []
    for condition in CONDITIONS:
        if condition.name in table:
            checks += _circuit(condition, table)
    for name, judge in _OTHERS.items():
        if name in table:
            checks += judge(table[name])
    return checks + orderings(table)


def mean_peak(values: Floats) -> float:
    """Mean frequency of a peak over the seeds that have it; NaN where none has."""
    known = values[~np.isnan(values)]
    return float(known.mean()) if known.size else math.nan


def _circuit(condition: Condition, table: Table) -> list[Check]:
    name, own, base = condition.name, table[condition.name], table.get(BASE)
    sheet = sheet_of(name)
    cells = ("CA1_PYR", "CA1_PV", "CA1_OLM")
    checks = [
        sheet.near(f"{cell} (Hz)", float(own[cell].mean()), (rate, rate), RATES)
        for cell, rate in zip(cells, condition.rates, strict=True)
    ]
    theta = None if condition.theta is None else (condition.theta, condition.theta)
    checks += _peak(sheet, "theta", own["theta"], theta, THETA_HZ)
    checks += _peak(sheet, "gamma", own["gamma"], condition.gamma, GAMMA_HZ)
    if name in INDICES:
        (low, high), (least, most) = INDICES[name]
        text = f"{low:g}" if low == high else f"{low:g} to {high:g}"
        checks.append(
            sheet.within("modulation index", float(own["mi"].mean()), low * least, high * most, text)
        )
    if base is not None:
        checks += _against_base(name, sheet, own, base)
    if name == BASE:
        checks += _locked(sheet, own)
    return checks


def _peak(
    sheet: Sheet, what: str, values: Floats, expected: tuple[float, float] | None, tolerance: float
) -> list[Check]:
    if expected is None:
        return [_no_peak(sheet, what, values)]
    count, least = int((~np.isnan(values)).sum()), values.size - PEAKS_MISSING
    return [
        sheet.near(f"{what} peak (Hz)", mean_peak(values), expected, 0, tolerance),
        sheet.within(f"seeds with a {what} peak", count, least, values.size, f"at least {least}"),
    ]


def _no_peak(sheet: Sheet, what: str, values: Floats) -> Check:
    count = int((~np.isnan(values)).sum())
    return sheet.within(f"seeds with a {what} peak", count, 0, PEAKS_MISSING, "none")


def _against_base(
    name: str, sheet: Sheet, own: Mapping[str, Floats], base: Mapping[str, Floats]
) -> list[Check]:
    checks = []
    if name in SHARES:
        measure, low, high = SHARES[name]
        left = float((own[measure] * own["usable"]).mean() / base[measure].mean())
        checks.append(
            sheet.within("modulation index / base, 0 where refused", left, low, high, f"<= {high:g}")
        )
    for measure, low, high in CHANGES.get(name, ()):
        ratio = float(own[measure].mean() / base[measure].mean())
        checks.append(sheet.within(f"{measure} / base", ratio, low, high, f"{low:g} to {high:g}"))
    if name == "ach_high":
        turned = math.degrees(circular_mean(phase_shifts(own, base)))
        checks.append(sheet.within("gamma phase - base (degrees)", turned, -60, -20, "-40"))
    return checks


def phase_shifts(own: Mapping[str, Floats], base: Mapping[str, Floats]) -> Floats:
    """Preferred phase of gamma less that of the base (seeds,) in rad."""
    return difference(np.radians(own["gamma_phase"]), np.radians(base["gamma_phase"]))


def _locked(sheet: Sheet, own: Mapping[str, Floats]) -> list[Check]:
    checks = [
        sheet.within(
            f"{name} in theta, vector length", float(own[f"{name}_locked"].mean()), 0.1, 0.5, "0.1 to 0.5"
        )
        for name in ("CA1_PYR", "CA1_PV")
    ]
    return [*checks, sheet.within("largest p of locking", float(own["locked_p"].max()), 0, 1e-3, "< 0.001")]


def orderings(table: Table) -> list[Check]:
    """Paired one-sided exact Wilcoxon tests, Holm over all of them."""
    known = [entry for entry in ORDERINGS if {entry[1], entry[2]} <= table.keys()]
    p = [
        float(
            stats.wilcoxon(table[more][key] - table[less][key], alternative="greater", method="exact").pvalue
        )
        for key, more, less in known
    ]
    names = [f"{key}, {more} > {less}: p" for key, more, less in known]
    if {"ach_high", BASE} <= table.keys():
        shifts = phase_shifts(table["ach_high"], table[BASE])
        p.append(float(stats.wilcoxon(shifts, alternative="less", method="exact").pvalue))
        names.append(f"gamma phase, ach_high before {BASE}: p")
    sheet = Sheet("V10", "ordering", seeds_text())
    return [
        sheet.within(f"{name} (Holm)", q, 0, ALPHA, f"< {ALPHA:g}")
        for name, q in zip(names, holm(p), strict=True)
    ]


def _septum(own: Mapping[str, Floats]) -> list[Check]:
    sheet = sheet_of("septum")
    return [
        sheet.within("MS_GABA (Hz)", float(own["MS_GABA"].mean()), 25, 40, "25 to 40"),
        sheet.within("theta peak (Hz)", mean_peak(own["theta"]), 5, 9, "5 to 9"),
        sheet.within("modulation index", float(own["mi"].mean()), 0.0075, 0.03, "as with the clock"),
        sheet.within("seeds with a usable index", float(own["usable"].sum()), 11, 12, "at least 11"),
    ]


def _septum_silenced(own: Mapping[str, Floats]) -> list[Check]:
    return [_no_peak(sheet_of("septum_silenced"), "theta", own["theta"])]


def _triad(own: Mapping[str, Floats]) -> list[Check]:
    sheet = sheet_of("triad")
    return [
        sheet.within(f"{name} (Hz)", float(own[name].mean()), low, high, f"{low:g} to {high:g}")
        for name, (low, high) in TRIAD.items()
    ]


def _memory(own: Mapping[str, Floats]) -> list[Check]:
    sheet = sheet_of("triad_memory")
    kept = int((own["cued"] >= 15).sum())
    return [
        sheet.within("seeds on which the assembly stays active (15 Hz)", kept, 11, 12, "at least 11"),
        sheet.within("cued assembly (Hz)", float(own["cued"].mean()), 15, 35, "15 to 35"),
        sheet.within("others (Hz)", float(own["others"].mean()), 0, 5, "< 5"),
    ]


def _weak_memory(own: Mapping[str, Floats]) -> list[Check]:
    kept = int((own["cued"] >= 5).sum())
    sheet = sheet_of("triad_memory_weak")
    return [sheet.within("seeds on which the assembly stays active (5 Hz)", kept, 0, 0, "none")]


_OTHERS: Mapping[str, Callable[[Mapping[str, Floats]], list[Check]]] = {
    "septum": _septum,
    "septum_silenced": _septum_silenced,
    "triad": _triad,
    "triad_memory": _memory,
    "triad_memory_weak": _weak_memory,
}
