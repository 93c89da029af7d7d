"""What `analyse` computes of a recording: planted rhythms, refusals, and what goes into the tables."""

import numpy as np
import pytest

from neuromod.analysis import rhythms as analysis
from neuromod.analysis.bands import Band
from neuromod.analysis.figures import save
from neuromod.analysis.peaks import Peak
from neuromod.analysis.rhythm_figures import figures
from neuromod.analysis.rhythms import Settings, refusal, rhythms
from neuromod.analysis.tables import curves, parameters, rows, summaries
from neuromod.errors import ConfigError
from neuromod.store.layout import Signal
from tests.analysis.planted import RATE, coupled, pink, wandering_phase

SIZES = {"CA1_PYR": 40, "CA1_PV": 10, "PFC_PYR": 20}
REGIONS = {"CA1_PYR": "hippocampus", "CA1_PV": "hippocampus", "PFC_PYR": "cortex"}


class Rhythmic:
    """12 s: CA1 with gamma nested in theta, to which its cells are locked; PFC with pink noise alone."""

    def __init__(self) -> None:
        rng = np.random.default_rng(0)
        self.duration_ms = 12_000.0
        self.populations = list(SIZES)
        self.signals = [Signal("lfp", name, "lfp", "pA", "", 10, 1) for name in ("CA1_PYR", "PFC_PYR")]
        theta = coupled(rng, 12, jitter=0.0, noise=0.3)
        self.fields = {"CA1_PYR": 100 + theta, "PFC_PYR": 100 + pink(rng, 12)}
        chance = 0.005 * (1 + np.cos(2 * np.pi * 7 * np.arange(12_000) / RATE))
        self.trains = {}
        for name, size in SIZES.items():
            share = chance if name.startswith("CA1") else np.full(12_000, 0.005)
            times, ids = np.nonzero(rng.random((12_000, size)) < share[:, None])
            self.trains[name] = times.astype(float), ids

    def size(self, population):
        return SIZES[population]

    def spikes(self, population):
        return self.trains[population]

    def lfp(self, population):
        return np.arange(self.fields[population].size) * 1e3 / RATE, self.fields[population]


@pytest.fixture(scope="module", autouse=True)
def small_maps():
    """Comodulograms of six pairs: the full ones take most of the time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(analysis, "PHASE_HZ", (5, 7, 9))
        patch.setattr(analysis, "AMPLITUDE_HZ", (50, 70))
        yield


@pytest.fixture(scope="module")
def recording():
    return Rhythmic()


@pytest.fixture(scope="module")
def found(recording):
    return rhythms(recording, Settings(), REGIONS)


def test_a_field_with_rhythms_has_peaks_and_coupling(found):
    one = found.fields[0]
    assert one.theta.frequency_hz == pytest.approx(7, abs=0.5)
    assert one.gamma.frequency_hz == pytest.approx(50, abs=0.5)
    assert one.coupling.p < 0.05
    assert one.refused == ""


def test_a_field_without_rhythms_has_none_and_says_why(found):
    other = found.fields[1]
    assert (other.theta, other.coupling) == (None, None)
    assert other.refused == "no theta peak above the background in 4-12 Hz"


def test_spikes_are_compared_with_the_theta_of_their_region_or_the_first_there_is(found):
    locked = {one.population: one for one in found.locked}
    assert {one.field for one in found.locked} == {"CA1_PYR"}
    assert locked["CA1_PV"].locking.p < 1e-3
    # The spikes stand at the beginning of their step, the field is a mean over 1 ms: half a ms, 1.3 degrees.
    assert abs(np.degrees(locked["CA1_PYR"].locking.phase_rad)) < 10
    assert locked["PFC_PYR"].locking.p > 0.01


def test_rates_are_those_of_the_analysed_part(recording, found):
    times, _ = recording.spikes("PFC_PYR")
    assert found.spikes[2].rate_hz == pytest.approx(np.sum(times >= 1000) / 20 / 11)


@pytest.mark.parametrize(
    ("theta", "gamma", "seconds", "reason"),
    [
        (7.0, 40.0, 9.0, "9 s recorded, 10 s needed"),
        (None, 40.0, 20.0, "no theta peak above the background in 4-12 Hz"),
        (9.8, 40.0, 20.0, "theta peak at 9.8 Hz, outside the phase band 5-9 Hz"),
        (7.0, None, 20.0, "no gamma peak above the background in 30-90 Hz"),
        (7.0, 40.0, 10.0, ""),
    ],
)
def test_a_modulation_index_is_refused_where_it_means_nothing(theta, gamma, seconds, reason):
    peaks = [Peak(hertz, 1.0, 10.0, 0.0) if hertz else None for hertz in (theta, gamma)]
    assert refusal(*peaks, seconds, Settings()) == reason


def test_a_harmonic_of_a_slower_rhythm_is_no_gamma():
    """A pulse train at 17 Hz has power at 34 Hz, and no rhythm there."""
    beta = Rhythmic()
    rng = np.random.default_rng(2)
    time = np.arange(12_000) / RATE
    pulses = np.exp(2 * np.cos(wandering_phase(rng, 12, 17, 1.0)))
    beta.fields["CA1_PYR"] = pulses + 3 * np.cos(2 * np.pi * 7 * time) + 0.5 * pink(rng, 12)
    one = rhythms(beta, Settings(), REGIONS).fields[0]
    assert one.coupling is None
    assert one.refused.startswith("gamma peak at 34.")
    assert "a harmonic of 17." in one.refused or "a harmonic of 16.9" in one.refused


def test_without_gamma_there_is_no_index(recording):
    slow = Rhythmic()
    rng = np.random.default_rng(1)
    slow.fields["CA1_PYR"] = np.cos(2 * np.pi * 7 * np.arange(12_000) / RATE) + 0.3 * pink(rng, 12)
    one = rhythms(slow, Settings(), REGIONS).fields[0]
    assert one.theta is not None
    assert one.coupling is None
    assert one.refused == "no gamma peak above the background in 30-90 Hz"


def test_equal_seeds_give_equal_surrogates_and_others_do_not(recording, found):
    again, other = (rhythms(recording, Settings(seed=seed), REGIONS).fields[0].coupling for seed in (0, 1))
    first = found.fields[0].coupling
    assert again.surrogate_mean == first.surrogate_mean
    assert other.surrogate_mean != first.surrogate_mean
    assert other.index == first.index


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"start_s": 9.0}, "got 9 to 12 s of a run of 12 s, need 4 s or more"),
        ({"stop_s": 13.0}, "got 1 to 13 s of a run of 12 s"),
        ({"start_s": float("nan")}, "window: got nan"),
        ({"gamma": Band(30, 500)}, "allowed is less than 500 Hz"),
        ({"theta": Band(0.1, 0.4)}, "lfp/CA1_PYR: band: got 0.1-0.4 Hz, which holds 0 frequencies"),
    ],
)
def test_settings_that_do_not_fit_the_run_are_refused(recording, options, message):
    with pytest.raises(ConfigError, match=message):
        rhythms(recording, Settings(**options))


def test_few_surrogates_are_refused():
    with pytest.raises(ConfigError, match="got 199, need 200 or more"):
        Settings(surrogates=199)


def test_a_field_that_never_changes_is_refused():
    still = Rhythmic()
    still.fields["PFC_PYR"] = np.zeros(12_000)
    with pytest.raises(ConfigError, match="lfp/PFC_PYR: got a field that never changes"):
        rhythms(still, Settings())


def test_a_run_without_fields_has_spikes_only():
    bare = Rhythmic()
    bare.signals = []
    tables = summaries(rhythms(bare, Settings()))
    assert [table.name for table in tables] == ["spikes"]


def test_tables_have_a_row_for_each_and_none_for_what_is_not_known(found):
    tables = {table.name: rows(table) for table in summaries(found)}
    assert list(tables) == ["fields", "coherence", "spikes", "locking"]
    assert [row["field"] for row in tables["fields"]] == ["CA1_PYR", "PFC_PYR"]
    assert tables["fields"][1]["mi"] is None
    assert tables["coherence"][0]["level"] == pytest.approx(1 - 0.05 ** (1 / 14))
    assert {table.name.split("/")[0] for table in curves(found)} == {
        "spectrum",
        "coupling",
        "comodulogram",
        "coherence_spectrum",
    }
    assert parameters(found)["start_s"] == 1


def test_every_field_has_a_figure_and_every_axis_a_label(recording, found, tmp_path):
    drawn = figures(recording, found)
    assert list(drawn) == ["rhythms_CA1_PYR", "rhythms_PFC_PYR", "coherence"]
    axes = [a for a in drawn["rhythms_CA1_PYR"].axes if a.get_label() != "<colorbar>"]
    assert [a.get_ylabel() for a in axes] == [
        "",
        "LFP proxy (pA)",
        "gamma (pA)",
        "power (pA²/Hz)",
        "frequency of amplitude (Hz)",
        "gamma amplitude / mean",
        "frequency (Hz)",
        "spikes / mean",
    ]
    words = [text.get_text() for a in drawn["rhythms_PFC_PYR"].axes for text in a.texts]
    assert any("no theta peak" in text.replace("\n", " ") for text in words)
    paths = save(drawn["coherence"], tmp_path / "coherence")
    assert all(path.stat().st_size for path in paths)
