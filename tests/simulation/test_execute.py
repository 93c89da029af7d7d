"""From a config file to results: what changes without compiling, what is reported, what is left behind."""

import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

import neuromod.simulation.inputs as inputs
from neuromod.errors import BackendError, OutputError
from neuromod.program.cpp import find_compiler
from neuromod.simulation.backends import choose
from neuromod.store.reader import open_results
from tests.simulation.conftest import Runner

CHANGES = [
    "seed=1",
    "duration=700 ms",
    "populations.CELL.parameters.I_bias=920 pA",
    "projections.SOURCE->CELL.weight=2 nS",
    "projections.SOURCE->CELL.connect.probability=0.6",
    "projections.CELL->CELL.connect.in_degree=7",
    "projections.CELL->CELL.delay=3 ms",
    "stimuli.push.start=200 ms",
    "record.spikes=none",
    "record.states=[{population: CELL, variables: [V]}]",
    "populations.CELL.initial.V=-60 mV",
]


def test_nothing_but_structure_is_compiled(
    simulate: Runner, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    simulate()
    log = tmp_path / "calls"
    wrapper = tmp_path / "compiler"
    compiler = find_compiler()
    assert compiler is not None
    wrapper.write_text(f'#!/bin/sh\necho "$@" >> {log}\nexec {compiler.path} "$@"\n')
    wrapper.chmod(0o755)
    monkeypatch.setenv("CXX", str(wrapper))
    find_compiler.cache_clear()
    try:
        built = [change for change in CHANGES if simulate(change).built]
    finally:
        find_compiler.cache_clear()
    assert built == []
    assert set(log.read_text().split("\n")) == {"--version", ""}


def test_a_warm_run_never_imports_brian2(simulate: Runner, config: Path, tmp_path: Path) -> None:
    simulate()
    code = (
        "import sys; from pathlib import Path; from neuromod.simulation.execute import run; "
        f"run(Path({str(config)!r}), output=Path({str(tmp_path / 'warm')!r})); print('brian2' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_a_changed_parameter_reaches_the_program(simulate: Runner) -> None:
    rates = [simulate(f"populations.CELL.parameters.I_bias={pA} pA").rates[1].hz for pA in (700, 900, 1200)]
    assert rates[0] < rates[1] < rates[2]


def test_a_stimulus_acts_only_while_it_is_on(simulate: Runner) -> None:
    with open_results(simulate("stimuli.push.value=2.5 nA").directory) as results:
        times, _ = results.spikes("CELL")
    counts = np.histogram(times, [100, 200, 300, 400, 500])[0]
    assert counts[2] > 2 * counts[:2].max()
    assert counts[3] < counts[2] / 2


def test_the_summary_holds_rates_and_verdicts(simulate: Runner) -> None:
    done = simulate()
    rate = next(rate for rate in done.rates if rate.population == "CELL")
    with open_results(done.directory) as results:
        times, _ = results.spikes("CELL")
    assert rate.hz == pytest.approx(len(times) / (25 * 0.5))
    assert rate.verdict == "ok"
    assert any("next: neuromod plot" in line for line in done.lines())


def test_an_existing_directory_with_content_is_refused_and_left_alone(
    simulate: Runner, tmp_path: Path
) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("keep")
    with pytest.raises(OutputError, match="mine"):
        simulate(output=tmp_path / "mine")
    assert [path.name for path in (tmp_path / "mine").iterdir() if path.name != ".lock"] == ["notes.txt"]


def test_results_can_be_read_while_the_run_is_under_way(
    simulate: Runner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inputs, "CHUNK_SECONDS", 0.0)
    output, seen = tmp_path / "live", []

    def watch() -> None:
        while not seen and not (output / "results.h5").exists():
            if len(list(output.glob("segments/seg-*"))) >= 2:
                with open_results(output) as results:
                    seen.append(len(results.spikes("CELL")[0]))
            time.sleep(0.005)

    watcher = threading.Thread(target=watch)
    watcher.start()
    simulate("duration=20 s", output=output)
    watcher.join(30)
    assert seen
    assert seen[0] > 0


def test_a_signal_ends_a_run_cleanly_and_what_was_recorded_stays(config: Path, tmp_path: Path) -> None:
    output = tmp_path / "stopped"
    command = [
        sys.executable,
        "-m",
        "neuromod",
        "run",
        str(config),
        "-o",
        str(output),
        "--duration",
        "100000 s",
    ]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        while not list(output.glob("segments/seg-*")) and process.poll() is None:
            time.sleep(0.02)
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=60)
    assert process.returncode == 75
    assert "stopped at" in said
    assert not (output / "results.h5").exists()
    with open_results(output) as results:
        assert len(results.spikes("CELL")[0]) > 0


def test_without_a_compiler_auto_is_the_runtime_backend_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("neuromod.simulation.backends.find_compiler", lambda: None)
    name, notice = choose("auto")
    assert name == "runtime"
    assert "no C++ compiler" in notice


def test_without_a_compiler_cpp_is_refused_in_one_sentence(
    simulate: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("neuromod.program.cache.find_compiler", lambda: None)
    with pytest.raises(BackendError, match="no C\\+\\+ compiler was found"):
        simulate()
