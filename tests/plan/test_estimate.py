import pytest

from neuromod.plan.estimate import estimate

QUIET = ("record.spikes=none", "record.rates=null", "record.modulators=null")


def test_counts_are_those_of_the_plan(tiny):
    found = estimate(tiny.plan())
    assert (found.neurons, found.synapses, found.plastic_synapses) == (50, 50.0, 0.0)


def test_plastic_synapses_take_more_memory(tiny):
    plastic = tiny.plan(
        "projections.E->I.plasticity={rule: learn, modulator: dopa}", "modulators.dopa={cortex: {}}"
    )
    assert estimate(plastic).plastic_synapses == 50
    assert estimate(plastic).memory_bytes - estimate(tiny.plan()).memory_bytes == 50 * (62 - 40)


def test_time_grows_with_neuron_steps_and_with_events_at_the_target_rates(tiny):
    found = estimate(tiny.plan("populations.E.target_rate=[10 Hz, 30 Hz]", "duration=2 s"))
    assert found.seconds_per_second == pytest.approx(50 * 10_000 * 8e-9 + 50 * 20 * 12e-9)
    assert found.run_seconds == pytest.approx(2 * found.seconds_per_second)


@pytest.mark.parametrize(
    ("setting", "bytes_per_second"),
    [
        ("record.spikes=[I]", 16 * 10 * 5),
        ("record.rates={bin: 20 ms}", 8 * 2 * 50),
        ("record.lfp=[I]", 8 * 1000),
        (
            "record.states=[{population: I, variables: [V, g_fast], neurons: 20, every: 2 ms}]",
            8 * 10 * 2 * 500,
        ),
        ("record.states=[{population: I, variables: [V], neurons: [3, 4]}]", 8 * 2 * 1000),
        ("record.weights=[{projection: E->I, every: 100 ms}]", 8 * 50 * 10),
    ],
)
def test_disk_grows_with_everything_recorded(tiny, setting, bytes_per_second):
    assert estimate(tiny.plan(*QUIET)).disk_bytes_per_second == 0
    assert estimate(tiny.plan(*QUIET, setting)).disk_bytes_per_second == pytest.approx(bytes_per_second)


def test_the_lines_say_it_in_words(tiny):
    lines = estimate(tiny.plan("scale=1000")).lines()
    assert lines[0] == "50,000 neurons, 50,000 synapses"
    assert lines[1] == "about 12 MB of memory"
    assert len(lines) == 4
