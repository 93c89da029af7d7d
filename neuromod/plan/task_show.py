"""A task as bound to a network, as text and as data."""

from __future__ import annotations

import numpy as np

from neuromod.library.check_task import SIGNALS
from neuromod.plan.task_plan import TaskPlan


def show_task(plan: TaskPlan) -> str:
    """Trials, phases, and what is done to which cells and levels."""
    total = plan.schedule.duration.sum() * 1e-3
    lines = [
        f"Task {plan.model}: {plan.schedule.trials} trials in {total:g} s, from {plan.start * 1e-3:g} s on"
    ]
    lines += [f"phase {name}: {_span(plan, k)}" for k, name in enumerate(plan.phases)]
    for name, channel in plan.channels.items():
        lines.append(f"{int(np.sum(channel >= 0))} cells of {name} decide between {plan.actions} actions")
    lines += [f"{owner}.{variable} changes" for owner, variable in _moved(plan)]
    for clear in plan.clears:
        phases = ", ".join(plan.phases[k] for k in clear.phases)
        lines.append(f"eligibility of {clear.projection} is cleared at the begin of {phases}")
    names = [*SIGNALS, *plan.task.events]
    for send in plan.sends:
        carried = f"{send.gain:g} (SI) times {names[send.signal]}"
        lines.append(f"wire {send.title}: {carried} to {send.owner}.{send.variable}")
    return "\n  ".join(lines)


def _span(plan: TaskPlan, phase: int) -> str:
    lengths = plan.schedule.duration[:, phase]
    ends = sorted({int(lengths.min()), int(lengths.max())})
    return f"{' to '.join(map(str, ends))} ms"


def _moved(plan: TaskPlan) -> list[tuple[str, str]]:
    return list(dict.fromkeys((move.owner, move.variable) for move in plan.moves))


def task_data(plan: TaskPlan) -> dict[str, object]:
    """The same as plain data for JSON, and everything that the task says."""
    return {
        "model": plan.model,
        "seed": plan.seed,
        "trials": plan.schedule.trials,
        "duration_s": float(plan.schedule.duration.sum() * 1e-3),
        "actions": plan.actions,
        "phases": plan.phases,
        "moved": [f"{owner}.{variable}" for owner, variable in _moved(plan)],
        "cleared": {clear.projection: [plan.phases[k] for k in clear.phases] for clear in plan.clears},
        "wires": {send.title: send.gain for send in plan.sends},
        "cues": list(plan.task.cues),
        "contexts": list(plan.task.contexts),
    }
