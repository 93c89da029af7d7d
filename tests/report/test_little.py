"""A run of which little was recorded: rates without spikes, and the trials of a task."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from neuromod.report.activity import activities
from neuromod.report.build import build
from neuromod.report.planned import planned
from neuromod.simulation.trial_log import FIXED
from neuromod.store.layout import Layout, SegmentData, Signal, Table
from neuromod.store.provenance import PopulationInfo, Provenance
from neuromod.store.reader import Results, open_results
from neuromod.store.results import write_results
from neuromod.store.segments import write_segment

STEPS, BIN = 60_000, 100
"""6 s; bins of 10 ms."""
PLAN = '{"name": "little", "duration_s": 6, "populations": {"E": {"target_rate_hz": [2, 8]}}}'


@pytest.fixture(params=[0, 4], ids=["no trial", "four trials"])
def little(request: pytest.FixtureRequest, tmp_path: Path) -> Results:
    """The rate of E is 3 Hz, from 3.5 s on 6 Hz, and for 100 ms at 5 s 40 Hz."""
    rate = np.where(np.arange(STEPS // BIN) < 350, 3.0, 6.0)
    rate[500:510] = 40.0
    trials = np.zeros((request.param, len(FIXED)))
    trials[:, 0] = np.arange(request.param)
    signal = Signal("rates", "E", "rate", "Hz", "mean rate", BIN, 1)
    layout = Layout(1e-4, (), (signal,), Table(FIXED))
    write_segment(tmp_path, 0, layout, SegmentData(0, STEPS, {}, {signal.key: rate[:, None]}, trials))
    about = Provenance("", "{}", PLAN, "", {}, 1, populations={"E": PopulationInfo(50, "cortex", "lif")})
    write_results(tmp_path, layout, about)
    return open_results(tmp_path)


def test_rates_stand_for_spikes_that_were_not_recorded(little: Results) -> None:
    [found] = activities(little, planned(little.provenance()), 1000.0, 6000.0)
    mean = (250 * 3 + 240 * 6 + 10 * 40) / 500
    assert found.rate.hz == pytest.approx(mean)
    assert found.rate.verdict == "ok"
    assert found.halves == pytest.approx((3.0, (240 * 6 + 10 * 40) / 250))
    assert found.highest == pytest.approx(40)
    assert found.spikes == round(mean * 5 * 50)
    assert np.isnan(found.spread).all()


def test_the_page_has_the_trials_and_no_empty_overview(little: Results) -> None:
    built = build(little)
    sections = {section.name: section for section in built.report.sections}
    ended = len(little.trials()["trial"])
    assert len(sections["behaviour"].tables) == (ended > 0)
    assert [image.name for image in sections["behaviour"].images] == ["behaviour"] * (ended > 0)
    assert [image.name for image in sections["activity"].images] == ["rates"]
    [row] = sections["activity"].tables[0].rows
    assert row[4] == ""
