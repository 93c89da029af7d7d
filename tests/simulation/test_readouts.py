"""What is read of plastic synapses while they learn: exact at the moment, and without a trace."""

from pathlib import Path

import numpy as np
import pytest

from neuromod.errors import ConfigError
from neuromod.simulation.execute import run
from neuromod.simulation.progress import Silent
from neuromod.store.reader import Results, open_results

MODELS = {
    "plasticity/keep.yaml": """
kind: plasticity
title: Two eligibilities, a state, and a variable of the cell
evidence: D
parameters:
  A: {unit: nS, default: 0.05 nS, description: amplitude}
  tau: {unit: ms, default: 20 ms, description: window}
  fast: {unit: s, default: 0.3 s, description: decay of the first eligibility}
  slow: {unit: s, default: 0.7 s, description: decay of the second one}
  eta: {unit: 1/s, default: 2 1/s, description: rate}
  h: {unit: nS, default: 0.2 nS, description: strength of the state}
  low: {unit: nS, default: 0 nS, description: lowest}
  high: {unit: nS, default: 0.6 nS, description: highest}
traces:
  x: {of: pre, tau: tau}
  y: {of: post, tau: tau}
eligibility:
  c: {tau: fast, at_pre: -A*y, converted: eta*rho_D9}
  f: {tau: slow, at_post: A*x, converted: eta*rho_D9}
state:
  z: {unit: "1", description: number of presynaptic events}
cell:
  p: {unit: pA, description: number of ticks}
tick: 0.1 s
at_pre: [z += 1]
cell_tick: [p += 2*pA]
transmitted: w + h*z*(1 + 0.5*rho_D9)
bounds: [low, high]
""",
    "neuromodulators/bind.yaml": """
kind: neuromodulator
title: A neuromodulator with a receptor
evidence: D
decay: {striatum: 0.3 s}
receptors:
  D9: {K: 2, n: 2}
""",
}
CONFIG = """
neuromod: 1
name: kept
duration: 450 ms
seed: 5
models: [models]
modulators: {bind: {striatum: {pulses: [{at: 55 ms, amount: 4}, {at: 350 ms, amount: -2.2}]}}}
populations:
  CUE: {neuron: poisson_cell, size: 12, parameters: {rate: 30 Hz}}
  CELL: {neuron: adex, size: 6, region: striatum, parameters: {I_bias: 900 pA}}
projections:
  CUE->CELL:
    receptor: ampa
    connect: {in_degree: 6}
    weight: {uniform: [0.4 nS, 0.6 nS]}
    delay: 2 ms
    plasticity: {rule: keep}
  CUE->CELL:second:
    receptor: ampa
    connect: {in_degree: 3}
    weight: 0.3 nS
    delay: 2 ms
    plasticity: {rule: keep, parameters: {fast: 0.1 s, high: 0.5 nS}}
record:
  states: [{population: CELL, variables: [cell_keep_p], neurons: 2, every: 50 ms}]
  weights:
    - {projection: CUE->CELL, every: 0.1 ms, variables: [c, f, z, transmitted]}
    - {projection: CUE->CELL:second, every: 0.1 ms, variables: [f, c], synapses: [9, 2]}
  modulators: {every: 0.1 ms}
guards: {silence: ignore}
"""
DT, TAUS, ETA = 1e-4, {"c": 0.3, "f": 0.7}, 2.0
MAIN, SECOND = "CUE->CELL", "CUE->CELL:second"


class Kept:
    """Runs the config with settings."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name, text in MODELS.items():
            path = folder / "models" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        (folder / "kept.yaml").write_text(CONFIG)

    def run(self, name: str, *settings: str, backend: str = "cpp") -> Results:
        """Results, which stay open."""
        output = self.folder / name
        run(self.folder / "kept.yaml", settings=settings, output=output, backend=backend, progress=Silent())
        return open_results(output)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    return Kept(tmp_path_factory.mktemp("kept"))


@pytest.fixture(scope="module", params=["cpp", pytest.param("runtime", marks=pytest.mark.slow)])
def results(kept: Kept, request: pytest.FixtureRequest) -> Results:
    return kept.run(f"all-{request.param}", backend=request.param)


def events(results: Results, projection: str) -> np.ndarray:
    """Steps (samples, synapses) in which a synapse had a spike of either side."""
    ids, steps = results.synapses(projection), round(results.duration_ms / results.dt_ms)
    found = np.zeros((steps, ids.source.size), bool)
    for population, ends, delay in (("CUE", ids.source, 20), ("CELL", ids.target, 0)):
        times, cells = results.spikes(population)
        at = np.rint(times / results.dt_ms).astype(int) + delay
        for synapse, end in enumerate(ends):
            mine = at[cells == end]
            found[mine[mine < steps], synapse] = True
    return found


def converted(results: Results) -> np.ndarray:
    """Third factor (samples, 1): the drive recorded at a moment is that of the step before."""
    return ETA * np.append(results.drive("bind_striatum", "D9")[1][1:], np.nan)[:, None]


def test_between_events_eligibilities_decay_and_weights_follow_them(results: Results) -> None:
    quiet = ~events(results, MAIN)[:-1]
    weight = results.weights(MAIN)[1]
    expected = weight[:-1].copy()
    for name, tau in TAUS.items():
        values, q = results.weights(MAIN, name)[1], np.exp(-DT / tau)
        assert np.abs(values).max() > 0.01
        # Sums of some thousand terms, each rounded once.
        assert values[1:][quiet] == pytest.approx((q * values[:-1])[quiet], rel=1e-12, abs=1e-14)
        expected += values[:-1] * tau * (1 - q) * converted(results)[:-1]
    # A bound acts at events and in what is read, so that a step from a bound shows less than it moved.
    free = quiet & (weight[1:] < 0.6) & (weight[:-1] < 0.6)
    assert np.ptp(weight, axis=0).max() > 0.05
    assert weight[1:][free] == pytest.approx(expected[free], rel=1e-12)


def test_weights_that_are_read_lie_within_their_bounds(results: Results) -> None:
    assert results.weights(MAIN)[1].max() == 0.6
    assert results.weights(SECOND)[1].max() <= 0.5


def test_the_drive_is_that_of_the_level_half_a_step_before(results: Results) -> None:
    level, drive = results.modulator("bind_striatum")[1], results.drive("bind_striatum", "D9")[1]
    between = slice(round(55 / results.dt_ms) + 2, round(350 / results.dt_ms))
    mid = 1 + (level[between] - 1) / np.exp(-0.5 * DT / 0.3)
    bound, tonic = mid**2 / (mid**2 + 4), 1 / 5
    assert level[between].max() > 4.9
    assert drive[between] == pytest.approx((bound - tonic) / (1 - tonic), rel=1e-11)
    assert drive.min() < -0.5


def test_what_is_transmitted_follows_weight_state_and_drive(results: Results) -> None:
    weight, z, sent = (results.weights(MAIN, name)[1] for name in ("weight", "z", "transmitted"))
    drive = results.drive("bind_striatum", "D9")[1][:, None]
    assert z.max() > 5
    assert sent == pytest.approx(weight + 0.2 * z * (1 + 0.5 * drive), rel=1e-12)


def test_a_state_of_synapses_counts_their_events(results: Results) -> None:
    times, cells = results.spikes("CUE")
    ids = results.synapses(MAIN)
    arrived = [np.count_nonzero((cells == source) & (times + 2 < 449.85)) for source in ids.source]
    assert results.weights(MAIN, "z")[1][-1].tolist() == arrived


def test_a_variable_of_cells_is_recorded_with_their_states(results: Results) -> None:
    values = results.report("CELL", "cell_keep_p")[1]
    # Samples are taken before the tick of the same moment.
    assert values[:, 0].tolist() == [0, 0, 0, 2, 2, 4, 4, 6, 6]
    assert next(s.unit for s in results.signals if s.variable == "cell_keep_p") == "pA"


def test_some_synapses_are_those_columns_of_all(kept: Kept, results: Results) -> None:
    projection = f"record.weights=[{{projection: {SECOND}, every: 0.1 ms, variables: [c]}}]"
    everything = kept.run(f"columns-{id(results)}", projection)
    assert everything.weights(SECOND)[1].shape[1] == 18
    for name in ("weight", "c"):
        assert np.array_equal(
            results.weights(SECOND, name)[1], everything.weights(SECOND, name)[1][:, [9, 2]]
        )
    some, all_of_them = results.synapses(SECOND), everything.synapses(SECOND)
    assert some.source.tolist() == all_of_them.source[[9, 2]].tolist()
    assert some.target.tolist() == all_of_them.target[[9, 2]].tolist()
    assert some.numbers == (9, 2)


def test_reading_often_or_hardly_ever_leaves_the_same_weights(kept: Kept, results: Results) -> None:
    wish = f"record.weights=[{{projection: {MAIN}, every: 440 ms}}]"
    backend = str(results.provenance().run["backend"])
    hardly = kept.run(f"hardly-{backend}", wish, "record.modulators=null", backend=backend)
    assert np.array_equal(results.weights(MAIN)[1][4400], hardly.weights(MAIN)[1][1])
    for population in ("CUE", "CELL"):
        assert np.array_equal(results.spikes(population), hardly.spikes(population))


def test_drives_that_nothing_follows_are_recorded_when_they_are_named(kept: Kept) -> None:
    quiet = ("record.states=[]", "record.weights=[]", "projections={}")
    named = kept.run("named", *quiet, "record.modulators={every: 10 ms, drives: [D9]}")
    assert named.drive("bind_striatum", "D9")[1].max() > 0.5
    with pytest.raises(ConfigError, match="variable of bind_striatum: got rho_D9, recorded are level"):
        kept.run("unused", *quiet).drive("bind_striatum", "D9")


def test_a_synapse_beyond_those_that_were_drawn_is_refused(kept: Kept) -> None:
    drawn = "projections.CUE->CELL.connect={probability: 0.5}"
    with pytest.raises(
        ConfigError, match=r"record.weights: got the synapse 999 of CUE->CELL; allowed are 0 to"
    ):
        kept.run("beyond", drawn, f"record.weights=[{{projection: {MAIN}, synapses: [999]}}]")


def test_more_synapses_than_there_are_means_all(kept: Kept) -> None:
    most = kept.run("most", f"record.weights=[{{projection: {MAIN}, synapses: 1000, every: 0.1 s}}]")
    assert most.weights(MAIN)[1].shape == (5, 36)
