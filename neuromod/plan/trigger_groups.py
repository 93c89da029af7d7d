"""Triggers as groups: one row per trigger that waits for its event, and slots with releases on their way.

A row learns of the spikes of a step in the next one, where it hands the event to a slot; the slot fires when
the release is due. The slots of a trigger are filled in turn: an event that finds its slot taken joins the
release that waits there, so that nothing is lost.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from neuromod.plan.equations import IDENTITY
from neuromod.plan.groups import Arrays, Placement
from neuromod.plan.modulators import REGIONS, arrives_in, region_row, regions
from neuromod.plan.network import CompartmentPlan, NetworkPlan, TriggerPlan
from neuromod.plan.release import AFTER, Wires
from neuromod.plan.seeds import population_hash
from neuromod.plan.structure import GroupStructure, Link, SynapsesStructure, Variable

TRIGGERS, PENDING = "triggers", "pending"
SLOTS = 32
"""Releases of one trigger that can be on their way at the same time."""
_CLOCK = ("now", "opens", "closes", "hit", "event", "turn", "due", "low", "spread")
_COINCIDENCE = ("since", "longest")
_COUNT = ("count", "needed", "reached", "window", "into")
_LOGNORMAL = ("centre", "width", "lognormal")
_SLOT = ("slot", "load", "due", "ripe")


def trigger_groups(network: NetworkPlan) -> list[GroupStructure]:
    """The rows, then the slots."""
    return [_rows(network), _slots(len(network.triggers))]


def _rows(network: NetworkPlan) -> GroupStructure:
    """Time counts in steps. `hit` is set by pathways of the step before, in which `now` was one less."""
    update = ["now = now + 1.0", "turn = turn + event", f"turn = turn - {SLOTS}.0*int(turn > {SLOTS - 0.5})"]
    happened = "hit"
    if _counts(network):
        happened = "(hit + met)"
        update += [
            "met = int(count > needed - 0.5)*int(reached < 0.5)",
            "into = into + 1.0",
            "same = int(into < window - 0.5)",
            "into = into*same",
            "count = count*same",
            "reached = (reached + met)*same",
        ]
    update += [f"event = {happened}*int(now > opens)*int(now < closes)", "hit = 0.0"]
    if _coincidences(network):
        update.append("since = since + 1.0")
    update.append(f"due = now - 1.0 + {_delay(network)}")
    variables = [Variable(name) for name in _columns(network)]
    if _draws(network):
        variables += [Variable("seed", "shared", "integer")]
        variables += [Variable(name, dtype="integer") for name in ("population", "cell")]
    return GroupStructure(TRIGGERS, len(network.triggers), tuple(variables), update=tuple(update), order=-2)


def _slots(count: int) -> GroupStructure:
    links = tuple(
        Link(f"trigger_{name}", TRIGGERS, name, "trigger") for name in ("now", "event", "turn", "due")
    )
    update = (
        "taken = trigger_event*int(trigger_turn > slot - 0.5)*int(trigger_turn < slot + 0.5)",
        "chosen = taken*int(load < 0.5)",
        "due = due*(1.0 - chosen) + trigger_due*chosen",
        "load = load + taken",
        "ripe = load*int(due - 0.5 <= trigger_now)",
    )
    variables = (*(Variable(name) for name in _SLOT), Variable("trigger", dtype="integer"))
    return GroupStructure(
        PENDING, count * SLOTS, variables, links, update, "ripe > 0.5", ("load = 0.0",), order=-1
    )


def _delay(network: NetworkPlan) -> str:
    """The delay in steps, drawn in every step and used where there is an event."""
    text = "low"
    if any(plan.delay.high > plan.delay.low for plan in network.triggers.values()):
        text += f" + spread*uniform_at({IDENTITY}, 0)"
    if any(plan.delay.lognormal for plan in network.triggers.values()):
        text += f" + lognormal*exp(centre + width*normal_at({IDENTITY}, 0))"
    return text


def _draws(network: NetworkPlan) -> bool:
    return "_at(" in _delay(network)


def _coincidences(network: NetworkPlan) -> bool:
    return any(plan.first for plan in network.triggers.values())


def _counts(network: NetworkPlan) -> bool:
    return any(plan.population for plan in network.triggers.values())


def _columns(network: NetworkPlan) -> list[str]:
    names = [*_CLOCK]
    names += _COINCIDENCE if _coincidences(network) else ()
    names += _COUNT if _counts(network) else ()
    names += _LOGNORMAL if "lognormal" in _delay(network) else ()
    return names


def trigger_arrays(network: NetworkPlan) -> Arrays:
    """Rows before the first step: it is step -1, no cell has fired, all slots are free."""
    rows = [_row(plan) for plan in network.triggers.values()]
    arrays: Arrays = {name: np.array([row[name] for row in rows]) for name in _columns(network)}
    names = [f"triggers/{name}" for name in network.triggers]
    return arrays | {
        "seed": np.array([network.experiment.seed], np.int32),
        "population": np.array([population_hash(name) for name in names], np.int32),
        "cell": np.zeros(len(names), np.int32),
    }


def _row(plan: TriggerPlan) -> dict[str, float]:
    delay = plan.delay
    return {
        "now": -1.0,
        "opens": plan.start + 0.5,
        "closes": plan.stop + 0.5,
        "hit": 0.0,
        "event": 0.0,
        "turn": 0.0,
        "due": 0.0,
        "low": delay.low,
        "spread": delay.high - delay.low,
        "since": 1e12,
        "longest": plan.longest + 0.5,
        "count": 0.0,
        "needed": float(plan.spikes) if plan.population else 1e12,
        "reached": 0.0,
        "window": float(plan.window),
        "into": float(-plan.start % plan.window) - 1.0,
        "centre": delay.centre,
        "width": delay.width,
        "lognormal": float(delay.lognormal),
    }


def pending_arrays(network: NetworkPlan) -> Arrays:
    """Free slots."""
    count = len(network.triggers)
    return {
        "slot": np.tile(np.arange(SLOTS, dtype=float), count),
        "trigger": np.repeat(np.arange(count, dtype=np.int32), SLOTS),
        **{name: np.zeros(count * SLOTS) for name in ("load", "due", "ripe")},
    }


def trigger_wires(network: NetworkPlan, placements: Mapping[str, Placement]) -> list[Wires]:
    """From the named cells to the rows, `first` before `then`; from the slots to the levels."""
    if not network.triggers:
        return []
    plans = list(network.triggers.values())
    first = [(row, *plan.first) for row, plan in enumerate(plans) if plan.first]
    then = [(row, *plan.then) for row, plan in enumerate(plans) if plan.then]
    counted = [
        (row, plan.population, int(cell)) for row, plan in enumerate(plans) for cell in plan.cells.tolist()
    ]
    hit = "hit_post = int(since_post > 0.5)*int(since_post < longest_post)"
    found = _into_rows("first", "since_post = 0.0", first, placements, len(plans), AFTER)
    found += _into_rows("then", hit, then, placements, len(plans), AFTER + 1)
    found += _into_rows("count", "count_post += 1.0", counted, placements, len(plans), AFTER)
    return found + _out_of_slots(network)


def _into_rows(
    what: str,
    line: str,
    ends: list[tuple[int, str, int]],
    placements: Mapping[str, Placement],
    count: int,
    order: int,
) -> list[Wires]:
    groups: dict[str, list[tuple[int, int]]] = {}
    for row, population, cell in ends:
        place = placements[population]
        groups.setdefault(place.group, []).append((place.start + cell, row))
    found = []
    for group, pairs in groups.items():
        pairs.sort()
        i, j = (np.array([pair[k] for pair in pairs], np.int32) for k in range(2))
        span = (int(i.min()), int(i.max()) + 1)
        structure = SynapsesStructure(
            f"trigger_{what}_{group}", group, span, TRIGGERS, (0, count), (), (line,), "uniform", order=order
        )
        found.append(Wires(structure, {"i": i, "j": j, "delay_pre": np.zeros(1)}))
    return found


def _out_of_slots(network: NetworkPlan) -> list[Wires]:
    """One set per neuromodulator and variable that the release is added to."""
    sets: dict[tuple[str, str], list[tuple[int, CompartmentPlan, float]]] = {}
    for number, trigger in enumerate(network.triggers.values()):
        for name, amount in trigger.release.items():
            plan = network.compartments[name]
            sets.setdefault((plan.modulator, arrives_in(plan)), []).append((number, plan, amount))
    return [_released(network, *key, parts) for key, parts in sets.items()]


def _released(
    network: NetworkPlan, modulator: str, variable: str, parts: list[tuple[int, CompartmentPlan, float]]
) -> Wires:
    i = np.concatenate([np.arange(number * SLOTS, (number + 1) * SLOTS) for number, _, _ in parts])
    j = np.repeat([region_row(network, plan.region) for _, plan, _ in parts], SLOTS)
    amount = np.repeat([0.0 if plan.held else plan.dose * amount for _, plan, amount in parts], SLOTS)
    order = np.lexsort((j, i))
    target = f"{variable}_{modulator}_post"
    line = f"{target} += amount*load_pre"
    if variable == "level":
        line = f"{target} = positive({target} + amount*load_pre)"
    structure = SynapsesStructure(
        f"triggered_{modulator}_{variable}",
        PENDING,
        (0, SLOTS * len(network.triggers)),
        REGIONS,
        (0, len(regions(network))),
        (Variable("amount"),),
        (line,),
        "uniform",
        order=AFTER,
    )
    arrays: Arrays = {
        "i": i[order].astype(np.int32),
        "j": j[order].astype(np.int32),
        "amount": amount[order].astype(float),
        "delay_pre": np.zeros(1),
    }
    return Wires(structure, arrays)
