"""Pages on models state equations, parameters, evidence and references; a bad file does not end the list."""

import json
from pathlib import Path

import pytest

from neuromod.errors import ConfigError
from neuromod.library.describe import as_data, describe, kinds_of, listing
from neuromod.library.registry import Library
from neuromod.library.shipped import open_library
from neuromod.library.template import KINDS

REGION = """\
kind: region
title: Two populations
description: Only for a test.
evidence: D
references: [{text: Somebody 2001, doi: 10.1000/1}]
populations:
  E: {neuron: adex, size: 40, evidence: P, description: excitatory}
  I: {neuron: lif, size: 10}
projections:
  E->I: {receptor: ampa, connect: {in_degree: 4}, weight: {normal: [1 nS, 0.1 nS], low: 0 nS}, delay: 1 ms}
  I->E: {receptor: gaba_fast, connect: {all_to_all: true}, weight: {value: 2 nS, evidence: D}, delay: 1 ms}
"""


@pytest.fixture
def library(tmp_path: Path) -> Library:
    (tmp_path / "regions").mkdir()
    (tmp_path / "regions" / "two.yaml").write_text(REGION)
    return open_library([tmp_path])


def row(page: str, first: str) -> str:
    return next(line for line in page.splitlines() if line.split()[:1] == [first])


def test_a_neurons_page_has_equations_firing_and_parameters(library: Library) -> None:
    page = describe(library, "neurons", "adex")
    assert page.startswith("adex (neuron): Adaptive exponential integrate-and-fire cell\n")
    assert "dV/dt = (gL*(EL - V) + gL*DT*exp(clip((V - VT)/DT, -100, 12)) - w + I + I_bias)/C" in page
    assert "fires when V > Vcut" in page
    assert "then V = Vr, w += b" in page
    assert "refractory for tref" in page
    assert "starts at uniform(EL, VT), held while refractory" in page
    assert row(page, "C").split()[:5] == ["C", "281", "pF", "V", "modulable"]
    assert "doi 10.1152/jn.00686.2005" in page.replace("\n    ", " ")


def test_a_receptors_page_has_its_transmitter(library: Library) -> None:
    page = describe(library, "synapses", "nmda")
    assert "on a spike: g += weight*released   (weight in nS)" in page
    assert "Once per source neuron" in page
    assert row(page, "opened").split()[1:3] == ["0.63", "P"]


def test_an_inherited_model_shows_what_it_inherits_and_what_it_changes(library: Library) -> None:
    page = describe(library, "synapses", "gaba_fast")
    assert "dg/dt = -g/tau" in page
    assert row(page, "tau").split()[1:3] == ["4", "ms"]
    assert "(counts in the LFP)" in page


def test_an_inputs_page_has_its_map_or_its_jump(library: Library) -> None:
    assert "noise(t + dt) = noise*exp(-dt/tau)" in describe(library, "inputs", "ou")
    assert "jump in every step: weight*poisson(rate*dt)" in describe(library, "inputs", "poisson")


def test_a_rules_page_has_its_traces_events_and_bounds(library: Library) -> None:
    page = describe(library, "plasticity", "reward_stdp")
    assert "at a postsynaptic event: c += A_plus*x" in page
    assert "dw/dt = c*(eta*(m - 1))" in page
    assert "w_min <= w <= w_max; delay: axonal" in page


def test_a_neuromodulators_page_has_a_row_per_region(library: Library) -> None:
    page = describe(library, "neuromodulators", "dopamine")
    assert row(page, "striatum").split()[:4] == ["striatum", "0.2", "s", "V"]
    assert "VTA/SNc" in page


def test_a_regions_page_has_tables_of_populations_and_projections(library: Library) -> None:
    page = describe(library, "regions", "two")
    assert row(page, "E").split() == ["E", "adex", "40", "P", "excitatory"]
    assert row(page, "I").split() == ["I", "lif", "10", "-"]
    assert "in degree 4" in row(page, "E->I")
    assert "normal(1 nS, 0.1 nS), low 0 nS" in row(page, "E->I")
    assert row(page, "I->E").split() == ["I->E", "gaba_fast", "all", "to", "all", "2", "nS", "1", "ms"]


def test_prose_lines_fit_the_page(library: Library) -> None:
    prose = describe(library, "neurons", "adex").split("\n\n")[1]
    assert max(map(len, prose.splitlines())) <= 100


def test_the_listing_has_every_model_under_its_kind(library: Library) -> None:
    lines = listing(library).splitlines()
    for kind in KINDS:
        start = lines.index(kind) if library.names(kind) else 0
        listed = {line.split()[0] for line in lines[start + 1 : start + 1 + len(library.names(kind))] if line}
        assert listed == set(library.names(kind)) or not library.names(kind)


def test_the_listing_says_what_is_wrong_with_a_file_and_goes_on(tmp_path: Path) -> None:
    (tmp_path / "inputs").mkdir()
    (tmp_path / "inputs" / "broken.yaml").write_text("kind: input\ntitle: [\n")
    page = listing(open_library([tmp_path]))
    assert "cannot be used" in row(page, "broken")
    assert "Current step" in row(page, "step_current")


def test_data_for_programs_is_json_and_complete(library: Library) -> None:
    data = json.loads(json.dumps(as_data(library, "synapses", "ampa")))
    assert data["name"] == "ampa"
    assert data["current"] == "g*(E - V)"
    assert data["parameters"]["tau"]["default"]["value"] == "3 ms"
    assert Path(str(data["file"])).is_file()


def test_the_kinds_of_a_name_are_found(library: Library) -> None:
    assert kinds_of(library, "adex") == ["neurons"]
    assert kinds_of(library, "two") == ["regions"]
    assert kinds_of(library, "no_such_model") == []


def test_the_page_of_an_unknown_model_is_refused(library: Library) -> None:
    with pytest.raises(ConfigError, match="did you mean adex"):
        describe(library, "neurons", "adexx")


def test_a_neuromodulators_page_has_its_receptors_and_effects(library: Library) -> None:
    page = describe(library, "neuromodulators", "dopamine")
    assert "tonic rate 5 Hz" in page
    assert row(page, "D2").split()[:5] == ["D2", "0.5", "1", "0.67", "D"]
    effects = page[page.index("\nEffects") :].splitlines()
    (scaled,) = (line for line in effects if "ampa.current x (1 + 0.3 rho)" in line)
    assert scaled.split()[:2] == ["D1", "MSN_D1"]
    assert any("nmda.current x (1 + 0.208 rho), below tonic x (1 + 0.832 rho)" in line for line in effects)
    assert any("gL x (1 + 0.2 [rho beyond 0.6])" in line for line in effects)
    assert any(line.endswith("Lindahl and Kotaleski 2016, beta 1.04") for line in effects)


def test_shifts_are_printed_in_the_unit_of_the_file(library: Library) -> None:
    page = describe(library, "neuromodulators", "serotonin")
    assert "I_bias - 25 pA rho" in page
    assert "I_bias + 15 pA rho" in page


def test_a_neuromodulators_page_has_levels_uptake_and_messengers(tmp_path: Path) -> None:
    (tmp_path / "neuromodulators").mkdir()
    (tmp_path / "neuromodulators" / "novelty.yaml").write_text(
        "kind: neuromodulator\ntitle: T\nevidence: D\nslow: true\ndecay: {cortex: 90 min}\nrise: 20 min\n"
        "tonic_rate: {value: 3 Hz, evidence: M}\n"
        "uptake: {vmax: {value: 44 1/s, evidence: M}, km: {value: 2, evidence: M}}\n"
        "states: {nrem: {value: 0.3, evidence: M}}\n"
        "receptors: {N1: {K: 2, n: 1, messenger: 0.3 s, description: new}}\n"
    )
    page = describe(open_library([tmp_path]), "neuromodulators", "novelty")
    assert "tonic rate 3 Hz (M)" in page
    assert "vmax 44 1/s (M), km 2 (M)" in page
    assert "rise 1200 s" in page
    assert "slow_factor" in page
    assert row(page, "nrem").split() == ["nrem", "0.3", "M"]
    assert row(page, "N1").split() == ["N1", "2", "1", "0.33", "0.3", "s", "-", "new"]
    assert "Effects" not in page
