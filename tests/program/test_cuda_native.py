"""Functions and draws have the same bits on the GPU as in the numpy twin, and so as on every CPU."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from neuromod import reference_math
from neuromod.program.cpp import NATIVE, call_compiler
from neuromod.program.cuda import find_nvcc, gpu_architecture
from tests.test_reference_math import KNOWN, SPECIAL, assert_same_bits, draws, hexadecimal

SOURCE = Path(__file__).parents[1] / "native_probe.cu"
N = 2_000_000
Doubles = npt.NDArray[np.float64]

FUNCTIONS: dict[str, Callable[[Doubles], Doubles]] = {
    "exp": reference_math.exp,
    "log": reference_math.log,
    "sin": reference_math.sin,
    "cos": reference_math.cos,
    "clip": partial(reference_math.clip, lo=-1.5, hi=0.25),
    "positive": reference_math.positive,
    "minimum": lambda x: reference_math.minimum(x, -0.75),
    "maximum": lambda x: reference_math.maximum(x, -0.75),
    "sqrt": np.sqrt,
}
DRAWS: dict[str, Callable[..., Doubles]] = {
    "uniform": lambda _, *place: reference_math.uniform(*place),
    "normal": lambda _, *place: reference_math.normal(*place),
    **{f"poisson{n}": partial(reference_math.poisson, terms=n) for n in (4, 16, 64)},
    **{
        f"poisson_from{n}": lambda mean, *place, n=n: reference_math.poisson_from(
            mean, reference_math.exp(-mean), *place, terms=n
        )
        for n in (4, 8, 16, 32, 64)
    },
}


def compiled(architecture: str, folder: Path) -> Path:
    compiler = find_nvcc((architecture,))
    if compiler is None:
        pytest.skip("no CUDA compiler here (nvcc)")
    call_compiler(compiler, [f"-I{NATIVE}", str(SOURCE)], folder)
    return folder / "program"


@pytest.fixture(scope="module")
def probe(tmp_path_factory: pytest.TempPathFactory) -> Path:
    architecture = gpu_architecture()
    assert architecture is not None, "these tests need a GPU"
    return compiled(architecture, tmp_path_factory.mktemp("cuda"))


def ask(probe: Path, *arguments: str, data: bytes) -> bytes:
    return subprocess.run([probe, *arguments], input=data, capture_output=True, check=True).stdout


def arguments() -> Doubles:
    """Numbers of every size and sign, many where the functions are used, any bits, and special ones."""
    rng = np.random.default_rng(20261127)
    spread = [
        rng.uniform(-720, 720, N // 4),
        rng.normal(0, 1, N // 4),
        rng.uniform(-1.01e4, 1.01e4, N // 4),
        np.exp(rng.uniform(-708, 709, N // 8)),
        rng.normal(1, 1e-4, N // 16),
        rng.integers(0, 2**64, N // 16, dtype=np.uint64).view(np.float64),
        SPECIAL,
    ]
    return np.concatenate(spread)


@pytest.mark.slow
def test_headers_compile_with_the_cuda_compiler(tmp_path: Path) -> None:
    assert shutil.which(str(compiled("sm_90", tmp_path)))


@pytest.mark.gpu
@pytest.mark.parametrize("function", FUNCTIONS)
@np.errstate(all="ignore")
def test_function_has_the_bits_of_its_twin_on_the_gpu(probe: Path, function: str) -> None:
    x = arguments()
    assert_same_bits(ask(probe, function, data=x.tobytes()), FUNCTIONS[function](x))


@pytest.mark.gpu
@pytest.mark.parametrize("draw", DRAWS)
def test_draw_has_the_bits_of_its_twin_on_the_gpu(probe: Path, draw: str) -> None:
    means, columns = draws(N)
    data = means.tobytes() + b"".join(column.tobytes() for column in columns)
    assert_same_bits(ask(probe, draw, str(N), data=data), DRAWS[draw](means, *columns))


@pytest.mark.gpu
def test_philox_gives_the_published_answers_on_the_gpu(probe: Path) -> None:
    rows = np.array([hexadecimal(counter + " " + key) for counter, key, _ in KNOWN], dtype=np.uint64)
    got = np.frombuffer(ask(probe, "kat", data=rows.tobytes()), np.uint64).reshape(3, 4)
    assert got.tolist() == [hexadecimal(answer) for _, _, answer in KNOWN]
