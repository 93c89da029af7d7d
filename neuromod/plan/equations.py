"""The statements of one fused group of neurons, from its template and its features.

Differential equations become one explicit step: all right-hand sides use the values at the beginning of the
step, then all variables move at once. `euler`: x + dt f. `exponential`: exact relaxation; where a current
depends on such a variable, it takes the exact mean over the step. What is constant during a run is computed
before it and enters as one number per neuron (`neuromod.library.hoist`). A refractory cell is frozen by a
factor, not by a branch, so that the loop over neurons vectorises.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import partial

from neuromod.errors import ConfigError, Problem
from neuromod.library.grammar import rename, substitute
from neuromod.library.hoist import calls_in, expand_calls, hoist, names_in, relaxation
from neuromod.library.syntax import EXPRESSION_UNITS
from neuromod.library.template import NeuronTemplate, StateVariable
from neuromod.plan.features import CURRENT_GAIN, DRAWS, FACTOR, SHIFT, Features

CURRENT = "input_current"
ACTIVE = "active"
FREE_AT = "free_at"
FIRES = "fires"
LFP = "lfp_current"
TIME = "(t/second)"
IDENTITY = "seed, population, cell, t_in_timesteps"
UNIT_NUMBERS = {name: repr(unit.scale) for name, unit in EXPRESSION_UNITS.items()}


@dataclass
class GroupEquations:
    """Statements of a group, and what its variables are filled with.

    `state`: names of variables that change; `constants`: hoisted name -> expression over base names
    (parameters); `used`: every name that the statements read; `poisson_means`: expression of the mean of each
    Poisson draw.
    """

    update: list[str] = field(default_factory=list)
    threshold: str = ""
    reset: list[str] = field(default_factory=list)
    constants: dict[str, str] = field(default_factory=dict)
    state: list[str] = field(default_factory=list)
    used: frozenset[str] = frozenset()
    poisson_means: list[str] = field(default_factory=list)


def suffixed(names: Collection[str], suffix: str) -> dict[str, str]:
    """Renaming of a receptor's or input's own names to those of its group."""
    return {name: f"{name}_{suffix}" for name in names}


def presence(suffix: str) -> str:
    """Name of the 0/1 flag of an input slot that not every member has."""
    return f"has_{suffix}"


def holds(template: NeuronTemplate, variable: str) -> bool:
    """Does a refractory cell hold this variable still, against its own dynamics and against spikes that
    arrive.
    """
    state = template.state.get(variable)
    return state is not None and state.held and template.refractory is not None


def effective(effects: Collection[str]) -> dict[str, str]:
    """Base name -> the parameter under all factors and shifts among `effects`."""
    names = {name.removeprefix(FACTOR) for name in effects if name.startswith(FACTOR)}
    found = {name: f"{name}*{FACTOR}{name}" for name in sorted(names)}
    for name in sorted(name.removeprefix(SHIFT) for name in effects if name.startswith(SHIFT)):
        found[name] = f"{found.get(name, name)} + {SHIFT}{name}"
    return found


class Composer:
    """Writes the statements of one group.

    `changing`: base names that a stimulus or modulator moves during the run, and that are therefore not
    hoisted. `flagged`: suffixes of input slots that some members lack. A parameter that receptors act on is
    replaced by itself times a factor plus a shift.
    """

    def __init__(
        self,
        template: NeuronTemplate,
        features: Features,
        dt: float,
        changing: Collection[str],
        flagged: Collection[str],
    ) -> None:
        self.template, self.features, self.dt = template, features, dt
        self.flagged = frozenset(flagged)
        self.base = set(template.parameters) | {presence(suffix) for suffix in flagged}
        for name, receptor in features.receptors.items():
            self.base |= set(suffixed(receptor.parameters, name).values())
        for slot, drive in features.inputs.items():
            self.base |= set(suffixed(drive.parameters, slot.suffix).values())
        self.steady = self.base - set(changing)
        self.effective = effective(features.effects)
        self.out = GroupEquations()
        self.next: dict[str, str] = {}

    def compose(self) -> GroupEquations:
        """The complete set of statements."""
        self._current()
        if self.template.refractory:
            self._refractory()
        for name, state in self.template.state.items():
            self._advance(name, state, self._own(state.derivative or state.update or name))
        jumps = self._jumps()
        for receptor_name, receptor in self.features.receptors.items():
            names = suffixed([*receptor.parameters, *receptor.state], receptor_name)
            for variable, state in receptor.state.items():
                text = rename(self._plain(state.derivative or state.update or variable), names)
                self._advance(names[variable], state, text)
        for target, jump in jumps:
            self.next[target] = f"{self.next[target]} + {self._gate(target)}({jump})"
        self.out.state += sorted(kept.name for kept in self.features.traces)
        self.out.state += sorted(kept.name for kept in self.features.transmitters)
        self.out.state += sorted(kept.name for kept in self.features.cells)
        self._finish()
        return self.out

    def _plain(self, text: str) -> str:
        """Numbers for units, SI seconds for t and dt, the composed current for I."""
        return substitute(text, {**UNIT_NUMBERS, "t": TIME, "dt": repr(self.dt), "I": CURRENT})

    def _own(self, text: str, names: Mapping[str, str] | None = None) -> str:
        """A text under the names of the group, its parameters with the gains that receptors give them."""
        text = rename(self._plain(text), names) if names else self._plain(text)
        return substitute(text, self.effective) if self.effective else text

    def _current(self) -> None:
        if not any("I" in names_in(s.derivative or s.update or "0") for s in self.template.state.values()):
            return
        terms, seen = [], []
        for name, receptor in self.features.receptors.items():
            if receptor.current:
                own = suffixed([*receptor.parameters, *receptor.state], name)
                means = {own[key]: self._mean(key, state, own) for key, state in receptor.state.items()}
                term = substitute(rename(self._plain(receptor.current), own), means)
                gain = f"{CURRENT_GAIN}{name}"
                terms.append(f"{gain}*({term})" if gain in self.features.effects else term)
                seen += [f"abs({terms[-1]})"] if receptor.lfp else []
        for slot, drive in self.features.inputs.items():
            if drive.current:
                own = suffixed([*drive.parameters, *drive.state], slot.suffix)
                terms.append(self._if_present(self._own(drive.current, own), slot.suffix))
        self.out.update.append(f"{CURRENT} = {self._hoisted(' + '.join(terms) or '0.0')}")
        if self.features.lfp:
            self.out.update.append(f"{LFP} = {self._hoisted(' + '.join(seen) or '0.0')}")
            self.out.state.append(LFP)

    def _mean(self, name: str, state: StateVariable, own: dict[str, str]) -> str:
        """Mean of a decaying variable over the step: a spike delivers weight times tau, whatever the step."""
        relaxing = relaxation(state.derivative or "", name) if state.method == "exponential" else None
        if relaxing is None or relaxing[0] != "0":
            return own[name]
        tau = rename(self._plain(relaxing[1]), own)
        return f"{own[name]}*(({tau})/{self.dt!r}*(1.0 - exp(-{self.dt!r}/({tau}))))"

    def _if_present(self, text: str, suffix: str) -> str:
        return f"{presence(suffix)}*({text})" if suffix in self.flagged else text

    def _refractory(self) -> None:
        self.out.state.append(FREE_AT)
        self.out.update.append(f"{ACTIVE} = int({TIME} > {FREE_AT})")

    def _jumps(self) -> list[tuple[str, str]]:
        """Advance the inputs' own state; return (variable, amount) of their jumps."""
        jumps = []
        for slot, drive in self.features.inputs.items():
            own = suffixed([*drive.parameters, *drive.state], slot.suffix)
            counters = dict(zip(DRAWS, slot.first_draw, strict=True))
            if drive.jump:
                text = self._draws(self._own(drive.jump, own), counters)
                jumps.append(
                    (self._jump_target(slot.receptor), self._if_present(self._hoisted(text), slot.suffix))
                )
            for variable, state in drive.state.items():
                text = self._own(state.derivative or state.update or variable, own)
                self._advance(own[variable], state, self._draws(text, counters))
        return jumps

    def _jump_target(self, receptor: str | None) -> str:
        return (
            "V" if receptor is None else f"{next(iter(self.features.receptors[receptor].state))}_{receptor}"
        )

    def _draws(self, text: str, counters: dict[str, int]) -> str:
        for kind in DRAWS:
            text = expand_calls(text, kind, partial(self._draw, kind, counters))
        return text

    def _draw(self, kind: str, counters: dict[str, int], arguments: list[str]) -> str:
        """Call of the counter-based generator: the n-th draw of a kind in a cell has purpose n."""
        number = counters[kind]
        counters[kind] += 1
        if kind != "poisson":
            return f"{kind}_at({IDENTITY}, {number})"
        mean = arguments[0]
        if any(name.startswith(SHIFT) for name in names_in(mean)):
            mean = f"positive({mean})"
        self.out.poisson_means.append(mean)
        return f"poisson_at({mean}, exp(-({mean})), {IDENTITY}, {number})"

    def _advance(self, name: str, state: StateVariable, text: str) -> None:
        """Put the statement that moves `name` by one step; `text` is its derivative or its map."""
        if state.derivative is None and state.update is None:
            moved = None
        elif state.update is not None:
            moved = text
        else:
            moved = self._integrated(name, state, text)
        if name in self.out.state or name in self.base:
            raise ConfigError(
                Problem(f"two variables of a fused group would be called `{name}`; rename one of them")
            )
        self.out.state.append(name)
        if moved is not None:
            self.next[name] = self._hoisted(moved)

    def _integrated(self, name: str, state: StateVariable, text: str) -> str:
        gate = self._gate(name) if state.held else ""
        relaxing = relaxation(text, name) if state.method == "exponential" else None
        if relaxing is None:
            return f"{name} + {gate}({self.dt!r}*({text}))"
        target, tau = relaxing
        decay = f"exp(-{self.dt!r}/({tau}))"
        if target == "0" and not gate:
            return f"{name}*{decay}"
        return f"{name} + {gate}((({target}) - {name})*(1.0 - {decay}))"

    def _gate(self, name: str) -> str:
        """Factor that keeps a held variable still while its cell is refractory."""
        return f"{ACTIVE}*" if holds(self.template, name) else ""

    def _hoisted(self, text: str) -> str:
        result = hoist(text, self.steady, f"const{len(self.out.constants)}_", self.features.effects)
        known = {expression: name for name, expression in self.out.constants.items()}
        same = {
            name: known[expression] for name, expression in result.constants.items() if expression in known
        }
        self.out.constants.update({n: e for n, e in result.constants.items() if n not in same})
        return substitute(result.text, same) if same else result.text

    def _finish(self) -> None:
        template = self.template
        self.out.update += [f"next_{name} = {text}" for name, text in self.next.items()]
        self.out.update += [f"{name} = next_{name}" for name in self.next]
        self._threshold()
        parts = [split_statement(line) for line in template.reset]
        resets = [f"{target} {op} {self._own(right)}" for target, op, right in parts]
        if template.refractory:
            resets.append(f"{FREE_AT} = {TIME} + {self._own(template.refractory)} - {0.5 * self.dt!r}")
        resets += [
            f"{t.name} {t.operator} {t.name}_rise"
            for t in sorted(self.features.traces, key=lambda t: t.name)
            if t.at_reset
        ]
        self.out.reset = resets
        right = [split_statement(line)[2] for line in [*self.out.update, *resets]]
        self.out.used = frozenset().union(*map(names_in, [*right, self.out.threshold]))

    def _threshold(self) -> None:
        text = self._draws(self._own(self.template.threshold), dict.fromkeys(DRAWS, 0))
        text = self._hoisted(text)
        if calls_in(text) & {f"{kind}_at" for kind in DRAWS}:
            self.out.update.append(f"{FIRES} = int({text})")
            self.out.state.append(FIRES)
            text = f"{FIRES} > 0.5"
        if self.template.refractory:
            text = f"({text}) and {TIME} > {FREE_AT}"
        self.out.threshold = text


def split_statement(line: str) -> tuple[str, str, str]:
    """`name += expression` -> (name, operator, expression)."""
    for operator in ("+=", "-=", "*=", "="):
        target, found, right = line.partition(f" {operator} ")
        if found:
            return target.strip(), operator, right.strip()
    raise ValueError(f"got `{line}`, allowed is `name = expression`, +=, -= or *=")
