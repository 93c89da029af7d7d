"""What the rules of a projection keep, under the names by which it is recorded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from neuromod.library.template import RuleVariable
from neuromod.plan.network import ProjectionPlan, RulePlan
from neuromod.plan.terminals import cell_variable

TRANSMITTED = "transmitted"
RESERVED = frozenset({"weight", "time", "synapse", "source", "target", TRANSMITTED})
"""Names in a results file that are taken, so that a rule's own variable is always named with its rule."""


@dataclass(frozen=True)
class SynapseVariable:
    """A variable of each synapse: of the rule at `position`, under its `name` there.

    `unit` is empty for eligibilities and for what is transmitted, which have the unit of the weight.
    """

    position: int
    name: str
    unit: str = ""


def synapse_variables(projection: ProjectionPlan) -> dict[str, SynapseVariable]:
    """Eligibilities and states of the rules of a projection, and what they transmit, by recorded name.

    A name that only one of the rules has stands alone, others as `RULE.NAME`; where a rule stands on the
    projection more than once, its second use is `RULE_2.NAME`.
    """
    own = []
    for position, rule in enumerate(projection.rules):
        own += [SynapseVariable(position, name) for name in rule.template.eligibility]
        own += [SynapseVariable(position, name, entry.unit) for name, entry in rule.template.state.items()]
    count = Counter(variable.name for variable in own)
    found: dict[str, SynapseVariable] = {}
    for variable in own:
        name = variable.name
        if count[name] > 1 or name in RESERVED:
            name = f"{_rule_name(projection.rules, variable.position)}.{name}"
        found[name] = variable
    sender = transmitting(projection)
    return found if sender is None else found | {TRANSMITTED: SynapseVariable(sender, TRANSMITTED)}


def transmitting(projection: ProjectionPlan) -> int | None:
    """Position of the rule that says what a spike transmits; None: the weight."""
    found = (k for k, rule in enumerate(projection.rules) if rule.template.transmitted is not None)
    return next(found, None)


def cell_variables(population: str, projections: Iterable[ProjectionPlan]) -> dict[str, RuleVariable]:
    """Variables that rules keep on the cells of a population, by their names in its group."""
    onto = [projection for projection in projections if projection.target == population]
    rules = [rule for projection in onto for rule in projection.rules]
    return {
        cell_variable(rule.name, name): entry for rule in rules for name, entry in rule.template.cell.items()
    }


def _rule_name(rules: tuple[RulePlan, ...], position: int) -> str:
    name = rules[position].name
    number = sum(rule.name == name for rule in rules[: position + 1])
    return name if number == 1 else f"{name}_{number}"
