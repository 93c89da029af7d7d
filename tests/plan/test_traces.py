"""Traces of spikes that are kept scaled: their rows, their restarts, and the time constants they allow."""

from __future__ import annotations

import numpy as np
import pytest

from neuromod import reference_math
from neuromod.plan.features import Features, Trace
from neuromod.plan.terminals import Terminals
from neuromod.plan.traces import SHORTEST, trace_arrays, trace_group, trace_rows

SLOW, FAST = Trace("trace_own_0", 0.02, True), Trace("trace_late_0", SHORTEST, False, nearest=True)
NEEDS = Terminals(
    features={
        "A": Features({}, {}, frozenset({SLOW, FAST})),
        "B": Features({}, {}, frozenset({SLOW})),
    }
)


def test_populations_with_one_kind_of_trace_share_its_row() -> None:
    assert trace_rows(NEEDS) == {"trace_late_0": 0, "trace_own_0": 1}
    assert trace_group(NEEDS, 1e-4).size == 2


@pytest.mark.parametrize("dt", [1e-5, 1e-4, 3e-4, 1e-3])
def test_a_restart_is_a_whole_number_of_steps_away_and_no_number_leaves_its_range(dt: float) -> None:
    (tick,) = trace_group(NEEDS, dt).ticks
    steps = tick.period / dt
    assert steps >= 1
    assert steps == pytest.approx(round(steps))
    assert np.all(1.0 / trace_arrays(NEEDS, dt)["decay"] ** steps < 1e200)


def test_a_trace_fades_by_its_time_constant() -> None:
    decay = trace_arrays(NEEDS, 1e-4)["decay"]
    assert decay.tolist() == [reference_math.exp(-1e-4 / tau) for tau in (SHORTEST, 0.02)]
