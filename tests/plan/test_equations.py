"""The statements of a group: what they compute, what is computed beforehand, and which draws they make."""

from dataclasses import replace

import numpy as np
import pytest

from neuromod.library.hoist import evaluate
from neuromod.library.shipped import open_library
from neuromod.library.template import NeuronTemplate, StateVariable
from neuromod.plan.equations import Composer, GroupEquations, split_statement
from neuromod.plan.features import Features, InputSlot, Trace

LIBRARY = open_library()
DT = 1e-4
NO_FEATURES = Features({}, {})


def receptors(*names: str) -> Features:
    return Features({name: LIBRARY.synapse(name) for name in names}, {})


def compose(name: str, features: Features = NO_FEATURES, changing: tuple[str, ...] = ()) -> GroupEquations:
    return Composer(LIBRARY.neuron(name), features, DT, changing, ()).compose()


def step(equations: GroupEquations, values: dict[str, float]) -> dict[str, float]:
    """One step of the statements by plain evaluation, without refractoriness."""
    state = (
        dict(values)
        | {name: evaluate(text, values) for name, text in equations.constants.items()}
        | {"active": 1.0}
    )
    for line in equations.update:
        target, _, right = split_statement(line)
        if target != "active":
            state[target] = float(np.asarray(evaluate(right, state)).item())
    return state


def defaults(template: NeuronTemplate) -> dict[str, float]:
    return {name: parameter.default.quantity.value for name, parameter in template.parameters.items()}


def test_an_euler_step_of_adex_is_the_published_equation() -> None:
    p = defaults(LIBRARY.neuron("adex")) | {"I_bias": 2e-10}
    v, w = -0.055, 3e-11
    after = step(compose("adex"), p | {"V": v, "w": w})
    spike = p["gL"] * p["DT"] * np.exp((v - p["VT"]) / p["DT"])
    assert after["V"] == pytest.approx(
        v + DT * (p["gL"] * (p["EL"] - v) + spike - w + 2e-10) / p["C"], rel=1e-12
    )
    assert after["w"] == pytest.approx(w + DT * (p["a"] * (v - p["EL"]) - w) / p["tw"], rel=1e-12)


def test_all_variables_move_at_once_from_the_values_at_the_beginning() -> None:
    lines = [split_statement(line)[0] for line in compose("adex", receptors("ampa")).update]
    assert lines.index("next_w") < lines.index("V")
    assert lines.index("next_g_ampa") < lines.index("V")


def test_relaxation_is_exact() -> None:
    after = step(
        compose("lif_exact"), (p := defaults(LIBRARY.neuron("lif_exact"))) | {"V": -0.055, "I_bias": 1e-10}
    )
    target = p["EL"] + 1e-10 / p["gL"]
    assert after["V"] == pytest.approx(target + (-0.055 - target) * np.exp(-DT / p["tau_m"]), rel=1e-12)


def test_receptor_currents_add_up_to_the_input_current() -> None:
    equations = compose("adex", receptors("ampa", "gaba_fast"))
    names = {
        "g_ampa": 2e-9,
        "g_gaba_fast": 3e-9,
        "E_ampa": 0.0,
        "E_gaba_fast": -0.075,
        "tau_ampa": 3e-3,
        "tau_gaba_fast": 4e-3,
    }
    after = step(equations, defaults(LIBRARY.neuron("adex")) | names | {"V": -0.06, "w": 0.0})
    ampa, gaba = (g * (1 - np.exp(-DT / tau)) * tau / DT for g, tau in ((2e-9, 3e-3), (3e-9, 4e-3)))
    assert after["input_current"] == pytest.approx(ampa * 0.06 + gaba * -0.015, rel=1e-12)
    assert after["g_ampa"] == pytest.approx(2e-9 * np.exp(-DT / 3e-3), rel=1e-12)


def test_a_spike_delivers_its_weight_times_tau_of_charge_whatever_the_step() -> None:
    equations = compose("lif", receptors("current_exponential"))
    values = defaults(LIBRARY.neuron("lif")) | {
        "x_current_exponential": 1e-9,
        "tau_current_exponential": 2e-3,
        "V": -0.06,
    }
    charge = 0.0
    for _ in range(1000):
        values = step(equations, values)
        charge += DT * values["input_current"]
    assert charge == pytest.approx(1e-9 * 2e-3, rel=1e-12)


def test_the_lfp_proxy_counts_fast_receptors_only_and_their_size() -> None:
    features = replace(receptors("ampa", "gaba_fast", "nmda"), lfp=True)
    line = next(line for line in compose("adex", features).update if line.startswith("lfp_current"))
    assert line.count("abs(") == 2
    assert "nmda" not in line


def test_what_a_stimulus_moves_stays_in_the_step() -> None:
    assert "exp(-0.0001 / tau_ampa)" in compose("adex", receptors("ampa")).constants.values()
    moving = compose("adex", receptors("ampa"), changing=("tau_ampa",))
    assert not any("tau_ampa" in text for text in moving.constants.values())
    assert "tau_ampa" in moving.used


def test_a_refractory_cell_is_frozen_by_a_factor_and_cannot_fire() -> None:
    equations = compose("adex")
    assert equations.update[1] == "active = int((t/second) > free_at)"
    assert "(t/second) > free_at" in equations.threshold
    assert any(line.startswith("free_at = ") for line in equations.reset)


def test_the_nth_draw_of_a_kind_in_a_cell_has_purpose_n() -> None:
    poisson, ou = LIBRARY.input("poisson"), LIBRARY.input("ou")
    slots = {
        InputSlot("poisson", 0, "ampa", (0, 0, 0)): poisson,
        InputSlot("poisson", 1, "ampa", (0, 1, 0)): poisson,
        InputSlot("ou", 0, None, (0, 0, 0)): ou,
    }
    text = "\n".join(compose("adex", Features(receptors("ampa").receptors, slots)).update)
    identity = "seed, population, cell, t_in_timesteps"
    assert text.count(f"{identity}, 0)") == 2
    assert text.count(f"{identity}, 1)") == 1
    assert text.count(f"normal_at({identity}, 0)") == 1


def test_a_draw_in_a_threshold_is_made_in_the_update_loop() -> None:
    equations = compose("poisson_cell")
    assert equations.threshold == "fires > 0.5"
    assert equations.update[-1].startswith("fires = int(uniform_at(")


def test_a_trace_rises_at_the_reset_and_costs_nothing_in_a_step() -> None:
    equations = compose(
        "adex",
        Features({}, {}, frozenset({Trace("trace_post_0", 0.02, True), Trace("trace_pre_0", 0.02, False)})),
    )
    assert "trace_post_0 += trace_post_0_rise" in equations.reset
    assert not any(line.startswith("trace_pre_0") for line in equations.reset)
    assert not any("trace" in line for line in equations.update)
    assert {"trace_post_0", "trace_pre_0"} <= set(equations.state)


def test_units_become_si_numbers() -> None:
    template = LIBRARY.neuron("lif").model_copy(
        update={
            "state": {"V": StateVariable(unit="mV", derivative="(20*mV - V)/(10*ms)", method="exponential")}
        }
    )
    update = Composer(template, NO_FEATURES, DT, (), ()).compose().update
    assert not any("mV" in line or "ms" in line.replace("timesteps", "") for line in update)
