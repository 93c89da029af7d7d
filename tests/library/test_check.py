"""A model with any wrong name, unit, expression or dimension is refused at the place where it stands."""

from pathlib import Path

import pytest

from neuromod.errors import ConfigError, Problem
from neuromod.library.registry import Library
from neuromod.library.scope import COMPOSED, COMPOSED_PREFIXES
from neuromod.plan import equations

FILES = {
    "neurons": """\
kind: neuron
title: Cell
evidence: D
parameters:
  C: {unit: pF, default: 100 pF, description: capacitance}
  gL: {unit: nS, default: 10 nS, description: leak}
  EL: {unit: mV, default: -70 mV, description: rest}
  VT: {unit: mV, default: -50 mV, description: threshold}
  tref: {unit: ms, default: 2 ms, description: refractory period}
state:
  V:
    unit: mV
    derivative: (gL*(EL - V) + I)/C
    initial: {uniform: [EL, VT]}
    held: true
  z:
    unit: "1"
    update: z*0.5 + normal()
threshold: V > VT
reset: [V = EL, z += 1]
refractory: tref
""",
    "synapses": """\
kind: synapse
title: Receptor
evidence: D
parameters:
  tau: {unit: ms, default: 5 ms, description: decay}
  E: {unit: mV, default: 0 mV, description: reversal}
state:
  g:
    unit: nS
    derivative: -g/tau
    method: exponential
current: g*(E - V)
weight: nS
on_spike: [g += weight*s]
transmitter:
  parameters:
    tau_s: {unit: ms, default: 100 ms, description: closing}
  state:
    s: {unit: "1"}
    last: {unit: s, initial: -1 s}
  on_arrival: [s *= exp(-(t - last)/tau_s), last = t]
lfp: true
""",
    "inputs": """\
kind: input
title: Drive
evidence: D
parameters:
  rate: {unit: Hz, default: 10 Hz, description: rate}
  weight: {unit: nS, default: 1 nS, description: weight}
state:
  q:
    unit: pA
    update: q*exp(-rate*dt)
jump: weight*poisson(rate*dt)
""",
    "plasticity": """\
kind: plasticity
title: Rule
evidence: D
parameters:
  A: {unit: nS, default: 0.1 nS, description: amplitude}
  tau: {unit: ms, default: 20 ms, description: window}
  eta: {unit: 1/s, default: 1 1/s, description: learning rate}
  low: {unit: nS, default: 0 nS, description: lowest}
  high: {unit: nS, default: 1 nS, description: highest}
traces:
  x: {of: pre, tau: tau}
  y: {of: post, tau: tau}
eligibility:
  c: {tau: tau, at_pre: -A*y, at_post: A*x, converted: eta*(m - 1)}
bounds: [low, high]
""",
    "neuromodulators": """\
kind: neuromodulator
title: Modulator
evidence: D
decay:
  cortex: 1 s
rise: 2 s
tonic_rate: 3 Hz
uptake: {vmax: 40 Hz, km: 2}
states: {nrem: 0.5}
""",
}

BROKEN = [
    # kind, what is replaced, by what, key of the problem, part of its message
    ("neurons", "(EL - V)", "(EL - U)", "state.V.derivative", "`U` is not known"),
    ("neurons", "+ I)/C", "+ I)", "state.V.derivative", "a voltage per time"),
    ("neurons", "gL*(EL - V)", "gL + (EL - V)", "state.V.derivative", "cannot add"),
    ("neurons", "(gL*(EL - V) + I)/C", "normal()*mV/C", "state.V.derivative", "`normal` is not a function"),
    ("neurons", "(gL*(EL - V) + I)/C", "V > EL", "state.V.derivative", "true or false"),
    ("neurons", "(gL*(EL - V) + I)/C", "__import__('os').system('id')", "state.V.derivative", "not allowed"),
    ("neurons", "(gL*(EL - V) + I)/C", "(V.real + I*0)/C", "state.V.derivative", "not allowed"),
    ("neurons", "(gL*(EL - V) + I)/C", "'[x for x in (1,)]'", "state.V.derivative", "not allowed"),
    ("neurons", "(gL*(EL - V) + I)/C", "'lambda: 0'", "state.V.derivative", "not allowed"),
    ("neurons", "(gL*(EL - V) + I)/C", "'9**9**9*V'", "state.V.derivative", "an exponent must be"),
    ("neurons", "(gL*(EL - V) + I)/C", "cos_phi*V/tref", "state.V.derivative", "`cos_phi` is not known"),
    ("neurons", "    held: true", "    update: V\n    held: true", "state.V", "one of the two"),
    (
        "neurons",
        "    held: true",
        "    method: exponential\n    held: true",
        "state.V.derivative",
        "the method exponential",
    ),
    ("neurons", "z*0.5 + normal()", "z*mV", "state.z.update", "a voltage"),
    ("neurons", 'unit: "1"', "unit: mVolts", "state.z.unit", "is not a unit"),
    ("neurons", "unit: pF", "unit: pG", "parameters.C.unit", "is not a unit"),
    ("neurons", "default: 10 nS", "default: 10 mV", "parameters.gL.default", "a conductance"),
    ("neurons", "[EL, VT]", "[EL, VX]", "state.V.initial", "`VX`"),
    ("neurons", "[EL, VT]", "[EL, tref]", "state.V.initial", "a time"),
    ("neurons", "{uniform: [EL, VT]}", "3 nS", "state.V.initial", "a conductance"),
    ("neurons", "V > VT", "V - VT", "threshold", "a comparison"),
    ("neurons", "V > VT", "V > gL", "threshold", "cannot compare"),
    ("neurons", "V > VT", "V > VT; import os", "threshold", "not allowed"),
    ("neurons", "V > VT", "'I > 0*amp'", "threshold", "`I` is not known"),
    ("neurons", "[V = EL, z += 1]", "[EL = V]", "reset.0", "cannot be assigned"),
    ("neurons", "[V = EL, z += 1]", "[V = EL, z += mV]", "reset.1", "a voltage"),
    ("neurons", "[V = EL, z += 1]", "[V *= EL]", "reset.0", "a number without unit"),
    ("neurons", "[V = EL, z += 1]", "['V = EL\\nz = 1']", "reset.0", "is not"),
    ("neurons", "[V = EL, z += 1]", "[V = uniform()*mV]", "reset.0", "`uniform` is not a function"),
    ("neurons", "refractory: tref", "refractory: VT", "refractory", "allowed is a time"),
    ("neurons", "refractory: tref", "refractory: tau", "refractory", "allowed are parameters"),
    ("neurons", "refractory: tref\n", "", "state.V.held", "`refractory`"),
    ("neurons", "refractory: tref", "refractory: tref\nreplay: true", "replay", "`fire`"),
    (
        "neurons",
        "  C: {",
        "  dt: {unit: ms, default: 1 ms, description: x}\n  C: {",
        "parameters.dt",
        "cannot be used",
    ),
    (
        "neurons",
        "  C: {",
        "  mV: {unit: mV, default: 1 mV, description: x}\n  C: {",
        "parameters.mV",
        "is a unit",
    ),
    (
        "neurons",
        "  C: {",
        "  exp: {unit: mV, default: 1 mV, description: x}\n  C: {",
        "parameters.exp",
        "a function",
    ),
    (
        "neurons",
        "  C: {",
        "  int: {unit: mV, default: 1 mV, description: x}\n  C: {",
        "parameters.int",
        "cannot be used",
    ),
    (
        "neurons",
        "  C: {",
        "  I: {unit: pA, default: 1 pA, description: x}\n  C: {",
        "parameters.I",
        "another meaning",
    ),
    (
        "neurons",
        "  C: {",
        "  z: {unit: pA, default: 1 pA, description: x}\n  C: {",
        "parameters.z",
        "another meaning",
    ),
    (
        "neurons",
        "  C: {",
        "  active: {unit: pA, default: 1 pA, description: x}\n  C: {",
        "parameters.active",
        "uses itself",
    ),
    (
        "neurons",
        "  C: {",
        "  next_V: {unit: pA, default: 1 pA, description: x}\n  C: {",
        "parameters.next_V",
        "uses itself",
    ),
    ("synapses", "g*(E - V)", "g*E*V", "current", "allowed is a current"),
    ("synapses", "g*(E - V)", "g*(E - weight)", "current", "`weight` is not known"),
    ("synapses", "weight: nS", "weight: xS", "weight", "is not a unit"),
    ("synapses", "g += weight*s", "E += weight*s", "on_spike.0", "cannot be assigned"),
    ("synapses", "g += weight*s", "g += weight*tau_s", "on_spike.0", "`tau_s` is not known"),
    ("synapses", "-g/tau", "-g/tau - g/tau", "state.g.derivative", "the method exponential"),
    ("synapses", "-g/tau", "(weight - g)/tau", "state.g.derivative", "`weight` is not known"),
    ("synapses", "method: exponential", "method: exponential\n    held: true", "state.g.held", "of a cell"),
    ("synapses", "  g:", "  V: {unit: mV}\n  g:", "state.V", "another meaning"),
    ("synapses", "current: g*(E - V)\n", "", "lfp", "without current"),
    ("synapses", "    s: {", "    g: {unit: nS}\n    s: {", "transmitter.state.g", "another meaning"),
    (
        "synapses",
        's: {unit: "1"}',
        's: {unit: "1", derivative: -s/tau_s}',
        "transmitter.state.s",
        "on_arrival",
    ),
    ("synapses", "last = t", "tau_s = t", "transmitter.on_arrival.1", "cannot be assigned"),
    ("synapses", "last = t", "last = s", "transmitter.on_arrival.1", "allowed is a time"),
    ("synapses", "last = t", "last = t + V", "transmitter.on_arrival.1", "`V` is not known"),
    ("inputs", "jump: weight*poisson(rate*dt)\n", "", "", "neither"),
    ("inputs", "jump:", "current: q\njump:", "", "both"),
    ("inputs", "poisson(rate*dt)", "poisson(rate)", "jump", "got a rate"),
    ("inputs", "poisson(rate*dt)", "poisson(rate*dt, 2)", "jump", "2 arguments"),
    ("inputs", "poisson(rate*dt)", "rand()", "jump", "`rand` is not a function"),
    ("inputs", "jump: weight*poisson(rate*dt)", "current: weight", "current", "allowed is a current"),
    ("inputs", "q*exp(-rate*dt)", "q*exp(-rate)", "state.q.update", "got a rate"),
    ("plasticity", "eta*(m - 1)", "m - 1", "eligibility.c.converted", "allowed is a rate"),
    ("plasticity", "eta*(m - 1)", "eta*x", "eligibility.c.converted", "`x` is not known"),
    ("plasticity", "eta*(m - 1)", "eta*w/A", "eligibility.c.converted", "`w` is not known"),
    ("plasticity", "at_post: A*x", "at_post: x", "eligibility.c.at_post", "allowed is a conductance"),
    ("plasticity", "{of: pre, tau: tau}", "{of: pre, tau: eta}", "traces.x.tau", "allowed is a time"),
    ("plasticity", "{tau: tau, at", "{tau: tau_e, at", "eligibility.c.tau", "allowed are parameters"),
    ("plasticity", "bounds:", "at_pre: [w += A*q]\nbounds:", "at_pre.0", "`q` is not known"),
    ("plasticity", "bounds:", "at_pre: [A += A]\nbounds:", "at_pre.0", "`A` cannot be assigned"),
    ("plasticity", "bounds:", "at_pre: [x += 1]\nbounds:", "at_pre.0", "`x` cannot be assigned"),
    ("plasticity", "bounds:", "at_post: [w *= A]\nbounds:", "at_post.0", "a number without unit"),
    ("plasticity", "bounds:", "at_tick: [w += A*x]\nbounds:", "at_tick.0", "`x` is not known"),
    ("plasticity", "bounds:", "cell_tick: [w += A]\nbounds:", "cell_tick.0", "`w` cannot be assigned"),
    ("plasticity", "bounds:", "cell: {p: {unit: '1'}}\nat_pre: [p = 1]\nbounds:", "at_pre.0", "+=, -="),
    ("plasticity", "bounds:", "transmitted: w*A\nbounds:", "transmitted", "allowed is a conductance"),
    ("plasticity", "bounds:", "state: {row_x: {unit: '1'}}\nbounds:", "state.row_x", "uses itself"),
    ("plasticity", "bounds:", "state: {x: {unit: '1'}}\nbounds:", "traces.x", "another meaning"),
    ("plasticity", "bounds:", "state: {z: {unit: nS, initial: 1}}\nbounds:", "state.z.initial", "allowed is"),
    ("plasticity", "[low, high]", "[low, tau]", "bounds", "allowed is a conductance"),
    ("plasticity", "[low, high]", "[none, high]", "bounds", "`none`"),
    ("plasticity", "[low, high]", "[high, low]", "bounds", "above"),
    (
        "plasticity",
        "  A: {",
        "  y: {unit: nS, default: 1 nS, description: x}\n  A: {",
        "parameters.y",
        "another meaning",
    ),
    ("neuromodulators", "1 s", "1 mV", "decay.cortex", "positive time"),
    ("neuromodulators", "1 s", "0 s", "decay.cortex", "positive time"),
    ("neuromodulators", "2 s", "2 mV", "rise", "positive time"),
    ("neuromodulators", "3 Hz", "0 Hz", "tonic_rate", "positive rate"),
    ("neuromodulators", "40 Hz", "40 s", "uptake.vmax", "positive rate"),
    ("neuromodulators", "km: 2", "km: 0", "uptake.km", "positive number"),
    ("neuromodulators", "0.5", "-0.5", "states.nrem", "a number from 0 to 1,000"),
    ("neuromodulators", "0.5", "2 nM", "states.nrem", "got no level"),
]


def problems(folder: Path, kind: str, text: str) -> tuple[Problem, ...]:
    """What is wrong with a model file of this text."""
    path = folder / kind / "model.yaml"
    path.parent.mkdir()
    path.write_text(text)
    try:
        Library([folder]).get(kind, "model")
    except ConfigError as error:
        return error.problems
    return ()


@pytest.mark.parametrize("kind", FILES)
def test_the_models_that_the_broken_ones_are_made_of_are_right(tmp_path: Path, kind: str) -> None:
    assert problems(tmp_path, kind, FILES[kind]) == ()


@pytest.mark.parametrize(("kind", "old", "new", "key", "phrase"), BROKEN)
def test_a_broken_model_is_refused_where_it_is_broken(
    tmp_path: Path, kind: str, old: str, new: str, key: str, phrase: str
) -> None:
    assert FILES[kind].count(old) >= 1
    text = FILES[kind].replace(old, new, 1)
    found = [problem for problem in problems(tmp_path, kind, text) if problem.key == key]
    assert found, "no problem at this key"
    assert any(phrase in problem.message for problem in found), found
    place = found[0].place
    assert place is not None
    assert place.file.endswith("model.yaml")
    if "\n" not in old + new and key != "":
        changed = FILES[kind][: FILES[kind].index(old)].count("\n") + 1
        assert place.line == changed


def test_a_weight_of_the_wrong_unit_is_refused_where_it_is_used(tmp_path: Path) -> None:
    text = FILES["synapses"].replace("weight: nS", "weight: pA")
    (problem,) = problems(tmp_path, "synapses", text)
    assert problem.key == "on_spike.0"
    assert "a current" in problem.message


def test_the_phase_may_be_used_by_a_cell_that_follows_a_pacemaker(tmp_path: Path) -> None:
    text = FILES["neurons"].replace("V > VT", "uniform() < 0.1*(1 + cos_phi*sin_phi)") + "pacemaker: true\n"
    assert problems(tmp_path, "neurons", text) == ()


def test_a_cell_with_a_current_needs_a_membrane_potential(tmp_path: Path) -> None:
    text = FILES["neurons"].replace("V", "U").replace("mU", "mV")
    messages = [problem.message for problem in problems(tmp_path, "neurons", text)]
    assert messages == ["got a cell that receives the current I but has no state variable V"]


def test_the_membrane_potential_is_a_voltage(tmp_path: Path) -> None:
    text = "kind: neuron\ntitle: T\nevidence: D\nstate:\n  V: {unit: pA, update: V}\nthreshold: V > 1*pA\n"
    (problem,) = problems(tmp_path, "neurons", text)
    assert problem.key == "state.V.unit"
    assert "allowed is a voltage" in problem.message


def test_a_bare_zero_fits_every_unit(tmp_path: Path) -> None:
    text = FILES["neurons"].replace("V = EL", "V = 0").replace("V > VT", "V > 0")
    assert problems(tmp_path, "neurons", text) == ()


def test_a_wrong_unit_does_not_hide_the_problems_of_other_entries(tmp_path: Path) -> None:
    text = (
        FILES["neurons"]
        .replace("unit: pF", "unit: pG")
        .replace("V > VT", "V - VT")
        .replace("tref: {", "dt: {")
    )
    keys = {problem.key for problem in problems(tmp_path, "neurons", text)}
    assert {"parameters.C.unit", "parameters.dt", "threshold", "refractory"} <= keys


def test_names_that_composed_groups_use_are_all_reserved() -> None:
    used = {equations.CURRENT, equations.ACTIVE, equations.FREE_AT, equations.FIRES, equations.LFP}
    drawn = {name.strip() for name in equations.IDENTITY.split(",")} - {"t_in_timesteps"}
    assert used | drawn <= COMPOSED
    assert equations.presence("x").startswith(COMPOSED_PREFIXES)
