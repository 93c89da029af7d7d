import numpy as np
import pytest

CUE = "stimuli.cue={population: E, parameter: bias, value: 100 pA, start: 10 ms, duration: 5 ms%s}"


def rows(plan):
    return [(c.step, c.owner, c.variable, c.cells, c.value) for c in plan.timeline]


def test_a_pulse_sets_the_value_and_puts_the_resting_value_back(tiny):
    plan = tiny.plan(CUE % "", "populations.E.parameters={bias: 20 pA}")
    assert rows(plan) == [
        (100, "E", "bias", (0, 40), pytest.approx(1e-10)),
        (150, "E", "bias", (0, 40), pytest.approx(2e-11)),
    ]


def test_a_pulse_repeats(tiny):
    assert [row[0] for row in rows(tiny.plan(CUE % ", every: 20 ms, times: 3"))] == [
        100,
        150,
        300,
        350,
        500,
        550,
    ]


def test_where_one_repetition_ends_as_the_next_begins_the_end_comes_first(tiny):
    found = rows(tiny.plan(CUE % ", every: 5 ms, times: 2"))
    assert [(row[0], row[4]) for row in found] == [(100, 1e-10), (150, 0.0), (150, 1e-10), (200, 0.0)]


def test_a_ramp_rises_in_steps_of_a_millisecond_to_its_value(tiny):
    found = rows(tiny.plan(CUE % ", shape: ramp", "populations.E.parameters={bias: 50 pA}"))
    assert [row[0] for row in found] == [100, 110, 120, 130, 140, 150]
    assert [row[4] for row in found] == pytest.approx([6e-11, 7e-11, 8e-11, 9e-11, 1e-10, 5e-11])


def test_cells_with_different_resting_values_each_return_to_their_own(tiny):
    plan = tiny.plan(
        CUE % ", channel: 1", "populations.E.heterogeneity={bias: 5 pA}", "populations.E.channels={count: 4}"
    )
    on, off = plan.timeline
    assert (on.cells, on.value) == ((10, 20), 1e-10)
    assert np.array_equal(off.value, plan.populations["E"].parameters["bias"][10:20])


def test_a_share_is_the_first_cells_of_the_channel_or_population(tiny):
    assert rows(tiny.plan(CUE % ", fraction: 0.25"))[0][3] == (0, 10)
    found = rows(tiny.plan(CUE % ", channel: 1, fraction: 0.5", "populations.E.channels={count: 4}"))
    assert found[0][3] == (10, 15)


def test_an_input_parameter_is_named_with_its_input(tiny):
    found = rows(
        tiny.plan(
            "populations.E.inputs={noise: {input: noise, receptor: fast, parameters: {rate: 500 Hz}}}",
            "stimuli.cue={population: E, parameter: noise.rate, value: 2 kHz, start: 10 ms, duration: 5 ms}",
        )
    )
    assert [(row[2], row[4]) for row in found] == [("noise.rate", 2000.0), ("noise.rate", 500.0)]


def test_changes_after_the_end_are_planned_so_that_a_longer_run_has_the_same_program(tiny):
    steps = [row[0] for row in rows(tiny.plan(CUE % ", every: 495 ms, times: 4"))]
    assert steps == [100, 150, 5050, 5100, 10000, 10050, 14950, 15000]
    late = tiny.plan(CUE % "", "duration=10 ms")
    assert rows(late) == rows(tiny.plan(CUE % ""))
    assert late.notices == ("stimuli.cue: begins after the end of the run",)


def test_pulses_of_a_modulator_are_added_to_its_level(tiny):
    plan = tiny.plan("modulators.dopa={cortex: {pulses: [{at: 10 ms, amount: 2, every: 100 ms, times: 2}]}}")
    assert rows(plan) == [
        (100, "dopa.cortex", "level", (0, 1), 2.0),
        (1100, "dopa.cortex", "level", (0, 1), 2.0),
    ]
    assert all(change.add for change in plan.timeline)


def test_all_changes_are_sorted_by_step(tiny):
    plan = tiny.plan(
        CUE % ", every: 50 ms, times: 5",
        "stimuli.other={population: I, parameter: bias, value: 1 pA, start: 1 ms, duration: 300 ms}",
        "modulators.dopa={cortex: {pulses: [{at: 70 ms, amount: 2}]}}",
    )
    steps = [row[0] for row in rows(plan)]
    assert steps == sorted(steps)
    assert len(steps) == 13


OTHER = "stimuli.other={population: E, parameter: bias, value: 1 pA, start: 12 ms, duration: 1 ms%s}"


def test_stimuli_on_the_same_cells_at_the_same_time_are_refused(tiny):
    (problem,) = tiny.refused(CUE % "", OTHER % "")
    assert problem.startswith(
        "stimuli.other: got a stimulus on E.bias while `cue` is on for some of the same cells"
    )


def test_a_short_stimulus_within_a_long_one_is_found_among_many(tiny):
    (problem,) = tiny.refused(
        "stimuli.cue={population: E, parameter: bias, value: 1 pA, start: 0 ms, duration: 900 ms}",
        OTHER % ", every: 10 ms, times: 3",
    )
    assert problem.startswith("stimuli.other: ")


@pytest.mark.parametrize(
    "settings",
    [
        ("populations.E.channels={count: 2}", CUE % ", channel: 0", OTHER % ", channel: 1"),
        (CUE % "", (OTHER % "").replace("12 ms", "15 ms")),
        (CUE % "", (OTHER % "").replace("population: E", "population: I")),
    ],
)
def test_stimuli_on_other_cells_times_or_populations_are_allowed(tiny, settings):
    assert len(tiny.plan(*settings).timeline) == 4


@pytest.mark.parametrize(
    ("setting", "problem"),
    [
        (
            CUE.replace("population: E", "population: F") % "",
            "stimuli.cue.population: got the unknown population `F`, allowed are E, I",
        ),
        (
            CUE.replace("bias", "C") % "",
            "stimuli.cue.parameter: got C, which must not change during a run; allowed are bias",
        ),
        (
            CUE.replace("bias", "noise.rate") % "",
            "stimuli.cue.parameter: got the unknown input of E `noise`, allowed is none",
        ),
        (
            CUE.replace("bias", "baas") % "",
            "stimuli.cue.parameter: got the unknown parameter of cell that may change during a run `baas`, "
            "allowed is bias; did you mean bias?",
        ),
        (
            CUE.replace("100 pA", "100 mV") % "",
            "stimuli.cue.value: got a voltage, allowed is a current in units such as pA",
        ),
        (CUE % ", channel: 0", "stimuli.cue.channel: got 0, E has no channels"),
        (
            CUE % ", fraction: 0.01",
            "stimuli.cue.fraction: got 0.01 of 40 neurons, needed is at least one neuron",
        ),
        (
            CUE % ", times: 3",
            "stimuli.cue: got 3 repetitions without `every`, needed is the period of the stimulus",
        ),
        (
            CUE % ", times: 3, every: 4 ms",
            "stimuli.cue: got repetitions that overlap, allowed is a period of at least the duration",
        ),
        (
            CUE.replace("5 ms", "0.01 ms") % "",
            "stimuli.cue.duration: got a duration that rounds to 0 steps, allowed is at least one step",
        ),
        (
            CUE % ", times: 3, every: 0.01 ms",
            "stimuli.cue.every: got a period that rounds to 0 steps, allowed is at least one step",
        ),
        (
            CUE % ", times: 90000000, every: 10 ms",
            "stimuli.cue.times: got 90000000, allowed are at most 5000000 timed changes",
        ),
        (
            CUE % ", times: 4000000, every: 10 ms",
            "stimuli: got more than 5000000 timed changes, which is the most allowed",
        ),
        (
            "modulators.dopa={cortex: {pulses: [{at: 1 ms, amount: 1, times: 2}]}}",
            "modulators.dopa.cortex.pulses.0: got 2 repetitions without `every`, "
            "needed is the period of the pulse",
        ),
    ],
)
def test_what_a_stimulus_cannot_be_is_refused(tiny, setting, problem):
    assert tiny.refused(setting) == [problem]
