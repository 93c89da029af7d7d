"""Compartments that do not fit, each refused with one sentence."""

import pytest

from tests.plan.test_modulators import MODEL

TWO = "[{at: 0 s, level: 2, duration: 100 ms}, {at: 50 ms, level: 1}]"


@pytest.mark.parametrize(
    ("compartment", "settings", "key", "message"),
    [
        ("nucleus: X", (), "nucleus", "got the unknown population `X`, allowed are E, I"),
        ("nucleus: I, tonic_rate: 0 Hz", (), "", "got a tonic_rate of 0 Hz, needed is the rate of I"),
        ("tonic_rate: 2 Hz", (), "tonic_rate", "got tonic_rate without `nucleus`"),
        ("delay: 2 ms", (), "delay", "got delay without `nucleus`"),
        ("autoreceptor: {receptor: R1, strength: 1}", (), "autoreceptor", "without `nucleus`"),
        (
            "nucleus: I, autoreceptor: {receptor: R9, strength: 1}",
            (),
            "autoreceptor.receptor",
            "got the unknown receptor of dopa `R9`, allowed are R1, R2",
        ),
        ("uptake: {}, decay: 1 s", (), "decay", "got decay and uptake, allowed is one of the two"),
        ("uptake: {vmax: 1000 kHz}", (), "uptake", "allowed is more than 0 and at most 11100 1/s"),
        ("uptake: {vmax: 0 Hz}", (), "uptake", "got a vmax of 0 1/s"),
        ("clamp: 1, lesion: true", (), "", "got clamp and lesion, allowed is one of"),
        (f"ramps: {TWO}", (), "ramps.1", "begins before the one of modulators.dopa.cortex.ramps.0 has ended"),
        (
            "ramps: [{at: 0 s, level: 2, duration: 100 ms}]",
            ("states=[{at: 50 ms, state: rem}]",),
            "states.0",
            "got a change of dopa in cortex that begins before",
        ),
        ("", ("states=[{at: 0 s, state: run}]",), "states.0.state", "allowed are nrem, rem"),
        ("nucleus: I, uptake: {}, dose: 4", (), "", "which is more than its uptake can clear"),
        (
            "nucleus: I, uptake: {}, dose: 2.5, ramps: [{at: 0 s, level: 3}]",
            (),
            "ramps.0",
            "for the level 3 and the dose 2.5",
        ),
        ("receptors: {R9: {K: 1}}", (), "receptors.R9", "unknown receptor of dopa"),
        ("mean_clamp: nowhere.h5", (), "mean_clamp", "no results file or directory of a run"),
        ("mean_clamp: ../../x", (), "mean_clamp", "lies outside the folder"),
    ],
)
def test_a_compartment_that_does_not_fit_is_refused(tiny, compartment, settings, key, message):
    (tiny.folder / "models/neuromodulators/dopa.yaml").write_text(MODEL)
    problems = tiny.refused(f"modulators.dopa={{cortex: {{{compartment}}}}}", *settings)
    start = key if key.startswith("states") else ".".join(filter(None, ["modulators.dopa.cortex", key]))
    assert [problem for problem in problems if problem.startswith(start) and message in problem], problems
    assert len(problems) == 1


def test_a_modulator_without_model_file_says_what_is_missing(tiny):
    fed = tiny.refused("modulators.new={cortex: {decay: 1 s, nucleus: I}}")
    assert fed == [
        "modulators.new.cortex: got no `tonic_rate`, needed is the rate of I that gives the level 1"
    ]
    cleared = tiny.refused("modulators.new={cortex: {decay: 1 s, uptake: {km: 2}}}")
    assert any("got no `vmax`" in problem for problem in cleared)


def test_what_a_circuit_says_of_a_nucleus_may_stay_when_an_experiment_takes_it_away(tiny):
    (tiny.folder / "models/neuromodulators/dopa.yaml").write_text(MODEL)
    circuit = tiny.folder / "models/circuits/loop.yaml"
    circuit.write_text(circuit.read_text() + "modulators: {dopa: {cortex: {nucleus: I, delay: 2 ms}}}\n")
    text = "neuromod: 1\nname: tiny\nduration: 1 s\ncircuit: loop\n"
    text += "modulators: {dopa: {cortex: {nucleus: null}}}\npacemakers: {p: {frequency: 8 Hz}}\n"
    text += "populations: {X: {pacemaker: p}}\n"
    assert tiny.plan(text=text).compartments["dopa.cortex"].release is None


def test_times_of_release_are_rounded_to_steps_with_a_notice(tiny):
    (tiny.folder / "models/neuromodulators/dopa.yaml").write_text(MODEL)
    plan = tiny.plan("modulators.dopa={cortex: {nucleus: I, delay: 0.26 ms}}")
    assert "the delay of 0.26 ms is rounded to 0.3 ms" in plan.notices[0]
