"""What is kept of a task: columns of the log of trials, the schedule, and a few numbers for the summary."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from neuromod.plan.fused import FusedPlan
from neuromod.plan.task_plan import TaskPlan
from neuromod.simulation.summary import Behaviour
from neuromod.store.layout import Column, Table
from neuromod.store.trials import trials_of

WINDOW = 40
"""Trials at the begin and at the end of which the summary speaks."""
FIXED = (
    Column("trial", "1", "number of the trial, from 0", whole=True),
    Column("block", "1", "number of the block in the task", whole=True),
    Column("cue", "1", "what the trial was about", whole=True),
    Column("context", "1", "where it took place", whole=True),
    Column("correct", "1", "action to which the first probability belonged", whole=True),
    Column("begin", "ms", "begin of the trial"),
    Column("choice", "1", "action that was chosen; -1: none", whole=True),
    Column("latency", "ms", "time from the begin of the decision to the choice; NaN: none"),
    Column("outcome", "1", "value of the outcome"),
    Column("value", "1", "what the critic expected when the outcome came"),
    Column("prediction_error", "1", "of the outcome, from -1 to 1"),
    Column("expected_uncertainty", "1", "running mean of |prediction error|, after the trial"),
    Column("unexpected_uncertainty", "1", "|prediction error| above its running mean, or 0"),
    Column("volatility", "1", "prediction error times that of the choice lately, above the others'"),
    Column("average_outcome", "1", "running mean of outcomes, after the trial"),
    Column("novelty", "1", "1/(1 + how often cue and context came together before)"),
)
"""Those of every task, in the order of `program.task_layout.Column`."""


def states_with_columns(plan: TaskPlan) -> list[str]:
    """Phases whose prediction errors and values have columns of their own."""
    critic = plan.task.critic
    return list(critic.states) if critic and (critic.onset or len(critic.states) > 1) else []


def trial_table(fused: FusedPlan) -> Table | None:
    """The log of trials, in the order in which the program writes its columns."""
    plan = fused.network.task
    if plan is None:
        return None
    labels = {"cue": tuple(plan.task.cues), "context": tuple(plan.task.contexts)}
    fixed = [
        Column(entry.name, entry.unit, entry.long_name, whole=entry.whole, labels=labels.get(entry.name, ()))
        for entry in FIXED
    ]
    events = [Column(f"event_{name}", "1", f"did {name} happen", whole=True) for name in plan.task.events]
    sends = [
        Column(f"sent_{send.title}", "A" if send.drive else "1", f"what {send.title} carried")
        for send in plan.sends
    ]
    levels = [
        Column(
            f"level_{p.modulator}_{p.region}",
            "1",
            f"level of {p.modulator} in {p.region} when the outcome came",
        )
        for p in fused.network.compartments.values()
    ]
    states = [
        column
        for name in states_with_columns(plan)
        for column in (
            Column(f"prediction_error_{name}", "1", f"prediction error at the begin of {name}"),
            Column(f"value_{name}", "1", f"value at the begin of {name}"),
        )
    ]
    return Table((*fixed, *events, *sends, *levels, *states))


def schedule_table(fused: FusedPlan) -> Mapping[Column, NDArray[np.generic]]:
    """The schedule as columns with one value for each trial; empty without a task."""
    plan = fused.network.task
    if plan is None:
        return {}
    schedule, task = plan.schedule, plan.task
    table = {
        Column("block", "1", "number of the block in the task", whole=True): schedule.block,
        Column("cue", "1", "what the trial is about", whole=True, labels=tuple(task.cues)): schedule.cue,
        Column("context", "1", "where", whole=True, labels=tuple(task.contexts)): schedule.context,
        Column("correct", "1", "action of the first probability", whole=True): schedule.correct,
        Column("tie", "1", "action that wins a tie first", whole=True): schedule.tie,
    }
    for k, name in enumerate(plan.phases):
        table[Column(f"duration_{name}", "ms", f"length of {name}", whole=True)] = schedule.duration[:, k]
    for k, name in enumerate(task.events):
        table[Column(f"event_{name}", "1", f"does {name} happen", whole=True)] = schedule.event[:, k]
    if task.outcome is not None and task.outcome.drift is not None:
        for k, walk in enumerate(schedule.chance.T):
            table[Column(f"probability_{k}", "1", "that this action earns the magnitude")] = walk
    names = [*(f"outcome_{action}" for action in range(plan.actions)), "outcome_none"]
    columns: dict[Column, NDArray[np.generic]] = dict(table)
    for k, name in enumerate(names):
        columns[Column(name, "1", "what this choice earns")] = schedule.earned[:, k]
    return columns


def behaviour_of(results: Path, fused: FusedPlan) -> Behaviour | None:
    """What came of the task in results written just now; None without one, or before a trial has ended."""
    if fused.network.task is None:
        return None
    trials = trials_of(results)
    count, chose = len(trials["trial"]), fused.network.task.actions > 0
    if not count:
        return None
    window = max(1, min(WINDOW, count // 2))
    correct = trials["choice"] == trials["correct"]
    return Behaviour(
        trials=count,
        window=window,
        first=float(np.mean(correct[:window])) if chose else None,
        last=float(np.mean(correct[-window:])) if chose else None,
        omissions=int(np.sum(trials["choice"] == -1)) if chose else 0,
        outcome=float(np.mean(trials["outcome"].astype(float))),
    )
