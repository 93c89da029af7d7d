"""Levels of whole runs: release by listed spikes, manipulations, and triggers."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from neuromod.errors import ConfigError
from neuromod.simulation.execute import run
from neuromod.simulation.progress import Silent
from neuromod.store.reader import open_results

HERE = Path(__file__).parent
DT = 1e-4
Level = np.ndarray
Runs = Callable[..., dict[str, Level]]
COINCIDENCES = {
    0: [100.0, 200.0, 300.0, 400.0],
    1: [50.0, 110.0, 115.0, 220.0, 320.1, 400.0],
    2: [305.0, 340.0, 410.0],
    3: [310.0, 460.0],
}
"""Times in ms of the spikes of each cell."""


def listed(spikes: dict[int, list[float]]) -> str:
    """A table of spikes."""
    rows = sorted((time, cell) for cell, times in spikes.items() for time in times)
    return "\n".join(["timestamps,node_ids", *(f"{time},{cell}" for time, cell in rows)]) + "\n"


@pytest.fixture
def levels(tmp_path: Path) -> Runs:
    """Runs the config with settings, as `runs/<name>`; the recorded levels by `modulator_region`."""
    folder = tmp_path / "configs"
    (folder / "models/neuromodulators").mkdir(parents=True)
    (folder / "models/neuromodulators/m.yaml").write_text((HERE / "levels_model.yaml").read_text())
    (folder / "levels.yaml").write_text((HERE / "levels.yaml").read_text())

    def simulated(
        *settings: str, spikes: dict[int, list[float]] | None = None, name: str = "here"
    ) -> dict[str, Level]:
        (folder / "spikes.csv").write_text(listed(COINCIDENCES if spikes is None else spikes))
        done = run(
            folder / "levels.yaml", settings=settings, output=tmp_path / "runs" / name, progress=Silent()
        )
        with open_results(done.results) as results:
            names = [signal.name for signal in results.signals if signal.kind == "modulators"]
            return {name: results.modulator(name)[1] for name in names}

    return simulated


def arrivals(delay_ms: float) -> list[int]:
    """First samples (one per step) that show the release of each spike."""
    times = [time for times in COINCIDENCES.values() for time in times]
    return sorted(round((time + delay_ms) / 0.1) + 1 for time in times)


def test_release_fades_exponentially_after_its_delay(levels: Runs) -> None:
    found = levels()["m_cortex"]
    expected = np.exp(-np.arange(6000) * DT / 0.3)
    for first in arrivals(3):
        expected[first:] += 1 / (4 * 5 * 0.3) * np.exp(-np.arange(6000 - first) * DT / 0.3)
    assert found == pytest.approx(expected, rel=1e-11)


def test_release_into_a_pool_arrives_with_its_rise_time(levels: Runs) -> None:
    found = levels()["m_hippocampus"]
    fast, slow, t = 1 / 0.05, 1 / 0.4, np.arange(6000) * DT

    def arrived(since: Level) -> Level:
        return fast / (fast - slow) * (np.exp(-slow * since) - np.exp(-fast * since))

    expected = np.exp(-slow * t) + 0.05 / 0.4 * arrived(t)
    for first in arrivals(0):
        expected[first:] += 1 / (4 * 5 * 0.4) * arrived(t[: 6000 - first])
    assert found == pytest.approx(expected, rel=1e-10)


def midpoint(level: float, source: float = 0.0, vmax: float = 44.4, km: float = 2.22) -> tuple[float, float]:
    """Level in the middle and at the end of a step under uptake."""
    middle = level + 0.5 * DT * (source - vmax * level / (km + level))
    return middle, level + DT * (source - vmax * middle / (km + middle))


@pytest.mark.parametrize("strength", [0, 0.8])
def test_release_under_uptake_is_what_the_tonic_level_needs_and_an_autoreceptor_limits_it(
    levels: Runs, strength: float
) -> None:
    busy = {cell: list(np.arange(5.0 + cell, 590, 20).round(1)) for cell in range(4)}
    found = levels(f"modulators.m.striatum.autoreceptor.strength={strength}", spikes=busy)["m_striatum"]
    coming = np.zeros(7000)
    for times in busy.values():
        coming[np.rint((np.array(times) + 7.5) / 0.1).astype(int)] += 1
    quantum, level, expected = 44.4 / (2.22 + 1) / (4 * 5), 1.0, []
    for step in range(6000):
        expected.append(level)
        middle, level = midpoint(level)
        bound, tonic = middle / (middle + 0.5), 1 / 1.5
        rho = (bound - tonic) / ((1 - tonic) if middle >= 1 else tonic)
        level += coming[step] * quantum * max(0.0, 1 - strength * rho)
    assert found == pytest.approx(np.array(expected), rel=1e-10)
    assert max(found) > 3


def test_a_dose_scales_the_release_of_a_nucleus(levels: Runs) -> None:
    one, two = levels(name="one"), levels("modulators.m.cortex.dose=2.5", name="two")
    assert two["m_cortex"] == pytest.approx(2.5 * one["m_cortex"], rel=1e-12)
    assert np.array_equal(one["m_striatum"], two["m_striatum"])


def test_a_state_scales_the_release_of_a_nucleus(levels: Runs) -> None:
    silent = {0: [], 1: [100.0, 300.0]}
    found = levels("states=[{at: 0 s, state: awake}, {at: 200 ms, state: asleep}]", spikes=silent)["m_cortex"]
    jumps = np.diff(found, append=0)[[1030, 3030]] + found[[1030, 3030]] * (1 - np.exp(-DT / 0.3))
    assert jumps == pytest.approx(np.array([1, 0.4]) / (4 * 5 * 0.3), rel=1e-9)


@pytest.mark.parametrize(("how", "value"), [("clamp=0.7", 0.7), ("lesion=true", 0.0)])
def test_a_clamped_or_lesioned_level_ignores_all_release(levels: Runs, how: str, value: float) -> None:
    found = levels(f"modulators.m.striatum.{how}", f"modulators.fixed.cortex.{how}")
    assert set(found["m_striatum"]) == set(found["fixed_cortex"]) == {value}
    assert np.ptp(found["m_cortex"]) > 0.1


def test_a_mean_clamp_holds_the_mean_of_an_earlier_run(levels: Runs) -> None:
    before = levels(name="before")
    found = levels("modulators.m.cortex.mean_clamp=../runs/before", name="after")
    assert set(found["m_cortex"]) == {before["m_cortex"].mean()}
    assert np.array_equal(found["m_striatum"], before["m_striatum"])


def test_a_shuffled_level_has_the_trials_of_an_earlier_run_in_another_order(levels: Runs) -> None:
    before = levels(name="before")["m_cortex"]
    shuffle = "shuffle={results: ../runs/before/results.h5, trial: 50 ms, start: 100 ms}"
    orders = set()
    for seed in (1, 2):
        found = levels(f"modulators.m.cortex.{shuffle}", f"seed={seed}", name=f"after{seed}")["m_cortex"]
        # a level that is set at the begin of a step is sampled one step later
        assert np.array_equal(found[1:1001], before[:1000])
        trials, original = found[1001:].tolist(), before[1000:].reshape(10, 500)
        pieces = [trials[k : k + 499] for k in range(0, 5000, 500)]
        order = [next(k for k in range(10) if original[k, :499].tolist() == piece) for piece in pieces]
        assert sorted(order) == list(range(10))
        assert order != sorted(order)
        orders.add(tuple(order))
    assert len(orders) == 2


def jumps(level: Level) -> tuple[list[float], list[float]]:
    """Times in ms of the releases into a level that hardly fades, and their amounts."""
    change = np.diff(level)
    steps = np.flatnonzero(np.abs(change) > 1e-3)
    return (steps * 0.1).round(1).tolist(), change[steps].round(6).tolist()


def test_a_coincidence_counts_within_its_window_only(levels: Runs) -> None:
    times, amounts = jumps(levels()["fixed_cortex"])
    assert times == [140.0, 145.0, 250.0]
    assert amounts == [2, 2, 2]


def test_no_event_counts_before_the_start_or_after_the_stop(levels: Runs) -> None:
    found = levels("triggers.one.start=111 ms", "triggers.one.stop=220 ms", name="inside")
    assert jumps(found["fixed_cortex"])[0] == [145.0]
    found = levels("triggers.one.start=110 ms", "triggers.one.stop=220.1 ms", name="just")
    assert jumps(found["fixed_cortex"])[0] == [140.0, 145.0, 250.0]


def many(count: int) -> dict[int, list[float]]:
    """Coincidences every 5 ms."""
    times = np.arange(count) * 5.0 + 10
    return {0: list(times), 1: list(times + 1)}


def test_drawn_delays_fill_their_range_and_follow_the_seed(levels: Runs) -> None:
    found = {seed: levels(f"seed={seed}", spikes=many(5), name=f"s{seed}") for seed in range(6)}
    events = 11 + 5 * np.arange(5)
    delays = np.concatenate([sorted(jumps(found[seed]["drawn_cortex"])[0]) - events for seed in found])
    assert sum(len(jumps(found[seed]["drawn_cortex"])[0]) for seed in found) == 30
    late = np.concatenate([jumps(found[seed]["drawn_cortex"])[0] for seed in found])
    assert late.min() >= 11 + 20
    assert late.max() <= 31 + 60
    assert delays.mean() == pytest.approx(40, abs=4 * 40 / np.sqrt(12 * 30))
    assert jumps(found[0]["drawn_cortex"]) != jumps(found[1]["drawn_cortex"])
    lognormal = np.concatenate([sorted(jumps(found[s]["lognormal_cortex"])[0]) - events for s in found])
    assert lognormal.mean() == pytest.approx(40, abs=4 * 10 / np.sqrt(30))
    assert 5 < lognormal.std() < 15


def test_more_releases_than_slots_are_all_released(levels: Runs) -> None:
    found = levels("triggers.one.delay=400 ms", spikes=many(50))["fixed_cortex"]
    times, amounts = jumps(found)
    assert times == (411 + 5.0 * np.arange(32)).tolist()
    assert amounts == pytest.approx([4.0] * 18 + [2.0] * 14, rel=1e-5)


def test_spikes_are_counted_in_consecutive_windows(levels: Runs) -> None:
    found = levels()
    # 50-ms windows from 0 s: [100, 150) has 3 spikes at 115 ms, [300, 350) at 310 ms, [400, 450) at 410 ms;
    # a count that is reached without delay releases in the next step
    times, amounts = jumps(found["counted_cortex"])
    assert times == [115.1, 310.1, 410.1]
    assert amounts == [1, 1, 1]
    assert found["counted_striatum"][-1] == pytest.approx(
        sum(0.5 * (1 - np.exp(-(600 - t) / 1000)) for t in (115, 310, 410)), rel=1e-3
    )


def test_windows_begin_at_the_start(levels: Runs) -> None:
    found = levels("triggers.four.start=290 ms", "triggers.four.count.window=30 ms")
    assert jumps(found["counted_cortex"])[0] == [310.1]


def test_triggers_respect_the_dose(levels: Runs) -> None:
    found = levels("modulators.fixed.cortex.dose=0.5")
    assert jumps(found["fixed_cortex"])[1] == [1, 1, 1]


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("modulators.m.cortex.mean_clamp=../runs/no", "no results file or directory"),
        ("modulators.m.cortex.mean_clamp=../../../etc", "lies outside the folder"),
        ("modulators.m.cortex.mean_clamp=spikes.csv", "got spikes.csv, which gives no level of m_cortex"),
        ("modulators.new={cortex: {decay: 1 s, mean_clamp: ../runs/before}}", "no level of new_cortex"),
        ("modulators.m.cortex.shuffle={results: ../runs/before, trial: 0.15 ms}", "a multiple of 0.1 ms"),
        ("modulators.m.cortex.shuffle={results: ../runs/before, trial: 400 ms}", "at least two"),
    ],
)
def test_an_earlier_run_that_does_not_fit_is_refused(levels: Runs, setting: str, message: str) -> None:
    levels(name="before")
    with pytest.raises(ConfigError, match=message):
        levels(setting, name="after")


def test_a_shuffled_level_must_be_as_long_as_the_run(levels: Runs) -> None:
    levels(name="before")
    shuffle = "modulators.m.cortex.shuffle={results: ../runs/before, trial: 50 ms}"
    with pytest.raises(ConfigError, match="allowed is at most the duration"):
        levels(shuffle, "duration=700 ms", name="after")
