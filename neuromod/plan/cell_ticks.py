"""Variables of plasticity rules on their target cells, moved at ticks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from neuromod.errors import ConfigError, Problem
from neuromod.library.grammar import rename
from neuromod.library.hoist import names_in
from neuromod.plan.equations import split_statement
from neuromod.plan.groups import Arrays, FusedGroup
from neuromod.plan.network import NetworkPlan
from neuromod.plan.plasticity import RuleRows, rule_statements, shared_names
from neuromod.plan.structure import GroupStructure, Link, Variable, rule_tick
from neuromod.plan.terminals import Terminals, cell_variable


def with_cell_ticks(
    structure: GroupStructure,
    group: FusedGroup,
    network: NetworkPlan,
    needs: Terminals,
    rows: Sequence[RuleRows],
) -> GroupStructure:
    """The group with the tick statements of all rules whose target cells it holds.

    Raises:
        ConfigError: two rules would tick at different intervals on one group of cells.
    """
    for number, (owner, projection, position) in enumerate(_owners(group, network, rows)):
        period = owner.rules[0].tick
        if any(tick.period != period for tick in structure.ticks):
            cells = ", ".join(member.name for member in group.members)
            raise ConfigError(
                Problem(f"got rules with different ticks for the cells of {cells}, allowed is one interval")
            )
        earlier = [line for tick in structure.ticks for line in tick.lines]
        rule = owner.rules[0]
        shared = shared_names(owner)
        names = {name: f"{name}_of{number}" for name in shared}
        names |= {name: cell_variable(rule.name, name) for name in owner.template.cell}
        names |= dict(zip(owner.template.traces, needs.ends[projection].traces[position], strict=True))
        lines = [_renamed(line, names) for line in rule_statements(owner).cell_tick]
        used = frozenset().union(*(names_in(split_statement(line)[2]) for line in lines))
        index = f"cell_row{number}"
        links = [
            Link(names[key], owner.name, value, index) for key, value in shared.items() if names[key] in used
        ]
        structure = replace(
            structure,
            variables=(*structure.variables, *([Variable(index, dtype="integer")] if links else [])),
            links=(*structure.links, *links),
            ticks=rule_tick([*earlier, *lines], period, order=1),
        )
    return structure


def cell_rows(group: FusedGroup, rows: Sequence[RuleRows], network: NetworkPlan) -> Arrays:
    """For each rule with variables on cells, the row whose parameters each cell follows."""
    arrays: Arrays = {}
    for number, (owner, _, _) in enumerate(_owners(group, network, rows)):
        first = {
            network.projections[name].target: k for k, (name, _) in reversed(list(enumerate(owner.users)))
        }
        values = [np.full(member.size, first.get(member.name, 0), np.int32) for member in group.members]
        arrays[f"cell_row{number}"] = np.concatenate(values)
    return arrays


def _owners(
    group: FusedGroup, network: NetworkPlan, rows: Sequence[RuleRows]
) -> list[tuple[RuleRows, str, int]]:
    """Rules with tick statements for cells of this group, each with its first projection and position."""
    members = {member.name for member in group.members}
    found = []
    for owner in rows:
        users = [user for user in owner.users if network.projections[user[0]].target in members]
        if owner.template.cell_tick and users:
            found.append((owner, *users[0]))
    return found


def _renamed(line: str, names: dict[str, str]) -> str:
    target, operator, right = split_statement(line)
    used = {name: names[name] for name in names_in(right) if name in names}
    return f"{names[target]} {operator} {rename(right, used)}"
