"""What benchmarks/gpu.py computes from a run, against counting by hand; and the script, in emulation."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from neuromod.plan.structure import GroupStructure, ProgramStructure, SynapsesStructure, Variable, rule_tick
from neuromod.program.cache import obtain
from tests.program.same_results import chunks


@pytest.fixture
def scripts(repository: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[ModuleType, ModuleType]:
    """The modules gpu_case and traffic, which are scripts beside each other."""
    monkeypatch.syspath_prepend(str(repository / "benchmarks"))
    import gpu_case
    import traffic

    return gpu_case, traffic


def test_bytes_are_those_of_what_is_read_once_and_written_once(
    scripts: tuple[ModuleType, ModuleType],
) -> None:
    _, traffic = scripts
    cells = (
        Variable("V"),
        Variable("g"),
        Variable("C", "shared"),
        Variable("kept"),
        Variable("n", dtype="integer"),
    )
    group = GroupStructure(
        "cells", 10, cells, update=("out = g*C", "V = V + out", "kept = V", "V += n"), threshold="V > 1.0"
    )
    # V read and written, g read, kept written, n read; C is shared, out is not kept
    assert traffic.moved(cells, (*group.update, group.threshold)) == 8 + 8 + 8 + 8 + 4
    own = (Variable("w"), Variable("c", dtype="single"))
    synapses = SynapsesStructure(
        "s", "cells", (0, 10), "cells", (0, 10), own, ("g_post += w", "c = c - 1"), "uniform",
        on_post=("c = c + V_pre",), ticks=rule_tick(("w = w + c",), 1e-3, order=0),
    )  # fmt: skip
    structure = ProgramStructure(1e-4, (group,), (synapses,))
    # arriving: number of the target, w, c read and written, g read and written; back: two numbers, c twice, V
    assert traffic.event_bytes(structure, synapses) == (4 + 8 + 8 + 16, 8 + 8 + 8)
    assert traffic.step_bytes(structure, {"s": 100}) == 10 * 36 + 100 * (8 + 8 + 4) / 10


def test_synaptic_events_are_those_counted_spike_by_spike(
    scripts: tuple[ModuleType, ModuleType], tmp_path: Path
) -> None:
    gpu_case, _ = scripts
    fused = gpu_case.planned(gpu_case.Case("configs/quickstart.yaml", 0, settings=("record.spikes=all",)))
    inputs, synapses = gpu_case.inputs_of(fused, 3000)
    found = chunks(obtain(fused.structure), inputs, tmp_path / "run")
    assert len(found) == 3
    per_step = gpu_case.events_of(fused, synapses, gpu_case.spikes_of(fused, found))
    sizes = {group.name: group.size for group in fused.structure.groups}
    events = updates = 0
    for plan in fused.sets:
        for own, end, counted in (("source", "i", True), ("target", "j", bool(plan.rules))):
            group = getattr(plan, own)
            degree = np.bincount(inputs[f"array.{plan.name}.{end}"], minlength=sizes[group])
            reached = sum(int(degree[part[f"spikes.cell.{group}"]].sum()) for part in found)
            events += reached if own == "source" else 0
            updates += reached if plan.rules and counted else 0
    assert per_step["events"] * 3000 == pytest.approx(events, rel=0.02)
    assert per_step["updates"] * 3000 == pytest.approx(updates, rel=0.1)
    assert gpu_case.difference(found, found) == "nothing"


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("budget", [600, 2])
def test_the_script_measures_within_its_budget(repository: Path, tmp_path: Path, budget: int) -> None:
    """In the emulation; what is not finished is said, and the exit code tells."""
    words = [sys.executable, repository / "benchmarks/gpu.py", tmp_path, "--emulate", "--cases", "quickstart"]
    words += ["--steps", "1500", "--bandwidth", "3000", "--budget", str(budget)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    row = json.loads((tmp_path / "gpu.json").read_text())["quickstart"]
    page = (tmp_path / "gpu.md").read_text()
    assert "times mean nothing" in page
    if budget < 10:
        assert done.returncode == 1
        assert row["trouble"] == "not finished when the 2 s were over"
        assert row["trouble"] in page
        return
    assert done.returncode == 0, done.stderr
    assert row["differs_from_cpp_in"] in ("nothing", "means, by rounding")
    assert row["cells"] > 2000
    assert row["plastic"] > 1000
    for name in ("construction_s", "load_s", "step_us", "events_per_s", "plastic_updates_per_s"):
        assert row[name] > 0
    assert 0 < row["share_of_bandwidth"] < 1
    assert row["card_bytes_per_synapse"] > 16
