"""The task of an experiment, bound to its network: roles become cells, wires become levels and currents."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import numpy as np

from neuromod.config.task import ExperimentTask, Task, TaskDrive, TaskStimulus, TaskWire
from neuromod.library.check_task import ARROW, AT_OUTCOME, SIGNALS, check_task
from neuromod.library.template import NeuromodulatorTemplate, TaskTemplate
from neuromod.plan.expansion import Expansion
from neuromod.plan.merge import KeyPath, overlaid
from neuromod.plan.modulators import arrives_in
from neuromod.plan.network import Change, CompartmentPlan, Ints, PopulationPlan, ProjectionPlan
from neuromod.plan.parameters import mismatch
from neuromod.plan.stimulated import cells_of, resting
from neuromod.plan.task_plan import TaskClear, TaskMove, TaskPlan, TaskSend
from neuromod.plan.task_schedule import MILLISECOND, draw_schedule
from neuromod.plan.tonic import setting
from neuromod.units import parse_unit

_PATH: KeyPath = ("task",)
_WHOLE = 1e-6


def plan_task(
    expansion: Expansion,
    populations: Mapping[str, PopulationPlan],
    compartments: Mapping[str, CompartmentPlan],
    projections: Mapping[str, ProjectionPlan],
    timeline: Iterable[Change],
) -> TaskPlan | None:
    """The task with its schedule; None without one, or, problems noted, where it is wrong."""
    spec = expansion.experiment.task
    if spec is None:
        return None
    template = expansion.template(expansion.library.task, spec.model, (*_PATH, "model"))
    if template is None:
        return None
    before = len(expansion.problems)
    task = merged_task(template, spec)
    for path, message in check_task(task, [*template.roles, *expansion.network.populations]):
        expansion.refuse((*_PATH, *path), message)
    _check_clock(expansion, spec)
    if len(expansion.problems) > before:
        return None
    binder = _Binder(expansion, task, template, populations, compartments)
    moves, sends = (*binder.moves(), *binder.states()), tuple(binder.sends())
    channels, read = binder.channels(), binder.read()
    clears = tuple(binder.clears(projections))
    _check_alone(expansion, moves, sends, timeline)
    if len(expansion.problems) > before:
        return None
    seed = expansion.experiment.seed if spec.seed is None else spec.seed
    schedule = draw_schedule(task, spec.trials, seed, spec.model)
    start = round(spec.start / MILLISECOND)
    plan = TaskPlan(
        spec.model, task, seed, start, schedule, channels, moves, sends, _shown(task), read, clears
    )
    _notice_length(expansion, plan)
    return plan


def merged_task(template: TaskTemplate, spec: ExperimentTask) -> Task:
    """The task of the model with the fields that the experiment writes."""
    written = spec.model_fields_set
    fields = {
        name: overlaid(getattr(template, name), getattr(spec, name))
        if name in written
        else getattr(template, name)
        for name in Task.model_fields
    }
    return Task.model_validate(fields)


def _check_clock(expansion: Expansion, spec: ExperimentTask) -> None:
    steps = MILLISECOND / expansion.experiment.dt
    if round(steps) < 1 or abs(steps - round(steps)) > _WHOLE:
        got = expansion.experiment.dt * 1e3
        expansion.refuse(
            ("dt",), f"got {got:g} ms with a task, allowed is a step of which 1 ms is a multiple"
        )
    if abs(spec.start / MILLISECOND - round(spec.start / MILLISECOND)) > _WHOLE:
        got = spec.start * 1e3
        expansion.refuse((*_PATH, "start"), f"got {got:g} ms, allowed are whole milliseconds")


def _check_alone(
    expansion: Expansion, moves: Iterable[TaskMove], sends: Iterable[TaskSend], timeline: Iterable[Change]
) -> None:
    """A parameter is changed by stimuli of the experiment, by those of the task, or by one drive."""
    moved = {(change.owner, change.variable) for change in timeline if not change.add}
    own = {(move.owner, move.variable) for move in moves}
    for owner, variable in sorted(moved & own):
        expansion.refuse(
            _PATH,
            f"got {owner}.{variable}, which `stimuli` or `modulators` change, too; allowed is one of them",
        )
    driven: set[tuple[str, str]] = set()
    for send in sends:
        if not send.drive:
            continue
        key = (send.owner, send.variable)
        if key in moved | own | driven:
            expansion.refuse(
                (*_PATH, "wires"),
                f"got {send.owner}.{send.variable}, which is changed elsewhere, too; allowed is once",
            )
        driven.add(key)


def _shown(task: Task) -> int:
    """The phase at whose begin the cue is seen: the first state of the critic, else the first stimulus."""
    order = list(task.phases)
    if task.critic is not None:
        return order.index(task.critic.states[0])
    return min((order.index(name) for entry in task.stimuli.values() for name in entry.phases), default=0)


def _notice_length(expansion: Expansion, plan: TaskPlan) -> None:
    ends = plan.start + np.cumsum(plan.schedule.duration.sum(axis=1, dtype=np.int64))
    duration = expansion.experiment.duration / MILLISECOND
    whole = int(np.sum(ends <= duration + _WHOLE))
    if whole < plan.schedule.trials:
        expansion.notices.append(
            f"task: the run ends after {whole} of {plan.schedule.trials} trials, "
            f"all of them take {ends[-1] * MILLISECOND:g} s"
        )


class _Binder:
    """Finds the cells and levels behind the names of a task."""

    def __init__(
        self,
        expansion: Expansion,
        task: Task,
        template: TaskTemplate,
        populations: Mapping[str, PopulationPlan],
        compartments: Mapping[str, CompartmentPlan],
    ) -> None:
        self.expansion, self.task = expansion, task
        self.populations, self.compartments = populations, compartments
        self.order = list(task.phases)
        self.roles = {name: tuple(self._bound(name)) for name in template.roles}
        spec = expansion.experiment.task
        for name in spec.populations if spec else ():
            expansion.known((*_PATH, "populations", name), name, template.roles, "role of the task")

    def _bound(self, role: str) -> Iterator[PopulationPlan]:
        spec = self.expansion.experiment.task
        given = spec.populations.get(role) if spec else None
        if given is None:
            return
        path = (*_PATH, "populations", role)
        for name in (given,) if isinstance(given, str) else given:
            known = self.expansion.known(path, name, self.expansion.network.populations, "population")
            if known and name in self.populations:
                yield self.populations[name]

    def _of_role(self, path: KeyPath, role: str | None) -> tuple[PopulationPlan, ...]:
        """Populations with a role that is needed at `path`, or the one of this name."""
        role = role or ""
        if role not in self.roles:
            return (self.populations[role],) if role in self.populations else ()
        found = self.roles[role]
        spec = self.expansion.experiment.task
        if not found and spec is not None and role not in spec.populations:
            self.expansion.refuse(
                (*_PATH, "populations"),
                f"got no population for the role {role}, which {'.'.join(map(str, path))} needs",
            )
        return found

    def channels(self) -> dict[str, Ints]:
        """The action that each cell of the deciding populations speaks for."""
        decision = self.task.decision
        if decision is None:
            return {}
        path: KeyPath = ("decision", "population")
        found, needed = {}, self.task.actions or 0
        for population in self._of_role(path, decision.population):
            number = int(population.channel.max()) + 1
            if number < needed:
                self.expansion.refuse(
                    (*_PATH, "populations", str(decision.population)),
                    f"got {population.name} with {number} channels, needed are {needed}, one for each action",
                )
            found[population.name] = np.where(population.channel < needed, population.channel, -1).astype(
                np.int32
            )
        return found

    def read(self) -> tuple[str, ...]:
        """Populations whose rate is the value of the critic."""
        critic = self.task.critic
        if critic is None or critic.read is None:
            return ()
        path: KeyPath = ("critic", "read", "population")
        return tuple(population.name for population in self._of_role(path, critic.read.population))

    def moves(self) -> Iterator[TaskMove]:
        """What stimuli do."""
        for name, stimulus in self.task.stimuli.items():
            path: KeyPath = ("stimuli", name)
            for population in self._of_role((*path, "population"), stimulus.population):
                yield from self._stimulus(path, stimulus, population)

    def _stimulus(
        self, path: KeyPath, stimulus: TaskStimulus, population: PopulationPlan
    ) -> Iterator[TaskMove]:
        path = (*_PATH, *path)
        variable = str(stimulus.parameter)
        found = resting(self.expansion, (*path, "parameter"), variable, population)
        if found is None:
            return
        declared, off = found
        message = mismatch(stimulus.value, declared.unit) if stimulus.value is not None else ""
        if message:
            self.expansion.refuse((*path, "value"), message)
            return
        selector = stimulus.channel if isinstance(stimulus.channel, str) else ""
        for number in self._numbers(stimulus):
            cells = cells_of(self.expansion, (*path, "channel"), population, number)
            if cells is None:
                return
            here = off[slice(*cells)] if isinstance(off, np.ndarray) else off
            on = stimulus.value.value if stimulus.value is not None else here * (stimulus.factor or 0.0)
            yield TaskMove(
                population.name,
                variable,
                cells,
                on,
                here,
                self._phases(stimulus.phases),
                round(stimulus.start / MILLISECOND),
                -1 if stimulus.duration is None else max(1, round(stimulus.duration / MILLISECOND)),
                selector,
                number or 0,
                tuple(list(self.task.cues).index(cue) for cue in stimulus.cues),
                tuple(list(self.task.contexts).index(context) for context in stimulus.contexts),
                -1 if stimulus.event is None else list(self.task.events).index(stimulus.event),
            )

    def _numbers(self, stimulus: TaskStimulus) -> list[int | None]:
        """Channels of a stimulus, one of which is on; None for all cells."""
        if not isinstance(stimulus.channel, str):
            return [stimulus.channel]
        counts = {"cue": len(self.task.cues), "context": len(self.task.contexts)}
        return list(range(counts.get(stimulus.channel, self.task.actions or 0)))

    def _phases(self, names: Iterable[str]) -> tuple[int, ...]:
        return tuple(sorted({self.order.index(name) for name in names}))

    def states(self) -> Iterator[TaskMove]:
        """Tonic levels of the phases that have a state of their own."""
        for name, phase in self.task.phases.items():
            if phase.state is None:
                continue
            known: set[str] = set()
            for owner, plan in self.compartments.items():
                levels = self._levels(plan.modulator)
                known |= set(levels)
                if phase.state in levels and not plan.held:
                    variable, on = setting(plan, levels[phase.state])
                    _, off = setting(plan, plan.level)
                    yield TaskMove(owner, variable, (0, 1), on, off, self._phases([name]))
            path = (*_PATH, "phases", name, "state")
            self.expansion.known(path, phase.state, known, "state of the neuromodulators")

    def _levels(self, modulator: str) -> dict[str, float]:
        library = self.expansion.library
        if modulator not in library.names("neuromodulators"):
            return {}
        template: NeuromodulatorTemplate = library.neuromodulator(modulator)
        return {name: value.quantity.value for name, value in template.states.items()}

    def clears(self, projections: Mapping[str, ProjectionPlan]) -> Iterator[TaskClear]:
        """Projections whose eligibilities are set to 0, each with all phases that do so."""
        found: dict[str, list[str]] = {}
        eligible = {
            name: plan
            for name, plan in projections.items()
            if any(rule.template.eligibility for rule in plan.rules)
        }
        for phase, entry in self.task.phases.items():
            for name in entry.clear:
                path = (*_PATH, "phases", phase, "clear")
                for projection in self._cleared(path, name, projections, eligible):
                    found.setdefault(projection, []).append(phase)
        for projection, phases in found.items():
            yield TaskClear(projection, self._phases(phases))

    def _cleared(
        self,
        path: KeyPath,
        name: str,
        projections: Mapping[str, ProjectionPlan],
        eligible: Mapping[str, ProjectionPlan],
    ) -> list[str]:
        if ARROW in name:
            if self.expansion.known(path, name, projections, "projection") and name not in eligible:
                self.expansion.refuse(
                    path, f"got {name}, which has no eligibility traces; allowed is one that has"
                )
            return [name]
        targets = {population.name for population in self._of_role(path[1:], name)}
        onto = [key for key, plan in eligible.items() if plan.target in targets]
        if targets and not onto:
            self.expansion.refuse(
                path, f"got {name}, onto which no projection with eligibility traces leads; needed is one"
            )
        return onto

    def sends(self) -> Iterator[TaskSend]:
        """What wires carry."""
        for name, wire in self.task.wires.items():
            path = (*_PATH, "wires", name)
            if wire.drive is not None:
                yield from self._drives(path, name, wire, wire.drive)
            else:
                yield from self._releases(path, name, wire)

    def _drives(self, path: KeyPath, name: str, wire: TaskWire, drive: TaskDrive) -> Iterator[TaskSend]:
        path = (*path, "drive")
        bound = self._of_role((*path[1:], "population"), drive.population)
        for population in bound:
            found = resting(self.expansion, (*path, "parameter"), drive.parameter, population)
            if found is None:
                continue
            declared, value = found
            message = mismatch(drive.gain, declared.unit)
            if not message and parse_unit(declared.unit).dimension != parse_unit("pA").dimension:
                message = f"got a drive of {drive.parameter}, allowed is a current"
            if message:
                self.expansion.refuse((*path, "gain"), message)
                continue
            yield TaskSend(
                name if len(bound) == 1 else f"{name}_{population.name}",
                self._signal(wire),
                self._spoken(wire),
                population.name,
                drive.parameter,
                drive.gain.value if wire.on else 0.0,
                True,
                (0, population.size),
                value,
                max(1, round(drive.duration / MILLISECOND)),
            )

    def _releases(self, path: KeyPath, name: str, wire: TaskWire) -> Iterator[TaskSend]:
        targets = [(modulator, region) for modulator, parts in wire.release.items() for region in parts]
        for modulator, region in targets:
            plan = self.compartments.get(f"{modulator}.{region}")
            if plan is None and not wire.on:
                continue
            if plan is None:
                regions = [
                    entry.region for entry in self.compartments.values() if entry.modulator == modulator
                ]
                names = {entry.modulator for entry in self.compartments.values()}
                at = (*path, "release", modulator)
                if self.expansion.known(at, modulator, names, "neuromodulator of this network"):
                    self.expansion.known((*at, region), region, regions, f"region with {modulator}")
                continue
            amount = wire.release[modulator][region] * plan.dose
            yield TaskSend(
                name if len(targets) == 1 else f"{name}_{modulator}_{region}",
                self._signal(wire),
                self._spoken(wire),
                f"{modulator}.{region}",
                arrives_in(plan),
                amount if wire.on and not plan.held else 0.0,
            )

    def _signal(self, wire: TaskWire) -> int:
        return [*SIGNALS, *self.task.events].index(str(wire.signal))

    def _spoken(self, wire: TaskWire) -> tuple[int, ...]:
        """Phases at whose begin a wire speaks."""
        if wire.phases:
            return self._phases(wire.phases)
        critic, outcome = self.task.critic, self.task.outcome
        states = critic.states if critic else ()
        end = (outcome.phase,) if outcome and outcome.phase else ()
        if wire.signal == "prediction_error" and critic is not None:
            return self._phases([*states[0 if critic.onset else 1 :], *end])
        if wire.signal == "value":
            return self._phases(states)
        if wire.signal in AT_OUTCOME:
            return self._phases(end)
        return (_shown(self.task),) if wire.signal in SIGNALS else (0,)
