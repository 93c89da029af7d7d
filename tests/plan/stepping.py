"""Statements of the group of modulators, stepped by Python itself: what a program does, without a program."""

from __future__ import annotations

import numpy as np

from neuromod import reference_math
from neuromod.plan.modulator_arrays import modulator_arrays
from neuromod.plan.modulators import modulator_group, region_row
from neuromod.plan.network import Change, NetworkPlan

FUNCTIONS = {name: getattr(reference_math, name) for name in ("exp", "log", "clip", "positive")} | {
    "sqrt": np.sqrt
}
Columns = dict[str, np.ndarray]


def stepped(plan: NetworkPlan, steps: int, names: list[str]) -> Columns:
    """Columns `names` at the begin of steps 0 to `steps`, each (steps + 1, regions).

    What is added arrives at the end of its step, everything else is set at the begin.
    """
    group, columns = modulator_group(plan), dict(modulator_arrays(plan))
    assert {variable.name for variable in group.variables} == set(columns)
    added = [change for change in plan.timeline if change.add]
    changes = [change for change in plan.timeline if not change.add]
    lines = [line.partition(" = ") for line in group.update]
    compiled = [(target, compile(right, target, "eval")) for target, _, right in lines]
    kept: dict[str, list[np.ndarray]] = {name: [] for name in names}
    for step in range(steps + 1):
        while added and added[0].step < step:
            _apply(plan, columns, added.pop(0))
        for name in names:
            kept[name].append(columns[name].copy())
        while changes and changes[0].step <= step:
            _apply(plan, columns, changes.pop(0))
        for target, right in compiled:
            columns[target] = eval(right, FUNCTIONS, columns)
    return {name: np.array(values) for name, values in kept.items()}


def _apply(plan: NetworkPlan, columns: Columns, change: Change) -> None:
    modulator, _, region = change.owner.partition(".")
    column, row = columns[f"{change.variable}_{modulator}"], region_row(plan, region)
    column[row] = column[row] * change.add + change.value
    if change.add and change.variable == "level":
        column[row] = max(column[row], 0.0)
