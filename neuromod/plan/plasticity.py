"""Plasticity rules as statements: what is computed once per step and projection, and what at spikes.

An eligibility c of a synapse decays with tau, and dw/dt = c D with a third factor D that all synapses of a
projection share. With the shared sums R(t) = exp(-(t - t0)/tau) and G(t) = integral of R D since the last
tick t0, the scaled eligibility c/R does not change between events, so that

    w(t) = w(s) + (c/R) (G(t) - G(s))

is exact: u = w - (c/R) G stays the same too, and a synapse is visited only at its own events and at ticks.
Rows (one per projection and rule) hold R (`row_kept_c`), G (`row_integral_c`), and every factor of the
increments that synapses share.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from neuromod import reference_math
from neuromod.library.check_plasticity import DRIVE, LEVEL, PHASE, TICK, WEIGHT, drives_of, uses
from neuromod.library.grammar import rename, substitute
from neuromod.library.hoist import names_in
from neuromod.library.row_parts import RowParts
from neuromod.library.template import PlasticityTemplate
from neuromod.plan.equations import UNIT_NUMBERS, split_statement
from neuromod.plan.groups import PACEMAKERS, Arrays
from neuromod.plan.modulators import REGIONS, region_row
from neuromod.plan.network import NetworkPlan, RulePlan
from neuromod.plan.structure import GroupStructure, Link, Variable, rule_tick
from neuromod.plan.terminals import Terminals
from neuromod.plan.traces import TRACES, trace_rows

BOUNDS = ("row_low", "row_high")
"""Variables of a row with the bounds of the weights."""
CLEAR = "row_clear"
"""Variable of a row: 1 in a millisecond in which a task sets its eligibilities to 0, else 0."""
_SUMS = ("integral", "kept", "decay", "span")
_FADE, _TRACE = "row_fade_", "row_trace_"
"""Of each trace: its F, and its row (`plan.traces`)."""


@dataclass(frozen=True)
class RuleRows:
    """All uses of one rule that follow the same modulator and tick, one row each: (projection, position).

    `cleared`: a task sets eligibilities of some of them to 0.
    """

    name: str
    rules: tuple[RulePlan, ...]
    users: tuple[tuple[str, int], ...]
    cleared: bool = False

    @property
    def template(self) -> PlasticityTemplate:
        """The template of all rows."""
        return self.rules[0].template

    def row(self, projection: str, position: int) -> int:
        """Row of the rule at `position` on a projection."""
        return self.users.index((projection, position))


def rule_rows(network: NetworkPlan) -> list[RuleRows]:
    """The groups of rows, in the order of their first use."""
    found: dict[tuple[str, str, float], list[tuple[RulePlan, tuple[str, int]]]] = {}
    for name, projection in network.projections.items():
        for position, rule in enumerate(projection.rules):
            found.setdefault((rule.name, rule.modulator, rule.tick), []).append((rule, (name, position)))
    groups: list[RuleRows] = []
    cleared = cleared_projections(network)
    for (rule_name, modulator, _), uses_ in found.items():
        stem = "_".join(part for part in ("rule", rule_name, modulator) if part)
        number = sum(group.name.startswith(stem) for group in groups)
        name = f"{stem}_{number}" if number else stem
        rules, users = zip(*uses_, strict=True)
        eligible = bool(rules[0].template.eligibility)
        clears = eligible and any(projection in cleared for projection, _ in users)
        groups.append(RuleRows(name, rules, users, clears))
    return groups


def cleared_projections(network: NetworkPlan) -> set[str]:
    """Projections whose eligibilities a task sets to 0."""
    return {clear.projection for clear in network.task.clears} if network.task else set()


def rows_of(groups: Sequence[RuleRows], projection: str) -> list[RuleRows]:
    """The groups that hold the rules of a projection, by position."""
    by_user = {user: group for group in groups for user in group.users}
    return [by_user[projection, k] for k in range(sum(user[0] == projection for user in by_user))]


@dataclass
class RuleStatements:
    """A rule's statements in names of its row, of the synapse, and of the cells at its ends.

    Row names still stand without their position; `parts` are computed in every step.
    """

    third_factors: dict[str, str] = field(default_factory=dict)
    at_pre: list[str] = field(default_factory=list)
    at_post: list[str] = field(default_factory=list)
    add_pre: list[str] = field(default_factory=list)
    add_post: list[str] = field(default_factory=list)
    at_tick: list[str] = field(default_factory=list)
    cell_tick: list[str] = field(default_factory=list)
    transmitted: str = WEIGHT
    parts: dict[str, str] = field(default_factory=dict)

    def lines(self) -> list[str]:
        """The statements of synapses and cells."""
        events = [*self.at_pre, *self.at_post, *self.add_pre, *self.add_post]
        return [*events, *self.at_tick, *self.cell_tick]


def row_signals(rows: RuleRows) -> dict[str, Link]:
    """Names of levels, drives, phases and fading traces that a rule uses, and where the rows read them."""
    template, modulator = rows.template, rows.rules[0].modulator
    links = {
        f"{DRIVE}{name}": Link(f"{DRIVE}{name}", REGIONS, f"{DRIVE}{name}", "region")
        for name in drives_of(template)
    }
    if uses(template, LEVEL):
        links[LEVEL] = Link("level_now", REGIONS, f"mid_{modulator}", "region")
    if uses(template, *PHASE):
        links |= {name: Link(name, PACEMAKERS, name, "pacemaker") for name in PHASE}
    traces = [name for name in template.traces if uses(template, name)]
    return links | {
        f"{_FADE}{name}": Link(f"{_FADE}{name}", TRACES, "fade", f"{_TRACE}{name}") for name in traces
    }


def rule_statements(rows: RuleRows) -> RuleStatements:
    """Statements of a rule; what depends on the row alone is taken out of them."""
    template, out = rows.template, RuleStatements()
    signals = {name: link.name for name, link in row_signals(rows).items()}
    parts = RowParts(
        {*template.parameters, *signals.values(), *(f"row_kept_{e}" for e in template.eligibility)}
    )

    known = {**UNIT_NUMBERS, TICK: repr(rows.rules[0].tick)}
    known |= {name: f"({name}*{_FADE}{name})" for name in template.traces}

    def plain(text: str) -> str:
        return substitute(rename(text, signals), known)

    def statement(line: str) -> str:
        target, operator, right = split_statement(line)
        return f"{target} {operator} {parts.taken_out(plain(right))}"

    for name, entry in template.eligibility.items():
        out.third_factors[name] = plain(entry.converted)
        for text, lines in ((entry.at_pre, out.add_pre), (entry.at_post, out.add_post)):
            if text is not None:
                lines.append(f"{name} += {parts.taken_out(f'({plain(text)})/row_kept_{name}')}")
    out.at_pre = [statement(line) for line in template.at_pre]
    out.at_post = [statement(line) for line in template.at_post]
    out.at_tick = [statement(line) for line in template.at_tick]
    out.cell_tick = [statement(line) for line in template.cell_tick]
    out.transmitted = parts.taken_out(plain(template.transmitted or WEIGHT))
    out.parts = {name: text for text, name in parts.found.items()}
    return out


def row_group(rows: RuleRows) -> GroupStructure:
    """Sums, third factors and shared factors of every use of a rule."""
    template, statements = rows.template, rule_statements(rows)
    links = row_signals(rows)
    update = []
    for name, third in statements.third_factors.items():
        update.append(
            f"row_integral_{name} = row_integral_{name} + row_kept_{name}*row_span_{name}*({third})"
        )
        update.append(f"row_kept_{name} = row_kept_{name}*row_decay_{name}")
    update += [f"{name} = {text}" for name, text in statements.parts.items()]
    outside = _names(statements.lines()) | names_in(statements.transmitted)
    seen = [link for link in links.values() if link.name in outside]
    update += [f"{seen_name(link)} = {link.name}" for link in seen]
    used = _names(update) | outside
    variables = [Variable(name) for name in (*_sums(template), *statements.parts)]
    if any(position == 0 for _, position in rows.users):
        variables += map(Variable, BOUNDS)  # the first rule clips the weight, for all of them
    variables += [Variable(CLEAR)] if rows.cleared else []
    variables += [Variable(name) for name in template.parameters if name in used]
    variables += [Variable(seen_name(link)) for link in seen]
    variables += [
        Variable(name, dtype="integer") for name in sorted({str(link.index) for link in links.values()})
    ]
    tick = [f"row_integral_{name} = 0.0" for name in template.eligibility]
    tick += [f"row_kept_{name} = 1.0" for name in template.eligibility]
    return GroupStructure(
        rows.name,
        len(rows.rules),
        tuple(variables),
        tuple(links.values()),
        tuple(update),
        ticks=rule_tick(tick, rows.rules[0].tick, order=1),
        order=-1,
    )


def _names(lines: Sequence[str]) -> set[str]:
    """Names that statements read."""
    return {name for line in lines for name in names_in(split_statement(line)[2])}


def seen_name(link: Link) -> str:
    """Name under which a row hands a signal on: a linked variable cannot be linked to again."""
    return f"row_seen_{link.name}"


def _sums(template: PlasticityTemplate) -> list[str]:
    return [f"row_{part}_{name}" for name in template.eligibility for part in _SUMS]


def row_arrays(rows: RuleRows, network: NetworkPlan, needs: Terminals) -> Arrays:
    """Every array of a group of rows at t = 0."""
    template, count = rows.template, len(rows.rules)
    arrays: Arrays = {
        name: np.array([rule.parameters[name] for rule in rows.rules]) for name in template.parameters
    }
    for name, entry in template.eligibility.items():
        decay = reference_math.exp(-network.experiment.dt / arrays[entry.tau])
        arrays |= {
            f"row_integral_{name}": np.zeros(count),
            f"row_kept_{name}": np.ones(count),
            f"row_decay_{name}": decay,
            f"row_span_{name}": arrays[entry.tau] * (1.0 - decay),
        }
    arrays |= {name: np.zeros(count) for name in (*rule_statements(rows).parts, CLEAR)}
    arrays |= {name: np.array([rule.bounds[k] for rule in rows.rules]) for k, name in enumerate(BOUNDS)}
    links = row_signals(rows)
    arrays |= {seen_name(link): np.zeros(count) for link in links.values()}
    if any(link.index == "region" for link in links.values()):
        arrays["region"] = np.array([region_row(network, rule.region) for rule in rows.rules], np.int32)
    if any(link.index == "pacemaker" for link in links.values()):
        order = list(network.pacemakers)
        arrays["pacemaker"] = np.array([order.index(rule.pacemaker) for rule in rows.rules], np.int32)
    kinds = trace_rows(needs)
    ends = [needs.ends[projection].traces[position] for projection, position in rows.users]
    for k, name in enumerate(template.traces):
        arrays[f"{_TRACE}{name}"] = np.array([kinds[traces[k]] for traces in ends], np.int32)
    return arrays


def shared_names(rows: RuleRows) -> dict[str, str]:
    """Names in statements that stand for something of the row, and the variables of the row behind them."""
    own = [*rows.template.parameters, *rule_statements(rows).parts, *BOUNDS, CLEAR]
    own += [f"row_{part}_{name}" for name in rows.template.eligibility for part in ("integral", "kept")]
    return {name: name for name in own} | {link.name: seen_name(link) for link in row_signals(rows).values()}
