"""Every shipped model file is complete and right; a new file is tested without an edit here."""

import math
import re
from pathlib import Path

import numpy as np
import pytest

from neuromod.library.describe import describe
from neuromod.library.hoist import evaluate, expand_calls
from neuromod.library.registry import Library
from neuromod.library.shipped import models_root, open_library
from neuromod.library.template import (
    KINDS,
    CircuitTemplate,
    InputTemplate,
    NeuronTemplate,
    Parameter,
    PlasticityTemplate,
    RegionTemplate,
    SynapseTemplate,
)

FILES = sorted(models_root().glob("*/*.yaml"))
DOI = re.compile(r"10\.\d{4,9}/\S+")
MILLIVOLT = {"mV": 1e-3}


@pytest.fixture(scope="module")
def library() -> Library:
    return open_library()


def all_parameters(model: object) -> dict[str, Parameter]:
    found: dict[str, Parameter] = {}
    if isinstance(model, NeuronTemplate | SynapseTemplate | InputTemplate | PlasticityTemplate):
        found |= model.parameters
    if isinstance(model, SynapseTemplate) and model.transmitter:
        found |= model.transmitter.parameters
    return found


def defaults(model: object) -> dict[str, float]:
    """SI default of each parameter, and of the unit used in expressions."""
    values = {name: entry.default.quantity.value for name, entry in all_parameters(model).items()}
    return values | MILLIVOLT


def value_of(text: str, values: dict[str, float]) -> float:
    """Value of an expression of a model in SI units."""
    return float(np.asarray(evaluate(text, values)).item())


def test_every_file_lies_where_the_library_finds_it(library: Library) -> None:
    found = {library.path(kind, name) for kind in KINDS for name in library.names(kind)}
    assert found == set(models_root().rglob("*.y*ml"))


@pytest.mark.parametrize("kind", list(KINDS))
def test_every_kind_has_a_model(library: Library, kind: str) -> None:
    assert library.names(kind)


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
class TestEveryFile:
    def test_is_right(self, library: Library, path: Path) -> None:
        model = library.get(path.parent.name, path.stem)
        assert isinstance(model, KINDS[path.parent.name])

    def test_says_what_it_is(self, library: Library, path: Path) -> None:
        model = library.get(path.parent.name, path.stem)
        assert 3 <= len(model.title) <= 80
        assert len(model.description) >= 40
        assert not model.title.endswith(".")

    def test_names_its_sources(self, library: Library, path: Path) -> None:
        model = library.get(path.parent.name, path.stem)
        assert model.references or model.evidence == "D"
        for reference in model.references:
            assert not reference.doi or DOI.fullmatch(reference.doi)
            assert re.search(r"\b(19|20)\d\d\b", reference.text)

    def test_tags_and_describes_every_parameter(self, library: Library, path: Path) -> None:
        for name, entry in all_parameters(library.get(path.parent.name, path.stem)).items():
            assert entry.default.evidence, name
            assert entry.description, name
            assert entry.default.source or entry.default.evidence == "D", name

    def test_has_a_page_with_every_parameter(self, library: Library, path: Path) -> None:
        page = describe(library, path.parent.name, path.stem)
        assert path.stem in page.splitlines()[0]
        for name in all_parameters(library.get(path.parent.name, path.stem)):
            assert any(line.split()[:1] == [name] for line in page.splitlines()), name

    def test_refers_to_models_and_parameters_that_exist(self, library: Library, path: Path) -> None:
        model = library.get(path.parent.name, path.stem)
        if not isinstance(model, RegionTemplate | CircuitTemplate):
            return
        for population in model.populations.values():
            if population.neuron:
                assert population.parameters.keys() <= library.neuron(population.neuron).parameters.keys()
            for receptor, changed in population.receptors.items():
                assert changed.keys() <= library.synapse(receptor).parameters.keys()
            for drive in population.inputs.values():
                assert (
                    not drive.input or drive.parameters.keys() <= library.input(drive.input).parameters.keys()
                )
        for projection in model.projections.values():
            assert projection.receptor is None or library.synapse(projection.receptor).title


@pytest.mark.parametrize(
    ("name", "decay", "reversal", "lfp"),
    [
        ("ampa", 0.003, 0.0, True),
        ("gaba_fast", 0.004, -0.075, True),
        ("gaba_slow", 0.020, -0.075, True),
        ("gaba_b", 0.150, -0.090, False),
        ("nmda", 0.100, 0.0, False),
    ],
)
def test_receptors_have_their_published_kinetics(
    library: Library, name: str, decay: float, reversal: float, lfp: bool
) -> None:
    model = library.synapse(name)
    values = defaults(model)
    assert (values["tau"], values["E"]) == pytest.approx((decay, reversal))
    assert model.lfp is lfp


@pytest.mark.parametrize(
    ("name", "striatum", "cortex", "hippocampus"),
    [
        ("dopamine", 0.2, 1.0, 1.0),
        ("acetylcholine", 0.3, 0.5, 0.5),
        ("noradrenaline", None, 0.8, 0.8),
        ("serotonin", 1.0, 1.0, 1.0),
        ("cortisol", 5400.0, 5400.0, 5400.0),
    ],
)
def test_neuromodulators_are_cleared_as_fast_as_in_the_reference(
    library: Library, name: str, striatum: float | None, cortex: float, hippocampus: float
) -> None:
    decay = {region: value.quantity.value for region, value in library.neuromodulator(name).decay.items()}
    expected = {"striatum": striatum, "cortex": cortex, "hippocampus": hippocampus}
    assert {region: decay.get(region) for region in expected} == pytest.approx(expected)


@pytest.mark.parametrize(
    ("name", "rate", "states"),
    [
        ("dopamine", 5.0, {"active_wake": 1.2, "nrem": 0.9, "rem": 1.2}),
        ("acetylcholine", 4.0, {"active_wake": 1.7, "nrem": 0.25, "rem": 1.7}),
        ("noradrenaline", 2.0, {"active_wake": 1.5, "nrem": 0.4, "rem": 0.05}),
        ("serotonin", 2.0, {"active_wake": 1.2, "nrem": 0.4, "rem": 0.05}),
        ("cortisol", None, {"early_night": 0.3, "late_night": 2}),
    ],
)
def test_neuromodulators_have_their_tonic_rates_and_states(
    library: Library, name: str, rate: float | None, states: dict[str, float]
) -> None:
    model = library.neuromodulator(name)
    assert (model.tonic_rate.quantity.value if model.tonic_rate else None) == rate
    assert {state: value.quantity.value for state, value in model.states.items()} == states | {
        "quiet_wake": 1
    }


def test_dopamine_is_taken_up_as_in_the_striatum(library: Library) -> None:
    uptake = library.neuromodulator("dopamine").uptake
    assert uptake is not None
    assert (uptake.vmax.quantity.value, uptake.km.quantity.value) == (44.4, 2.22)


@pytest.mark.parametrize("name", ["adex", "lif", "lif_exact", "izhikevich"])
def test_cells_without_input_at_rest_stay_below_threshold(library: Library, name: str) -> None:
    model = library.neuron(name)
    values = {"w": 0.0, "u": 0.0, "I": 0.0, **defaults(model)}
    rest = values.get("EL", values.get("vr", 0.0))
    derivative = model.state["V"].derivative
    assert derivative is not None
    assert abs(value_of(derivative, values | {"V": rest})) < 0.05  # volt per second
    above = value_of(derivative, values | {"V": rest + 0.005})
    assert above < 0


def test_the_exponent_of_the_adaptive_cell_is_limited(library: Library) -> None:
    model = library.neuron("adex")
    derivative = model.state["V"].derivative
    assert derivative is not None
    values = {"w": 0.0, "I": 0.0, **defaults(model)}
    steepest = value_of(derivative, values | {"V": values["VT"] + 50 * values["DT"]})
    beyond = value_of(derivative, values | {"V": values["VT"] + 5000 * values["DT"]})
    limit = values["gL"] * values["DT"] * math.exp(12) / values["C"]
    assert beyond < steepest < limit
    assert steepest == pytest.approx(limit, rel=1e-3)


def test_the_2003_form_of_the_izhikevich_cell_is_the_one_described(library: Library) -> None:
    model = library.neuron("izhikevich")
    derivative, recovery = model.state["V"].derivative, model.state["u"].derivative
    assert derivative is not None
    assert recovery is not None
    fixed = {
        "C": 100e-12,
        "curvature": 4e-6,
        "vr": -70e-3,
        "vt": -55e-3,
        "a": 20.0,
        "b": 20e-9,
        "I_bias": 0.0,
    }
    for v, u, current in [(-65.0, -13.0, 0.0), (-50.0, 2.0, 10.0), (20.0, -8.0, 5.0)]:
        shifted = (u - 0.2 * -70.0) * 100e-12
        values = fixed | {"V": v * 1e-3, "u": shifted, "I": current * 100e-12}
        assert value_of(derivative, values) == pytest.approx(0.04 * v**2 + 5 * v + 140 - u + current)
        assert value_of(recovery, values) == pytest.approx(0.02 * (0.2 * v - u) * 100e-12 * 1e3)


def test_the_magnesium_block_follows_jahr_and_stevens(library: Library) -> None:
    model = library.synapse("nmda")
    assert model.current is not None
    for voltage in (-80.0, -40.0, 20.0):
        current = value_of(model.current, defaults(model) | {"g": 1e-9, "V": voltage * 1e-3})
        block = 1 / (1 + math.exp(-0.062 * voltage) / 3.57)
        assert current == pytest.approx(1e-9 * -voltage * 1e-3 * block)


def test_the_ornstein_uhlenbeck_map_keeps_its_variance(library: Library) -> None:
    model = library.input("ou")
    update = model.state["noise"].update
    assert update is not None
    values = defaults(model) | {"dt": 1e-3, "noise": 0.0}
    text = expand_calls(update, "normal", lambda _: "draw")
    kick = value_of(text, values | {"draw": 1.0})
    kept = value_of(text, values | {"noise": 1.0, "draw": 0.0})
    assert kept == pytest.approx(math.exp(-0.2))
    assert (kept * values["sd"]) ** 2 + kick**2 == pytest.approx(values["sd"] ** 2)


def test_a_rewarded_pair_changes_a_weight_as_the_rule_says(library: Library) -> None:
    values = defaults(library.plasticity("reward_stdp"))
    burst, decay = 3.0, 0.2
    overlap = 1 / (1 / values["tau_e"] + 1 / decay)
    assert values["A_plus"] * values["eta"] * burst * overlap == pytest.approx(0.01e-9)


def test_the_third_factor_is_zero_at_the_tonic_level(library: Library) -> None:
    model = library.plasticity("reward_stdp")
    assert value_of(model.eligibility["c"].converted, defaults(model) | {"m": 1.0}) == 0.0


def test_a_modulable_parameter_is_never_a_time_constant(library: Library) -> None:
    for kind in ("neurons", "synapses", "inputs"):
        for name in library.names(kind):
            for key, entry in all_parameters(library.get(kind, name)).items():
                assert not (entry.modulable and entry.unit in ("ms", "s")), f"{kind}/{name}: {key}"


@pytest.mark.parametrize(
    ("name", "K", "n"),
    [
        ("D1", 4, 2), ("D2", 0.5, 1), ("M1", 1.5, 1), ("M2", 1, 1), ("nAChR", 4, 1.8),
        ("alpha1", 2, 1.5), ("alpha2", 0.5, 1), ("beta", 4, 2),
        ("HT1A", 0.5, 1), ("HT2A", 3, 1.5), ("HT2C", 3, 1.5), ("MR", 0.2, 1), ("GR", 4, 2),
    ],
)  # fmt: skip
def test_receptors_of_neuromodulators_have_the_affinities_of_the_reference(
    library: Library, name: str, K: float, n: float
) -> None:
    owners = [m for m in map(library.neuromodulator, library.names("neuromodulators")) if name in m.receptors]
    (owner,) = owners
    entry = owner.receptors[name]
    assert (entry.K.quantity.value, entry.n.quantity.value) == (K, n)


def test_every_receptor_and_effect_is_tagged_and_says_where_it_comes_from(library: Library) -> None:
    for model in map(library.neuromodulator, library.names("neuromodulators")):
        for name, receptor in model.receptors.items():
            assert receptor.K.evidence, name
            assert receptor.K.source, name
            assert receptor.n.evidence, name
            assert receptor.n.source, name
            assert receptor.description, name
        assert all(effect.source for effect in model.effects)


def test_bursts_of_dopamine_speak_to_d1_and_dips_to_d2(library: Library) -> None:
    def occupancy(name: str, level: float) -> float:
        entry = library.neuromodulator("dopamine").receptors[name]
        K, n = entry.K.quantity.value, entry.n.quantity.value
        return level**n / (level**n + K**n)

    assert [round(occupancy("D1", m), 2) for m in (1, 10)] == [0.06, 0.86]
    assert [round(occupancy("D2", m), 2) for m in (0.1, 1, 10)] == [0.17, 0.67, 0.95]


@pytest.mark.parametrize(
    ("parameter", "target", "beta", "sign"),
    [
        ("nmda.current", "MSN_D1", 1.04, 1),
        ("EL", "MSN_D1", -0.0282, -1),
        ("b", "MSN_D1", 0.45, -1),
        ("ampa.current", "MSN_D2", -0.26, 1),
        ("EL", "FSI", 0.078, -1),
        ("release", "FSI->FSI", -0.83, 1),
        ("release", "MSN_D1->MSN_D1", 0.56, 1),
        ("ampa.current", "STN", -0.45, 1),
        ("release", "GPE_PROTO->STN", -0.24, 1),
    ],
)
def test_effects_of_dopamine_in_the_basal_ganglia_follow_the_published_model(
    library: Library, parameter: str, target: str, beta: float, sign: int
) -> None:
    """There DA runs from 0 to 1 and is 0.8 at rest: currents have the factor 1 + beta (DA - 0.8), resting
    potential and adaptation 1 - beta (DA - 0.8).
    """
    effects = library.neuromodulator("dopamine").effects
    (found,) = (
        effect
        for effect in effects
        if effect.evidence == "V"
        and effect.parameter == parameter
        and target in (*effect.populations, *effect.projections)
    )
    assert found.scale is not None
    assert found.scale.rise == pytest.approx(sign * beta * 0.2)
    assert found.scale.fall == pytest.approx(sign * beta * 0.8)
