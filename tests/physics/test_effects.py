"""What effects do to cells, synapses, inputs and rules, against hand computation."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from neuromod.simulation.execute import run
from neuromod.simulation.progress import Silent
from neuromod.store.reader import Results, open_results

DT = 1e-4
STORED = 5e-9
"""Traces of potentials are stored in single precision (V)."""
HIGH, LOW = 4.0, 0.25
RECEPTORS = {"N1": (2.0, 2.0), "N2": (0.5, 1.0)}
MODEL = """
kind: neuromodulator
title: Novelty
evidence: D
decay: {cortex: 0.5 s, thalamus: 0.5 s, pons: 0.5 s}
receptors:
  N1: {K: 2, n: 2}
  N2: {K: 0.5, n: 1}
effects:
  - {receptor: N1, populations: [LEAKY], parameter: gL, scale: 0.5, evidence: D}
  - {receptor: N2, populations: [LEAKY], parameter: gL, scale: 0.4, above: 0.2, evidence: D}
  - {receptor: N1, populations: [LEAKY], parameter: I_bias, shift: 40 pA, evidence: D}
  - {receptor: N1, populations: [SPIKER], parameter: b, scale: {rise: -0.3, fall: -1.2}, evidence: D}
  - {receptor: N2, populations: [SPIKER], parameter: EL, scale: -0.05, evidence: D}
  - {receptor: N1, populations: [SPIKER], parameter: drive.rate, scale: 0.8, evidence: D}
  - {receptor: N2, populations: [SPIKER], parameter: drive.weight, shift: 0.3 nS, evidence: D}
  - {receptor: N1, populations: [SOURCE], parameter: rate, scale: 0.6, evidence: D}
  - {receptor: N2, populations: [PASSIVE], parameter: current_exponential.current, scale: 0.5, evidence: D}
  - {receptor: N2, projections: [SOURCE->PASSIVE, SOURCE->HELD, SOURCE->LATE], parameter: release,
     scale: -0.5, evidence: D}
  - {receptor: N1, projections: ["*->SPIKER"], parameter: plasticity.A_plus, scale: 0.8, evidence: D}
  - {receptor: N2, projections: ["*->SPIKER"], parameter: plasticity.eta, shift: 1 1/s, evidence: D}
"""
CONFIG = """
neuromod: 1
name: effects
duration: 200 ms
seed: 3
models: [mine]
modulators:
  novelty:
    cortex: {level: 1, receptors: {N1: {block: 0}, N2: {block: 0}}}
  dopamine: {cortex: {decay: 1 s, effects: false, pulses: [{at: 5 ms, amount: 4}]}}
populations:
  LEAKY: {neuron: lif, size: 2, region: cortex, parameters: {EL: -60 mV, I_bias: 50 pA, VT: 0 mV}, initial: {V: -70 mV}}
  PASSIVE: {neuron: lif, size: 3, region: cortex, parameters: {EL: -60 mV, VT: 0 mV}, initial: {V: -60 mV}}
  SPIKER:
    neuron: adex
    size: 10
    region: cortex
    parameters: {C: 100 pF, gL: 5 nS, EL: -65 mV, b: 60 pA}
    initial: {V: -65 mV}
    inputs:
      drive: {input: poisson, receptor: ampa, parameters: {rate: 6 kHz, weight: 0.9 nS}}
  HELD: {neuron: lif, size: 3, region: cortex, parameters: {EL: -60 mV, VT: 0 mV}, initial: {V: -60 mV}}
  LATE: {neuron: lif, size: 3, region: cortex, parameters: {EL: -60 mV, VT: 0 mV}, initial: {V: -60 mV}}
  SOURCE: {neuron: poisson_cell, size: 12, region: cortex, parameters: {rate: 60 Hz}}
  ALONE: {neuron: adex, size: 5, region: cortex, parameters: {C: 100 pF, gL: 5 nS}, inputs: {noise: {input: ou, parameters: {sd: 200 pA}}}}
projections:
  SOURCE->PASSIVE: {receptor: current_exponential, connect: {all_to_all: true}, weight: 20 pA, delay: 1 ms}
  SOURCE->SPIKER:
    receptor: ampa
    connect: {all_to_all: true}
    weight: 0.5 nS
    delay: 1 ms
    plasticity: {rule: reward_stdp, modulator: dopamine}
  SOURCE->HELD:
    receptor: ampa
    connect: {all_to_all: true}
    weight: 0.5 nS
    delay: 1 ms
    plasticity: {rule: reward_stdp, modulator: dopamine, parameters: {eta: 0 1/s}}
  SOURCE->LATE:
    receptor: current_exponential
    connect: {all_to_all: true}
    weight: 30 pA
    delay: 1 ms
    plasticity: {rule: nest_dopamine, modulator: dopamine, parameters: {eta: 0 1/s}}
record:
  states:
    - {population: HELD, variables: [g_ampa], neurons: 1, every: 0.1 ms}
    - {population: LATE, variables: [x_current_exponential], neurons: 1, every: 0.1 ms}
    - {population: LEAKY, variables: [V], neurons: 1, every: 0.1 ms}
    - {population: PASSIVE, variables: [V, x_current_exponential], neurons: 1, every: 0.1 ms}
    - {population: SPIKER, variables: [V, w, g_ampa], neurons: 10, every: 1 ms}
    - {population: ALONE, variables: [V], neurons: 5, every: 1 ms}
  weights: [{projection: SOURCE->SPIKER, every: 20 ms}]
"""  # noqa: E501 (a config reads best with one line per population)
Values = dict[str, np.ndarray]


@dataclass
class Workplace:
    """Runs of the config with settings; `level` is the constant level of the neuromodulator."""

    folder: Path
    count: int = 0

    def results(self, *settings: str) -> Values:
        self.count += 1
        summary = run(
            self.folder / "config.yaml",
            settings=settings,
            output=self.folder / f"run{self.count}",
            progress=Silent(),
        )
        with open_results(summary.directory) as results:
            return read(results)


def read(results: Results) -> Values:
    found: Values = {}
    for name in results.populations:
        found[f"{name}.spikes"], found[f"{name}.cells"] = results.spikes(name)
    for name, variables in STATES.items():
        for variable in variables:
            found[f"{name}.{variable}"] = results.report(name, variable)[1]
    found["weights"] = results.weights("SOURCE->SPIKER")[1]
    return found


STATES = {
    "LEAKY": ["V"],
    "PASSIVE": ["V", "x_current_exponential"],
    "HELD": ["g_ampa"],
    "LATE": ["x_current_exponential"],
    "SPIKER": ["V", "w", "g_ampa"],
    "ALONE": ["V"],
}


def rho(receptor: str, level: float) -> float:
    """Signed drive of a receptor."""
    K, n = RECEPTORS[receptor]
    occupancy, tonic = (m**n / (m**n + K**n) for m in (level, 1.0))
    return (occupancy - tonic) / (1 - tonic) if level >= 1 else (occupancy - tonic) / tonic


@pytest.fixture(scope="module")
def workplace(tmp_path_factory: pytest.TempPathFactory) -> Workplace:
    folder = tmp_path_factory.mktemp("effects")
    (folder / "mine" / "neuromodulators").mkdir(parents=True)
    (folder / "mine" / "neuromodulators" / "novelty.yaml").write_text(MODEL)
    (folder / "config.yaml").write_text(CONFIG)
    return Workplace(folder)


def level(value: float) -> str:
    return f"modulators.novelty.cortex.level={value}"


@pytest.fixture(scope="module", params=[HIGH, LOW], ids=["above tonic", "below tonic"])
def at(request: pytest.FixtureRequest, workplace: Workplace) -> tuple[float, Values, Workplace]:
    value: float = request.param
    return value, workplace.results(level(value)), workplace


def test_a_membrane_follows_its_equation_with_the_scaled_leak_and_the_shifted_current(
    at: tuple[float, Values, Workplace],
) -> None:
    value, found, _ = at
    beyond = max(0.0, rho("N2", value) - 0.2) / 0.8
    gL = 10e-9 * (1 + 0.5 * rho("N1", value)) * (1 + 0.4 * beyond)
    current = 50e-12 + 40e-12 * rho("N1", value)
    V = [-70e-3]
    for _ in range(len(found["LEAKY.V"]) - 1):
        V.append(V[-1] + DT / 200e-12 * (gL * (-60e-3 - V[-1]) + current))
    assert np.allclose(found["LEAKY.V"][:, 0] * 1e-3, V, rtol=0, atol=STORED)


def test_the_current_through_a_receptor_is_scaled_and_its_state_is_not(
    at: tuple[float, Values, Workplace],
) -> None:
    value, found, _ = at
    mean = 5e-3 / DT * (1 - np.exp(-DT / 5e-3))
    x = found["PASSIVE.x_current_exponential"][:, 0] * 1e-12
    V = [-60e-3]
    for k in range(len(x) - 1):
        current = (1 + 0.5 * rho("N2", value)) * x[k] * mean
        V.append(V[-1] + DT / 200e-12 * (10e-9 * (-60e-3 - V[-1]) + current))
    assert np.ptp(V) > 1e-3
    assert np.allclose(found["PASSIVE.V"][:, 0] * 1e-3, V, rtol=0, atol=STORED)


def test_release_scales_what_a_spike_transmits(at: tuple[float, Values, Workplace]) -> None:
    value, found, _ = at
    x = found["PASSIVE.x_current_exponential"][:, 0]
    arrived = np.rint(found["SOURCE.spikes"] / 0.1 + 10).astype(int)
    spikes = np.bincount(arrived, minlength=len(x) + 20)
    jumps = x[1:] - x[:-1] * np.exp(-DT / 5e-3)
    got = jumps[np.abs(jumps) > 1]
    factor = 1 - 0.5 * rho("N2", value)
    counts = spikes[spikes > 0]
    assert len(got) > 40
    assert np.allclose(got, 20 * factor * counts[: len(got)], rtol=1e-4)


def test_effects_at_a_constant_level_equal_parameters_changed_by_hand(
    at: tuple[float, Values, Workplace],
) -> None:
    value, found, workplace = at
    one, two = rho("N1", value), rho("N2", value)
    b = -0.3 if one > 0 else -1.2
    changed = workplace.results(
        "modulators.novelty.cortex.effects=false",
        f"populations.SPIKER.parameters.b={60 * (1 + b * one)} pA",
        f"populations.SPIKER.parameters.EL={-65 * (1 - 0.05 * two)} mV",
        f"populations.SPIKER.inputs.drive.parameters.rate={6 * (1 + 0.8 * one)} kHz",
        f"populations.SPIKER.inputs.drive.parameters.weight={0.9 + 0.3 * two} nS",
        f"populations.SOURCE.parameters.rate={60 * (1 + 0.6 * one)} Hz",
        f"projections.SOURCE->PASSIVE.weight={20 * (1 - 0.5 * two)} pA",
        f"projections.SOURCE->SPIKER.plasticity.parameters.A_plus={0.02 * (1 + 0.8 * one)} nS",
        f"projections.SOURCE->SPIKER.plasticity.parameters.eta={1 + two} 1/s",
        f"projections.SOURCE->HELD.weight={0.5 * (1 - 0.5 * two)} nS",
        f"projections.SOURCE->LATE.weight={30 * (1 - 0.5 * two)} pA",
    )
    assert len(found["SOURCE.spikes"]) > 50
    assert np.array_equal(found["SOURCE.spikes"], changed["SOURCE.spikes"])
    assert np.array_equal(found["SOURCE.cells"], changed["SOURCE.cells"])
    assert len(found["SPIKER.spikes"]) > 20
    assert np.array_equal(found["SPIKER.spikes"], changed["SPIKER.spikes"])
    for name in (
        "PASSIVE.x_current_exponential",
        "LATE.x_current_exponential",
        "HELD.g_ampa",
        "SPIKER.g_ampa",
    ):
        assert np.ptp(found[name]) > 0
        assert np.allclose(found[name], changed[name], rtol=1e-6, atol=1e-6), name
    assert np.allclose(found["SPIKER.w"], changed["SPIKER.w"], rtol=1e-6, atol=1e-6)
    assert np.ptp(found["weights"]) > 1e-3
    assert np.allclose(found["weights"], changed["weights"], rtol=1e-6)
    assert np.array_equal(found["ALONE.V"], changed["ALONE.V"])


def test_a_blocked_receptor_leaves_everything_bitwise_as_it_was_where_nothing_leads(
    workplace: Workplace,
) -> None:
    """N1 acts on LEAKY, SOURCE and SPIKER; nothing of these leads to ALONE, and N2 alone reads the current of
    PASSIVE, whose sources fire at another rate.
    """
    intact = workplace.results(level(HIGH))
    for receptor, untouched in (("N1", ["ALONE"]), ("N2", ["ALONE", "SOURCE"])):
        blocked = workplace.results(level(HIGH), f"modulators.novelty.cortex.receptors.{receptor}.block=1")
        for name, values in intact.items():
            same = values.tobytes() == blocked[name].tobytes()
            assert same or name.partition(".")[0] not in untouched, name
        assert not np.array_equal(intact["LEAKY.V"], blocked["LEAKY.V"])


def test_a_stimulus_on_a_modulated_parameter_sets_what_the_effect_acts_on(workplace: Workplace) -> None:
    stimulus = (
        "stimuli.push={population: LEAKY, parameter: I_bias, value: 200 pA, start: 50 ms, duration: 100 ms}"
    )
    found = workplace.results(level(HIGH), stimulus)
    beyond = max(0.0, rho("N2", HIGH) - 0.2) / 0.8
    gL = 10e-9 * (1 + 0.5 * rho("N1", HIGH)) * (1 + 0.4 * beyond)
    V = [-70e-3]
    for step in range(len(found["LEAKY.V"]) - 1):
        current = (200e-12 if 500 <= step < 1500 else 50e-12) + 40e-12 * rho("N1", HIGH)
        V.append(V[-1] + DT / 200e-12 * (gL * (-60e-3 - V[-1]) + current))
    assert np.allclose(found["LEAKY.V"][:, 0] * 1e-3, V, rtol=0, atol=STORED)


def test_effects_follow_a_level_that_moves_within_the_same_step(workplace: Workplace) -> None:
    """The drive is that of the level half-way through the step; a pulse arrives at the end of its step."""
    pulse = "modulators.novelty.cortex={level: 1, pulses: [{at: 50 ms, amount: 6}]}"
    found = workplace.results(pulse)
    V, m = [-70e-3], 1.0
    for step in range(len(found["LEAKY.V"]) - 1):
        middle = 1 + (m - 1) * np.exp(-0.5 * DT / 0.5)
        m = 1 + (m - 1) * np.exp(-DT / 0.5) + (6.0 if step == 500 else 0.0)
        beyond = max(0.0, rho("N2", middle) - 0.2) / 0.8
        gL = 10e-9 * (1 + 0.5 * rho("N1", middle)) * (1 + 0.4 * beyond)
        V.append(V[-1] + DT / 200e-12 * (gL * (-60e-3 - V[-1]) + 50e-12 + 40e-12 * rho("N1", middle)))
    assert np.allclose(found["LEAKY.V"][:, 0] * 1e-3, V, rtol=0, atol=STORED)
