"""A program for the GPU gives the bits of the C++ program, whatever the order of its threads.

Without a GPU the same text is compiled as C++; its threads run one after the other, forwards and backwards.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import h5py
import numpy as np
import pytest

from neuromod.config.load import load
from neuromod.errors import BackendError
from neuromod.plan.structure import ProgramStructure
from neuromod.program.cache import generate, obtain
from neuromod.program.cuda import ARCHITECTURES, find_nvcc, gpu_architecture
from neuromod.program.records import read_records
from neuromod.simulation.execute import build, plan_experiment, run
from tests.program.emulation import (
    assert_emulated_as_cpp,
    assert_spikes,
    counted,
    emulated,
    emulated_backend,
)
from tests.program.same_results import (
    Inputs,
    assert_same_results,
    assert_same_state,
    chunks,
    from_saved,
    planned,
)

CONFIGS = [
    ("configs/levels.yaml", "0.2 s"),
    ("configs/quickstart.yaml", "0.2 s"),
    ("configs/validation/v1_brunel_ai.yaml", "0.05 s"),
    ("configs/validation/v2_cuba.yaml", "0.2 s"),
    ("configs/validation/v4_distal_reward.yaml", "0.5 s"),
    ("configs/validation/v5_brunel_wang.yaml", "0.2 s"),
    ("configs/validation/v6_dopamine.yaml", "1 s"),
    ("configs/theta_gamma.yaml", "0.2 s"),
    ("configs/validation/v11_strong.yaml", "3 s"),
    ("benchmarks/configs/plasticity_four.yaml", "0.2 s"),
    ("tests/identical/every_mechanism.yaml", "0.2 s"),
    ("tests/identical/task.yaml", "0.4 s"),
    ("configs/bandit.yaml", "2.5 s"),
]
SINGLE = [("configs/quickstart.yaml", "0.2 s"), ("configs/validation/v6_dopamine.yaml", "1 s")]
"""With the state of plastic synapses in single precision."""
STATES = [CONFIGS[0], CONFIGS[1], ("tests/identical/task.yaml", "0.2 s")]
"""With states at steps that do not begin a millisecond, too."""


@pytest.mark.parametrize(("config", "kernels"), [("triad", 7), ("bandit", 6)])
def test_a_step_is_few_kernels_and_no_copy(
    repository: Path, tmp_path: Path, config: str, kernels: int
) -> None:
    """benchmarks/results/launches.md compares those of the triad with those of Brian2CUDA."""
    structure = plan_experiment(load(repository / f"configs/{config}.yaml")).structure
    (tmp_path / "structure.json").write_text(structure.to_json())
    generate(tmp_path, "cuda")
    text = (tmp_path / "program.cu").read_text()
    step = text[text.index("static void nm_launch_step(") :].partition("\n}")[0]
    assert step.count("NM_LAUNCH(") == kernels
    assert not re.search(r"cudaMemcpy|nm_to_host|nm_to_device|nm_wait", step)


@pytest.mark.slow
@pytest.mark.parametrize(("config", "duration"), CONFIGS)
def test_emulated_gpu_program_has_the_bits_of_the_cpp_program(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, config: str, duration: str
) -> None:
    fused, inputs = planned(repository / config, f"duration={duration}", "record.spikes=all")
    assert_emulated_as_cpp(fused, inputs, tmp_path, monkeypatch)


@pytest.mark.slow
@pytest.mark.parametrize(("config", "duration"), SINGLE)
def test_emulated_gpu_program_has_the_bits_of_the_cpp_program_in_single_precision(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, config: str, duration: str
) -> None:
    fused, inputs = planned(
        repository / config, f"duration={duration}", "record.spikes=all", "precision=single"
    )
    assert_emulated_as_cpp(fused, inputs, tmp_path, monkeypatch)


@pytest.mark.slow
@pytest.mark.parametrize(
    "config", ["configs/levels.yaml", "tests/identical/task.yaml", "configs/quickstart.yaml"]
)
def test_emulated_gpu_program_touches_no_memory_but_its_own(
    repository: Path, tmp_path: Path, config: str
) -> None:
    """As compute-sanitizer on a GPU: the compiler's checks of addresses and of undefined behaviour."""
    fused, inputs = planned(repository / config, "duration=0.1 s", "record.spikes=all")
    checks = "-fsanitize=address,undefined"
    program = emulated(fused.structure, tmp_path, checks, "-fno-sanitize-recover=all", "-g1")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ASAN_OPTIONS", "detect_leaks=0")
        chunks(program, inputs, tmp_path / "checked")


@pytest.mark.slow
@pytest.mark.parametrize(("config", "duration"), STATES)
def test_emulated_gpu_program_saves_and_continues_what_the_cpp_program_does(
    repository: Path, tmp_path: Path, config: str, duration: str
) -> None:
    fused, inputs = planned(repository / config, f"duration={duration}")
    check_states(obtain(fused.structure), emulated(fused.structure, tmp_path), inputs, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize(("config", "kernels"), [("triad", 7), ("bandit", 6)])
def test_a_task_adds_one_kernel_and_one_copy_per_millisecond(
    repository: Path, tmp_path: Path, config: str, kernels: int
) -> None:
    """With means, samples, ticks, and everything that is fetched for recording at the end of a window."""
    per_step = counted(repository / f"configs/{config}.yaml", tmp_path)
    assert kernels < per_step["kernels"] <= kernels + 2
    assert 0.1 <= per_step["copies"] + per_step["waits"] <= 0.4


@pytest.mark.slow
def test_runs_with_a_task_on_the_emulated_gpu_have_the_results_of_the_cpp_backend(
    repository: Path, tmp_path: Path
) -> None:
    """Every way to choose, and a value that is read from cells: all with one program."""
    config = repository / "tests/identical/task.yaml"
    read = "task.critic={states: [cue], onset: false, read: {population: CELL, rate: 40 Hz, window: 20 ms}}"
    arms = {
        "as_it_is": [],
        "race": ["task.decision={rule: race, spikes: 2}", read],
        "threshold": ["task.decision={rule: threshold, rate: 60 Hz, window: 15 ms}"],
        "fewest": ["task.decision.rule=fewest_spikes", read],
    }
    for name, changes in arms.items():
        settings = ["duration=0.3 s", *changes]
        expected = datasets(run(config, settings=settings, output=tmp_path / f"cpp_{name}").results)
        with emulated_backend(tmp_path):
            done = run(config, settings=settings, output=tmp_path / f"cuda_{name}", backend="cuda")
        got = datasets(done.results)
        assert got.keys() == expected.keys()
        assert [key for key in got if got[key].tobytes() != expected[key].tobytes()] == []
        assert len(got["neuromod/trials/choice"]) > 2


@pytest.mark.slow
def test_it_compiles_for_several_gpus_where_there_is_none(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NEUROMOD_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv(ARCHITECTURES, "80,90")
    if find_nvcc(("sm_80", "sm_90")) is None:
        pytest.skip("no CUDA compiler here (nvcc)")
    program, built = build(repository / "configs/levels.yaml", backend="cuda")
    assert built
    assert program.is_relative_to(tmp_path / "cache")
    assert build(repository / "configs/levels.yaml", backend="cuda") == (program, False)


@pytest.mark.gpu
@pytest.mark.parametrize(("config", "duration"), STATES[1:])
def test_gpu_program_saves_and_continues_what_the_cpp_program_does(
    repository: Path, tmp_path: Path, config: str, duration: str
) -> None:
    fused, inputs = planned(repository / config, f"duration={duration}")
    check_states(obtain(fused.structure), obtain(fused.structure, cuda=True), inputs, tmp_path)


def check_states(cpp: Path, gpu: Path, inputs: Inputs, folder: Path) -> None:
    """Both save the same states, and either goes on from what the other saved."""
    inputs["run.save_every"] = np.array([615], np.int64)
    expected = chunks(cpp, inputs, folder / "a", save=True)
    assert_same_results(chunks(gpu, inputs, folder / "b", save=True), expected)
    states = sorted(path.name for path in (folder / "a").glob("saved-*"))
    assert len(states) == 4
    for name in states:
        assert_same_state(folder / "b" / name, folder / "a" / name)
    saved = folder / "a" / "saved-615"
    assert sum(len(v) for n, v in read_records(saved).items() if n.startswith("pending")) > 0
    later = expected[1:]
    assert_same_results(chunks(gpu, from_saved(inputs, saved), folder / "c"), later)
    assert_same_results(chunks(cpp, from_saved(inputs, folder / "b" / "saved-615"), folder / "d"), later)


@pytest.mark.gpu
@pytest.mark.parametrize(("config", "duration"), CONFIGS)
def test_gpu_program_has_the_bits_of_the_cpp_program(
    repository: Path, tmp_path: Path, config: str, duration: str
) -> None:
    fused, inputs = planned(repository / config, f"duration={duration}", "record.spikes=all")
    expected = chunks(obtain(fused.structure), inputs, tmp_path / "cpp")
    assert_spikes(expected)
    program = obtain(fused.structure, cuda=True)
    assert_same_results(chunks(program, inputs, tmp_path / "cuda"), expected)
    assert_same_results(chunks(program, inputs, tmp_path / "again"), expected)


@pytest.mark.gpu
@pytest.mark.parametrize(("config", "duration"), SINGLE)
def test_gpu_program_has_the_bits_of_the_cpp_program_in_single_precision(
    repository: Path, tmp_path: Path, config: str, duration: str
) -> None:
    fused, inputs = planned(
        repository / config, f"duration={duration}", "record.spikes=all", "precision=single"
    )
    expected = chunks(obtain(fused.structure), inputs, tmp_path / "cpp")
    program = obtain(fused.structure, cuda=True)
    assert_same_results(chunks(program, inputs, tmp_path / "cuda"), expected)


@pytest.mark.gpu
@pytest.mark.timeout(600)
@pytest.mark.parametrize("tool", ["memcheck", "initcheck"])
@pytest.mark.parametrize(
    "config", ["configs/levels.yaml", "tests/identical/task.yaml", "configs/quickstart.yaml"]
)
def test_gpu_program_touches_no_memory_but_its_own(
    repository: Path, tmp_path: Path, config: str, tool: str
) -> None:
    sanitizer = shutil.which("compute-sanitizer")
    if sanitizer is None:
        pytest.skip("no compute-sanitizer here (it comes with the CUDA toolkit)")
    fused, inputs = planned(repository / config, "duration=30 ms", "record.spikes=all")
    found = tmp_path / "found"
    command = [sanitizer, "--tool", tool, "--error-exitcode", "9", "--log-file", str(found)]
    program = [*command, str(obtain(fused.structure, cuda=True))]
    chunks(program, inputs, tmp_path / "checked")
    assert "ERROR SUMMARY: 0 errors" in found.read_text()


@pytest.mark.gpu
def test_program_for_several_gpus_has_the_bits_of_the_cpp_program(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = gpu_architecture()
    assert own is not None, "this test needs a GPU"
    monkeypatch.setenv(ARCHITECTURES, f"80,{own.removeprefix('sm_')}")
    fused, inputs = planned(repository / "configs/levels.yaml", "duration=0.2 s", "record.spikes=all")
    expected = chunks(obtain(fused.structure), inputs, tmp_path / "cpp")
    assert_same_results(chunks(obtain(fused.structure, cuda=True), inputs, tmp_path / "cuda"), expected)


@pytest.mark.gpu
@pytest.mark.parametrize("config", ["configs/quickstart.yaml", "tests/identical/task.yaml"])
def test_run_on_the_gpu_has_the_results_of_the_cpp_backend(
    repository: Path, tmp_path: Path, config: str
) -> None:
    files = []
    for backend in ("cpp", "cuda"):
        summary = run(
            repository / config, settings=["duration=0.2 s"], output=tmp_path / backend, backend=backend
        )
        files.append(summary.results)
    got, expected = map(datasets, reversed(files))
    assert got.keys() == expected.keys()
    differing = [name for name in got if got[name].tobytes() != expected[name].tobytes()]
    assert [name for name in differing if "lfp" not in name] == []
    for name in differing:
        np.testing.assert_allclose(got[name], expected[name], rtol=1e-12, atol=0)


def datasets(results: Path) -> dict[str, np.ndarray]:
    """Everything in a results file but what is said about the run."""
    found: dict[str, np.ndarray] = {}

    def keep(name: str, item: h5py.Group | h5py.Dataset) -> None:
        if isinstance(item, h5py.Dataset) and not name.startswith("neuromod/run"):
            found[name] = np.asarray(item[()])

    with h5py.File(results) as file:
        file.visititems(keep)
    return found


def test_without_a_gpu_the_backend_is_refused_in_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("neuromod.program.cuda.gpu_architecture", lambda: None)
    with pytest.raises(BackendError, match="no NVIDIA GPU was found"):
        obtain(ProgramStructure(1e-4, (), ()), cuda=True)
