import pytest

from neuromod.plan.estimate import estimate, synaptic_bytes
from tests.plan.keeping import keeping

QUIET = ("record.spikes=none", "record.rates=null", "record.modulators=null")


def test_counts_are_those_of_the_plan(tiny):
    found = estimate(tiny.plan())
    assert (found.neurons, found.synapses, found.plastic_synapses) == (50, 50.0, 0.0)


LEARN = "{rule: learn, modulator: dopa}"
DOPA = "modulators.dopa={cortex: {}}"


@pytest.mark.parametrize(
    ("plasticity", "size"),
    [
        ("null", 24),
        (LEARN, 20 + 16),
        (LEARN.replace("}", f", also: [{LEARN}]}}"), 20 + 24 + 8),
        ("{rule: settle}", 20 + 24),
    ],
)
def test_a_synapse_takes_memory_for_all_that_its_rules_keep(tiny, plasticity, size):
    plan = keeping(tiny).plan(f"projections.E->I.plasticity={plasticity}", DOPA)
    assert synaptic_bytes(plan) == 50 * size


def test_single_precision_halves_what_rules_keep(tiny):
    setting = f"projections.E->I.plasticity={LEARN}"
    double, single = (
        synaptic_bytes(tiny.plan(setting, DOPA, f"precision={p}")) for p in ("double", "single")
    )
    assert double - single == 50 * 8


def test_memory_is_that_of_drawing_the_synapses_unless_running_takes_more(tiny):
    plain, more = (tiny.plan(f"projections.E->I.connect.in_degree={n}") for n in (5, 10))
    assert estimate(more).memory_bytes - estimate(plain).memory_bytes == 50 * 50
    rules = ", ".join([LEARN] * 8)
    heavy = tiny.plan(f"projections.E->I.plasticity={LEARN.replace('}', f', also: [{rules}]}}')}", DOPA)
    assert estimate(heavy).memory_bytes - estimate(plain).memory_bytes == 50 * (20 + 10 * 8 + 9 * 4 - 50)


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
        ("record.weights=[{projection: E->I, every: 100 ms, synapses: 20}]", 8 * 20 * 10),
        ("record.weights=[{projection: E->I, every: 100 ms, synapses: 60}]", 8 * 50 * 10),
        ("record.weights=[{projection: E->I, every: 100 ms, synapses: [3, 1]}]", 8 * 2 * 10),
    ],
)
def test_disk_grows_with_everything_recorded(tiny, setting, bytes_per_second):
    assert estimate(tiny.plan(*QUIET)).disk_bytes_per_second == 0
    assert estimate(tiny.plan(*QUIET, setting)).disk_bytes_per_second == pytest.approx(bytes_per_second)


def test_variables_of_rules_are_counted_beside_the_weights(tiny):
    network = (f"projections.E->I.plasticity={LEARN}", DOPA, *QUIET)
    wish = "record.weights=[{projection: E->I, every: 100 ms, variables: [%s], synapses: 5}]"
    plain, more = (estimate(tiny.plan(*network, wish % names)) for names in ("", "c"))
    assert more.disk_bytes_per_second - plain.disk_bytes_per_second == pytest.approx(8 * 5 * 10)


@pytest.mark.parametrize(("drives", "signals"), [("none", 2), ("used", 2), ("[D9]", 4), ("[D9, D8]", 6)])
def test_drives_are_counted_in_every_region_that_has_the_receptor(tiny, drives, signals):
    regions = ("modulators.bind={cortex: {}, striatum: {}}", "populations.I.region=striatum")
    found = keeping(tiny).plan(*regions, *QUIET[:2], f"record.modulators={{every: 10 ms, drives: {drives}}}")
    assert estimate(found).disk_bytes_per_second == pytest.approx(8 * signals * 100)


def test_the_lines_say_it_in_words(tiny):
    lines = estimate(tiny.plan("scale=1000")).lines()
    assert lines[0] == "50,000 neurons, 50,000 synapses"
    assert lines[1] == "about 12.5 MB of memory"
    assert len(lines) == 4
