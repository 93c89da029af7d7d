"""Effects of receptors on the parameters of a network: which of them act, and where.

An effect of a model file acts on the populations and projections that the network has, in their region, if
its neuromodulator has a compartment there whose level can leave the tonic one at all. That is decided by what
the config gives for the compartment, never by values, so that a sweep does not change the program.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from neuromod.config.network import Compartment
from neuromod.errors import Problem
from neuromod.library.check_neuromodulator import CURRENT, RELEASE
from neuromod.library.hoist import names_in
from neuromod.library.template import Effect, NeuromodulatorTemplate, Parameter, PlasticityTemplate
from neuromod.plan.expansion import Expansion, dotted, listed
from neuromod.plan.merge import KeyPath
from neuromod.plan.network import CompartmentPlan, EffectPlan, PopulationPlan, ProjectionPlan
from neuromod.plan.parameters import mismatch
from neuromod.plan.tasks import merged_task

MOVES = ("level", "nucleus", "pulses", "ramps", "dose", "clamp", "lesion", "mean_clamp", "shuffle")
"""Keys of a compartment with which its level leaves the tonic one."""


def plan_effects(
    expansion: Expansion,
    populations: Mapping[str, PopulationPlan],
    projections: Mapping[str, ProjectionPlan],
    compartments: Mapping[str, CompartmentPlan],
) -> tuple[EffectPlan, ...]:
    """Every effect that acts; those that cannot are left out and their problems noted."""
    found: list[EffectPlan] = []
    owners: dict[str, str] = {}
    for modulator in dict.fromkeys(plan.modulator for plan in compartments.values()):
        if modulator not in expansion.library.names("neuromodulators"):
            continue
        template = expansion.template(expansion.library.neuromodulator, modulator, ("modulators", modulator))
        if template is None:
            continue
        _check_owner(expansion, modulator, template, owners)
        there = {plan.region for plan in compartments.values() if plan.modulator == modulator}
        regions = {region for region in there if _moves(expansion, modulator, region, template)}
        for number, effect in enumerate(template.effects):
            one = _Resolver(expansion, modulator, number, effect)
            found += one.on_populations(populations, regions)
            found += one.on_projections(projections, populations, regions)
    return tuple(found)


def _check_owner(
    expansion: Expansion, modulator: str, template: NeuromodulatorTemplate, owners: dict[str, str]
) -> None:
    """A receptor binds one neuromodulator: its drive has the receptor's name."""
    for receptor in template.receptors:
        other = owners.setdefault(receptor, modulator)
        if other != modulator:
            expansion.refuse(
                ("modulators", modulator),
                f"got the receptor {receptor} in {modulator} and in {other}, allowed is one neuromodulator "
                "for each name of a receptor",
            )


def _moves(expansion: Expansion, modulator: str, region: str, template: NeuromodulatorTemplate) -> bool:
    """Can the drives of a compartment ever differ from 0, and do they act on parameters."""
    spec, experiment = expansion.network.modulators[modulator][region], expansion.experiment
    if not spec.effects:
        return False
    triggers = (trigger.release.get(modulator, {}) for trigger in experiment.triggers.values())
    return (
        moved(spec)
        or (modulator, region) in _released_by_task(expansion)
        or any(change.state in template.states for change in experiment.states)
        or any(region in release for release in triggers)
    )


def _released_by_task(expansion: Expansion) -> set[tuple[str, str]]:
    """Compartments into which wires of the task release, those that are cut, too."""
    spec, library = expansion.experiment.task, expansion.library
    if spec is None or spec.model not in library.names("tasks"):
        return set()
    template = expansion.template(library.task, spec.model, ("task", "model"))
    wires = merged_task(template, spec).wires.values() if template is not None else ()
    return {(name, region) for wire in wires for name, parts in wire.release.items() for region in parts}


def moved(spec: Compartment) -> bool:
    """Does a compartment give anything with which its level or its drives leave the tonic ones."""
    keys = spec.model_fields_set & set(MOVES)
    blocked = any("block" in entry.model_fields_set for entry in spec.receptors.values())
    return blocked or any(getattr(spec, key) is not None for key in keys)


@dataclass(frozen=True)
class _Resolver:
    """One effect of a model file, and where it acts."""

    expansion: Expansion
    modulator: str
    number: int
    effect: Effect

    def on_populations(
        self, populations: Mapping[str, PopulationPlan], regions: set[str]
    ) -> Iterator[EffectPlan]:
        """On the named populations that lie in one of `regions` and have the variable."""
        for name in self.effect.populations:
            population = populations.get(name)
            if population is not None and population.region in regions and self._reaches(population):
                yield self._planned(name, population.region)

    def on_projections(
        self,
        projections: Mapping[str, ProjectionPlan],
        populations: Mapping[str, PopulationPlan],
        regions: set[str],
    ) -> Iterator[EffectPlan]:
        """On the named projections whose target lies in one of `regions`."""
        for name, projection in projections.items():
            region = populations[projection.target].region
            named = any(matches(pattern, name) for pattern in self.effect.projections)
            if named and region in regions and self._transmits(projection):
                yield self._planned(name, region)

    def _planned(self, owner: str, region: str) -> EffectPlan:
        effect = self.effect
        if effect.shift is not None:
            rise = fall = effect.shift.quantity.value
        else:
            assert effect.scale is not None  # the check of the library: exactly one of the two
            rise, fall = effect.scale.rise, effect.scale.fall
        above = effect.above
        return EffectPlan(
            owner=owner,
            variable=effect.parameter,
            receptor=effect.receptor,
            region=region,
            shift=effect.shift is not None,
            rise=rise,
            fall=fall if above is None else 0.0,
            above=above or 0.0,
        )

    def _refuse(self, key: str, message: str) -> None:
        """Note a problem at a key of the effect in its model file."""
        path: KeyPath = ("effects", self.number, key)
        node = self.expansion.library.node("neuromodulators", self.modulator)
        self.expansion.problems.append(Problem(message, dotted(path), node.place_of(path)))

    def _reaches(self, population: PopulationPlan) -> bool:
        """Does a population have the variable; networks without the receptor or input are spared."""
        owner, dot, parameter = self.effect.parameter.rpartition(".")
        if not dot:
            return self._allowed(
                population.template.parameters, parameter, population.template_name, population.name
            )
        if parameter == CURRENT:
            return self._carries(population, owner)
        if owner in population.inputs:
            plan = population.inputs[owner]
            return self._allowed(plan.template.parameters, parameter, plan.template_name, population.name)
        self.expansion.notices.append(
            f"neuromodulators/{self.modulator}: the effect of {self.effect.receptor} on "
            f"{population.name}.{self.effect.parameter} is left out, there is no input {owner}"
        )
        return False

    def _carries(self, population: PopulationPlan, receptor: str) -> bool:
        known = self.expansion.library.names("synapses")
        if receptor not in known:
            self._refuse("parameter", f"got the unknown receptor `{receptor}`, allowed {listed(known)}")
        plan = population.receptors.get(receptor)
        if plan is not None and plan.template.current is None:
            self._refuse(
                "parameter",
                f"got the current of {receptor}, which carries none; allowed is {RELEASE} of its projections",
            )
        return plan is not None and plan.template.current is not None

    def _transmits(self, projection: ProjectionPlan) -> bool:
        if self.effect.parameter == RELEASE:
            return True
        parameter = self.effect.parameter.partition(".")[2]
        rules = [rule for rule in projection.rules if parameter in rule.template.parameters]
        allowed = [self._follows(rule.template, rule.name, parameter) for rule in rules]
        return bool(allowed) and all(allowed)

    def _follows(self, template: PlasticityTemplate, rule: str, parameter: str) -> bool:
        """May a parameter of a rule change; what is computed once before a run cannot."""
        if parameter in fixed_parameters(template):
            self._refuse(
                "parameter",
                f"got {parameter} of {rule}, which is a time constant, a bound or a starting value; "
                "allowed are other parameters",
            )
            return False
        return self._allowed(template.parameters, parameter, rule, rule)

    def _allowed(self, declared: Mapping[str, Parameter], parameter: str, template: str, owner: str) -> bool:
        """Whether a template declares the parameter as modulable, in the unit of a shift."""
        modulable = {name for name, entry in declared.items() if entry.modulable}
        if parameter not in modulable:
            reason = "which must not change during a run" if parameter in declared else "which it lacks"
            self._refuse(
                "parameter",
                f"got {parameter} of {owner} ({template}), {reason}; allowed {listed(modulable)} "
                "(or `effects: false` for the compartment)",
            )
            return False
        shift = self.effect.shift
        message = mismatch(shift.quantity, declared[parameter].unit) if shift is not None else ""
        if message:
            self._refuse("shift", message)
        return not message


def matches(pattern: str, projection: str) -> bool:
    """Does `SOURCE->TARGET[:tag]`, where * stands for any name, stand for a projection.

    Without a tag it stands for every projection between its ends.
    """
    ends, _, tag = pattern.partition(":")
    own_ends, _, own_tag = projection.partition(":")
    parts = zip([*ends.split("->"), tag or "*"], [*own_ends.split("->"), own_tag], strict=True)
    return all(wanted in ("*", own) for wanted, own in parts)


def fixed_parameters(template: PlasticityTemplate) -> set[str]:
    """Parameters of a rule that enter before a run: time constants, bounds, starting values."""
    fixed = {*template.bounds, *(entry.tau for entry in template.eligibility.values())}
    for trace in template.traces.values():
        fixed |= {trace.tau} | (set(names_in(trace.initial)) if trace.initial else set())
    return fixed
