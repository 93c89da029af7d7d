"""Physical sets of synapses: projections that share groups, receptor and rules become one set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from neuromod.library.check_plasticity import WEIGHT
from neuromod.library.grammar import rename, substitute
from neuromod.library.hoist import names_in
from neuromod.library.template import SynapseTemplate
from neuromod.plan.equations import FREE_AT, TIME, holds, split_statement
from neuromod.plan.gains import RELEASE_GAIN, RELEASE_ROW, columns, with_gains
from neuromod.plan.network import NetworkPlan
from neuromod.plan.plasticity import (
    BOUNDS,
    CLEAR,
    RuleRows,
    cleared_projections,
    rows_of,
    rule_statements,
    shared_names,
)
from neuromod.plan.structure import CLEAR_TICK, Link, SynapsesStructure, Tick, Variable, rule_tick
from neuromod.plan.task_schedule import MILLISECOND
from neuromod.plan.terminals import Ends, cell_variable, receptor_template, renamed

type _Between = tuple[str, str, tuple[int, int], str, tuple[int, int]]
"""Name of a set, and the group and slice of its sources and targets."""


@dataclass(frozen=True)
class SynapseSet:
    """Projections that are computed together; `rules` are the rows of their rules, by position.

    `modulated`: receptors act on the release of some of them. `cleared`: a task sets eligibilities of some of
    them to 0.
    """

    name: str
    projections: tuple[str, ...]
    source: str
    target: str
    receptor: str
    template: SynapseTemplate
    ends: Ends
    rules: tuple[RuleRows, ...]
    precision: Literal["float", "single"]
    uniform: bool
    held: bool
    modulated: bool = False
    cleared: bool = False


def synapse_sets(
    network: NetworkPlan, group_of: Mapping[str, str], ends: Mapping[str, Ends], rows: Sequence[RuleRows]
) -> list[SynapseSet]:
    """Group projections; sets appear in the order of their first projection."""
    sets: dict[tuple[object, ...], list[str]] = {}
    for name, projection in network.projections.items():
        rules = tuple(group.name for group in rows_of(rows, name))
        delay = projection.uniform_delay if rules else None
        places = (group_of[projection.source], group_of[projection.target])
        modulated = RELEASE_GAIN in columns(network, name)
        key = (*places, projection.receptor, rules, ends[name], delay, modulated)
        sets.setdefault(key, []).append(name)
    return [_synapse_set(network, k, key, names, rows) for k, (key, names) in enumerate(sets.items())]


def _synapse_set(
    network: NetworkPlan, number: int, key: tuple[object, ...], names: list[str], rows: Sequence[RuleRows]
) -> SynapseSet:
    source, target, receptor, _, ends, _, modulated = key
    first = network.projections[names[0]]
    assert isinstance(ends, Ends)  # built as such in synapse_sets
    rules = tuple(rows_of(rows, names[0]))
    uniform = bool(rules) or bool(ends.transmitter) or (len(names) == 1 and first.uniform_delay is not None)
    stem = "_".join([str(receptor), *(rule.name for rule in first.rules)])
    template = receptor_template(network, first)
    held = holds(network.populations[first.target].template, "V")
    ids = (f"{stem}{number}", tuple(names), str(source), str(target), str(receptor))
    precision: Literal["float", "single"] = "single" if network.experiment.precision == "single" else "float"
    cleared = not cleared_projections(network).isdisjoint(names)
    return SynapseSet(*ids, template, ends, rules, precision, uniform, held, bool(modulated), cleared)


def synapses_structure(
    plan: SynapseSet, source_slice: tuple[int, int], target_slice: tuple[int, int]
) -> SynapsesStructure:
    """The compiled part of a set."""
    ends = (plan.name, plan.source, source_slice, plan.target, target_slice)
    structure = _plastic(plan, ends) if plan.rules else _static(plan, ends)
    return with_gains(structure, [RELEASE_GAIN] if plan.modulated else [], RELEASE_ROW)


def _static(plan: SynapseSet, ends: _Between) -> SynapsesStructure:
    """Weights that do not change."""
    delay: Literal["uniform", "each"] = "uniform" if plan.uniform else "each"
    return SynapsesStructure(*ends, (Variable("weight"),), tuple(_transmission(plan, "weight")), delay)


def _transmission(plan: SynapseSet, weight: str) -> list[str]:
    """What an arriving spike does to the target cell."""
    if plan.modulated:
        weight = f"({weight})*{RELEASE_GAIN}"
    names = {variable: f"{variable}_{plan.receptor}_post" for variable in plan.template.state}
    names |= {"V": "V_post"}
    if plan.template.transmitter:
        names |= {v: f"{v}_{plan.ends.transmitter}_pre" for v in plan.template.transmitter.state}
    return [
        _with(_gated(renamed(line, names), plan.held), {"weight": weight}) for line in plan.template.on_spike
    ]


def _with(line: str, values: Mapping[str, str]) -> str:
    """A statement with names on its right side replaced by expressions."""
    target, operator, right = split_statement(line)
    return f"{target} {operator} {substitute(right, values)}"


def _gated(line: str, held: bool) -> str:
    """A jump of the membrane potential is lost on a refractory cell that holds it."""
    target, operator, right = split_statement(line)
    if target != "V_post" or not held:
        return line
    return f"{target} {operator} ({right})*int({TIME} > {FREE_AT}_post)"


def eligibility_names(plan: SynapseSet) -> list[str]:
    """Variables of a synapse for the scaled eligibilities of its rules."""
    return [f"{name}_{k}" for k, rows in enumerate(plan.rules) for name in rows.template.eligibility]


def state_names(plan: SynapseSet) -> list[str]:
    """All variables of a plastic synapse besides its weight."""
    states = [f"{name}_{k}" for k, rows in enumerate(plan.rules) for name in rows.template.state]
    return [*eligibility_names(plan), *states]


NOW = "w_now"
"""The weight of a synapse while one of its events is computed."""


class _PlasticSet:
    """Writes the statements of a plastic set; names of a rule's own things end in its position.

    A synapse keeps `weight` = w - c G, summed over its scaled eligibilities c with the row's G: it stays the
    same between events, and w is `weight` + c G at any time.
    """

    def __init__(self, plan: SynapseSet) -> None:
        self.plan = plan
        self.statements = [rule_statements(rows) for rows in plan.rules]
        self.names = [self._names(k, rows) for k, rows in enumerate(plan.rules)]
        self.eligibilities = eligibility_names(plan)
        self.bounds = ", ".join(self.names[0][name] for name in BOUNDS)

    def _names(self, k: int, rows: RuleRows) -> dict[str, str]:
        template = rows.template
        known = [*template.state, *template.eligibility, *shared_names(rows)]
        names = {name: f"{name}_{k}" for name in known} | {WEIGHT: NOW}
        for (trace, entry), own in zip(template.traces.items(), self.plan.ends.traces[k], strict=True):
            names[trace] = f"{own}_{entry.of}"
        return names | {c: f"{cell_variable(rows.rules[0].name, c)}_post" for c in template.cell}

    def clipped(self, text: str) -> str:
        """A value of the weight, within its bounds."""
        return f"clip({text}, {self.bounds})"

    def current(self) -> str:
        """The weight now, not written back."""
        terms = [f"{name}*row_integral_{name}" for name in self.eligibilities]
        return self.clipped(" + ".join(["weight", *terms])) if terms else "weight"

    def event(self, direct: str, increments: str, sent: Sequence[str] = ()) -> list[str]:
        """An event: what is `sent` with the weight as it is, direct changes, increments of eligibilities."""
        lines = [*sent, *self.direct(direct), *self.lines(increments)]
        if not self.lines(direct) and not self.lines(increments) and not self.eligibilities:
            return list(sent) and [f"{NOW} = weight", *sent]
        terms = "".join(f" - {name}*row_integral_{name}" for name in self.eligibilities)
        return [f"{NOW} = {self.current()}", *lines, f"weight = {NOW}{terms}"]

    def lines(self, key: str) -> list[str]:
        """Statements of all rules, under the names of the set."""
        found = []
        for names, statements in zip(self.names, self.statements, strict=True):
            for line in getattr(statements, key):
                target, operator, right = split_statement(line)
                found.append(f"{names[target]} {operator} {rename(right, _used(right, names))}")
        return found

    def direct(self, key: str) -> list[str]:
        """Direct changes, then the weight within its bounds."""
        lines = self.lines(key)
        return [*lines, f"{NOW} = {self.clipped(NOW)}"] if lines else []

    def transmitted(self) -> str:
        """What a spike transmits."""
        for names, rows, statements in zip(self.names, self.plan.rules, self.statements, strict=True):
            if rows.template.transmitted is not None:
                return rename(statements.transmitted, _used(statements.transmitted, names))
        return NOW

    def tick(self) -> list[str]:
        """Bring the weight up to date before the row starts its sums anew, then the rules' own statements."""
        own = self.direct("at_tick")
        if not own and not self.eligibilities:
            return []
        scaled = [f"{name} = {name}*row_kept_{name}" for name in self.eligibilities]
        return [f"{NOW} = {self.current()}", *scaled, *own, f"weight = {NOW}"]

    def clear(self) -> list[str]:
        """Bring the weight up to date set eligibilities to 0 where the row says so; else nothing."""
        if not self.plan.cleared:
            return []
        asked = [
            self.names[k][CLEAR] for k, rows in enumerate(self.plan.rules) for _ in rows.template.eligibility
        ]
        kept = [f"{name} = {name}*(1.0 - {row})" for name, row in zip(self.eligibilities, asked, strict=True)]
        weight = f"weight = weight*(1.0 - {asked[0]}) + {NOW}*{asked[0]}"
        return [f"{NOW} = {self.current()}", *kept, weight]

    def clear_tick(self) -> tuple[Tick, ...]:
        """The tick of these statements: before that of the rules, which starts the sums of rows anew."""
        lines = self.clear()
        rows = next((rows for rows in self.plan.rules if rows.template.eligibility), None)
        if not lines or rows is None:
            return ()
        return (Tick(CLEAR_TICK, tuple(lines), MILLISECOND, order=-1, asked=f"{rows.name}.{CLEAR}"),)

    def links(self, lines: Sequence[str]) -> list[Link]:
        """Where the names of rows come from."""
        used = frozenset().union(*(names_in(split_statement(line)[2]) for line in lines))
        found = []
        for k, (names, rows) in enumerate(zip(self.names, self.plan.rules, strict=True)):
            index = f"row_{k}" if len(rows.rules) > 1 else None
            shared = shared_names(rows)
            wanted = [name for name in sorted(shared) if names[name] in used]
            found += [Link(names[name], rows.name, shared[name], index) for name in wanted]
        return found


def _used(text: str, names: Mapping[str, str]) -> dict[str, str]:
    return {name: names[name] for name in names_in(text) if name in names}


def _changes(made: _PlasticSet, *keys: str) -> bool:
    return any(made.lines(key) for key in keys)


def _plastic(plan: SynapseSet, ends: _Between) -> SynapsesStructure:
    """Rules brought up to date at events of either side and at ticks."""
    made = _PlasticSet(plan)
    late = plan.rules[0].template.delay == "dendritic"
    transmit = _transmission(plan, made.transmitted())
    on_pre = made.event("at_pre", "add_pre", () if late else transmit)
    on_post = made.event("at_post", "add_post") if _changes(made, "at_post", "add_post") else []
    tick = made.tick()
    sent = [f"{NOW} = {made.current()}", *transmit] if late else []
    every = [*on_pre, *on_post, *tick, *made.clear(), *sent]
    links = made.links(every)
    indices = sorted({link.index for link in links if link.index is not None})
    variables = [Variable(name, dtype=plan.precision) for name in ("weight", *state_names(plan))]
    return SynapsesStructure(
        *ends,
        variables=(*variables, *(Variable(name, "part", "integer") for name in indices)),
        on_pre=tuple(on_pre),
        delay="uniform",
        links=tuple(links),
        on_post=tuple(on_post),
        on_transmit=tuple(sent),
        ticks=(*rule_tick(tick, plan.rules[0].rules[0].tick, order=0), *made.clear_tick()),
    )
