"""The numpy twin and the compiled headers give the same bits, and the right numbers."""

from __future__ import annotations

import math
import platform
import shutil
import subprocess
from collections.abc import Callable
from decimal import Decimal, localcontext
from functools import partial
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from neuromod import reference_math

NATIVE = Path(reference_math.__file__).parent / "program" / "native"
STRICT = [
    "-std=c++17",
    "-ffp-contract=off",
    "-fno-math-errno",
    "-fno-trapping-math",
    "-Wall",
    "-Wextra",
    "-Werror",
]
STRICT += ["-Wno-unknown-pragmas"]  # -O0 and scalar builds ignore omp simd on purpose
SIMD = ["-O3", "-fopenmp-simd"]
X86 = platform.machine() in ("x86_64", "AMD64")
BUILDS: dict[str, tuple[str, list[str], bool]] = {
    "g++ -O0": ("g++", ["-O0"], True),
    "g++ scalar": ("g++", ["-O3", "-march=native", "-fno-tree-vectorize", "-fno-openmp-simd"], True),
    "g++ simd native": ("g++", [*SIMD, "-march=native"], True),
    "g++ simd sse2": ("g++", [*SIMD, "-msse2"], X86),
    "g++ simd avx2": ("g++", [*SIMD, "-march=x86-64-v3"], X86),
    "clang++ simd native": ("clang++", [*SIMD, "-march=native"], True),
    "clang++ simd sse2": ("clang++", [*SIMD, "-msse2"], X86),
}
N = 120_000
Probe = Callable[..., npt.NDArray[np.float64]]
Draws = tuple[npt.NDArray[np.float64], list[npt.NDArray[np.int64]]]


def compiler(name: str) -> str | None:
    versions = [f"{name}-{version}" for version in range(25, 10, -1)]
    return next((found for found in map(shutil.which, [name, *versions]) if found), None)


def runs_here(flags: list[str]) -> bool:
    """Whether this machine can run what the flags produce (x86-64-v3 needs AVX2)."""
    return "-march=x86-64-v3" not in flags or " avx2 " in Path("/proc/cpuinfo").read_text(encoding="ascii")


def ask(binary: Path, *arguments: str, data: bytes = b"") -> bytes:
    return subprocess.run([binary, *arguments], input=data, capture_output=True, check=True).stdout


@pytest.fixture(scope="module", params=BUILDS)
def binary(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    name, flags, possible = BUILDS[request.param]
    found = compiler(name)
    if found is None or not possible or not runs_here(flags):
        pytest.skip(f"{request.param}: compiler or instruction set not available")
    target = tmp_path_factory.mktemp("probe") / "probe"
    source = Path(__file__).with_name("native_probe.cpp")
    sources = [source, NATIVE / "nm_drawn.cpp"]
    subprocess.run([found, *STRICT, *flags, f"-I{NATIVE}", *sources, "-o", target], check=True)
    return target


def assert_same_bits(got: bytes, expected: npt.NDArray[np.float64]) -> None:
    """Byte for byte; NaNs only need to be NaNs (their payload is unspecified)."""
    values = np.frombuffer(got, np.float64)
    assert values.shape == expected.shape
    same = (values.view(np.uint64) == expected.view(np.uint64)) | (np.isnan(values) & np.isnan(expected))
    assert same.all(), f"{np.count_nonzero(~same)} differ, first at {np.flatnonzero(~same)[0]}"


SPECIAL = np.array(
    [
        0.0,
        -0.0,
        1.0,
        -1.0,
        np.nan,
        np.inf,
        -np.inf,
        5e-324,
        2.2250738585072014e-308,
        1.7976931348623157e308,
        1e300,
        -708.0,
        np.nextafter(-708.0, -np.inf),
        709.0,
        np.nextafter(709.0, np.inf),
        10000.0,
        -10000.0,
        10000.000000000002,
        0.5,
        2.0,
        math.sqrt(0.5),
        np.nextafter(math.sqrt(0.5), 1),
        math.sqrt(2),
        math.pi,
        math.pi / 2,
        -2.5,
        1e-09,
    ]
)


def arguments(function: str) -> npt.NDArray[np.float64]:
    """Random arguments over the whole range of a function, and special ones."""
    rng = np.random.default_rng(20240611)
    spread: dict[str, Callable[[], npt.NDArray[np.float64]]] = {
        "exp": lambda: np.concatenate(
            [rng.uniform(-720, 720, N), rng.normal(0, 1, N), rng.normal(0, 1e-6, N)]
        ),
        "log": lambda: np.concatenate(
            [np.exp(rng.uniform(-708, 709, N)), rng.uniform(0, 1, N), rng.normal(1, 1e-4, N)]
        ),
        "sin": lambda: np.concatenate([rng.uniform(-1.01e4, 1.01e4, N), rng.normal(0, 3, N)]),
        "cos": lambda: np.concatenate([rng.uniform(-1.01e4, 1.01e4, N), rng.normal(0, 3, N)]),
        "clip": lambda: rng.normal(0, 2, N),
    }
    return np.concatenate([spread[function](), SPECIAL])


def draws(n: int = N) -> Draws:
    """Means and the five integer arguments: random over their whole range, with the ends among them."""
    rng = np.random.default_rng(7)
    limits = [(-(2**63), 2**63 - 1), (-(2**31), 2**31 - 1), (0, 2**31 - 1), (0, 2**48 - 1), (0, 2**16 - 1)]
    columns = [rng.integers(lo, hi, n, dtype=np.int64, endpoint=True) for lo, hi in limits]
    for column, (lo, hi) in zip(columns, limits, strict=True):
        column[:1000] = rng.choice(np.array([lo, hi, 0, 1], dtype=np.int64), 1000)
    means = np.concatenate([[np.nan, np.inf, 0.0, -1.0, 700.0, -0.0, 1e-300], rng.exponential(2.0, n - 7)])
    return means, columns


TWINS: dict[str, Callable[[npt.NDArray[np.float64]], npt.NDArray[np.float64]]] = {
    "exp": reference_math.exp,
    "log": reference_math.log,
    "sin": reference_math.sin,
    "cos": reference_math.cos,
    "clip": partial(reference_math.clip, lo=-1.5, hi=0.25),
}


@pytest.mark.parametrize("function", TWINS)
def test_compiled_function_has_the_bits_of_its_twin(binary: Path, function: str) -> None:
    x = arguments(function)
    assert_same_bits(ask(binary, function, data=x.tobytes()), TWINS[function](x))


@pytest.mark.parametrize("function", ["uniform", "normal"])
def test_compiled_draw_has_the_bits_of_its_twin(binary: Path, function: str) -> None:
    means, columns = draws()
    data = means.tobytes() + b"".join(column.tobytes() for column in columns)
    twin = {"uniform": reference_math.uniform, "normal": reference_math.normal}[function]
    assert_same_bits(ask(binary, function, str(N), data=data), twin(*columns))


@pytest.mark.parametrize("terms", [4, 16, 64])
def test_compiled_poisson_has_the_bits_of_its_twin(binary: Path, terms: int) -> None:
    means, columns = draws()
    data = means.tobytes() + b"".join(column.tobytes() for column in columns)
    key, population, cell, step, purpose = columns
    expected = reference_math.poisson(means, key, population, cell, step, purpose, terms=terms)
    assert_same_bits(ask(binary, f"poisson{terms}", str(N), data=data), expected)


def test_compiled_poisson_with_known_zero_probability_has_the_bits_of_its_twin(binary: Path) -> None:
    means, columns = draws()
    data = means.tobytes() + b"".join(column.tobytes() for column in columns)
    key, population, cell, step, purpose = columns
    none = reference_math.exp(-means)
    expected = reference_math.poisson_from(means, none, key, population, cell, step, purpose, terms=8)
    assert_same_bits(ask(binary, "poisson_from8", str(N), data=data), expected)


def test_poisson_with_known_zero_probability_equals_the_plain_draw() -> None:
    cells = np.arange(20_000)
    plain = reference_math.poisson(0.7, 1, 2, cells, 3, 4, terms=8)
    assert np.array_equal(
        plain, reference_math.poisson_from(0.7, reference_math.exp(-0.7), 1, 2, cells, 3, 4, 8)
    )


def test_loop_over_cells_has_the_bits_of_the_twin(binary: Path) -> None:
    fixed = (-123456789012345, -7, np.arange(1001), 5_000_000_000, 3)
    expected = [
        reference_math.normal(*fixed),
        reference_math.poisson(0.5, *fixed, terms=4),
        reference_math.uniform(*fixed),
    ]
    assert_same_bits(ask(binary, "cells", "1001"), np.concatenate(expected))


@pytest.mark.parametrize("n", [1, 7, 8, 9, 40, 256, 263, 1001])
def test_words_drawn_in_blocks_are_those_of_each_cell(binary: Path, n: int) -> None:
    cells = np.arange(n)
    fixed = (-123456789012345, -7 + cells % 2, cells, 5_000_000_000, 3)
    rows = []
    for mean in (np.full(n, 0.5), np.where(cells < n // 2, 0.5, 0.001 * cells)):
        count = reference_math.poisson_from(mean, reference_math.exp(-mean), *fixed, terms=8)
        rows.append([reference_math.normal(*fixed), count, count, reference_math.uniform(*fixed)])
    expected = np.concatenate([np.stack(row, axis=1).reshape(-1) for row in rows])
    assert_same_bits(ask(binary, "drawn", str(n)), expected)


# Counter, key and result of the known-answer file of Random123 for philox4x32, 10 rounds.
KNOWN = [
    ("00000000 00000000 00000000 00000000", "00000000 00000000", "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
    ("ffffffff ffffffff ffffffff ffffffff", "ffffffff ffffffff", "408f276d 41c83b0e a20bc7c6 6d5451fd"),
    ("243f6a88 85a308d3 13198a2e 03707344", "a4093822 299f31d0", "d16cfe09 94fdcceb 5001e420 24126ea1"),
]


def hexadecimal(text: str) -> list[int]:
    return [int(word, 16) for word in text.split()]


def test_compiled_philox_gives_the_published_answers(binary: Path) -> None:
    rows = np.array([hexadecimal(counter + " " + key) for counter, key, _ in KNOWN], dtype=np.uint64)
    got = np.frombuffer(ask(binary, "kat", data=rows.tobytes()), np.uint64).reshape(3, 4)
    assert got.tolist() == [hexadecimal(answer) for _, _, answer in KNOWN]


@pytest.mark.parametrize(("counter", "key", "answer"), KNOWN)
def test_numpy_philox_gives_the_published_answers(counter: str, key: str, answer: str) -> None:
    c0, c1, c2, c3 = (np.array([word], dtype=np.uint64) for word in hexadecimal(counter))
    k0, k1 = (np.array([word], dtype=np.uint64) for word in hexadecimal(key))
    got = reference_math.philox((c0, c1, c2, c3), (k0, k1))
    assert [int(word[0]) for word in got] == hexadecimal(answer)


def test_block_lays_its_arguments_out_as_documented() -> None:
    key, step = 0x299F31D0A4093822, 0x4455_1319_8A2E
    got = reference_math.block(key, 0x05A308D3, 0x243F6A88, step, 0x0370)
    words = [[np.array([w], dtype=np.uint64)] for w in (0x243F6A88, 0x05A308D3, 0x13198A2E, 0x03704455)]
    counter = (words[0][0], words[1][0], words[2][0], words[3][0])
    expected = reference_math.philox(
        counter, (np.array([0xA4093822], np.uint64), np.array([0x299F31D0], np.uint64))
    )
    assert [int(w[0]) for w in got] == [int(w[0]) for w in expected]


def test_single_bit_of_any_argument_changes_the_block() -> None:
    base = [0, 0, 0, 0, 0]
    blocks = {tuple(int(w[0]) for w in reference_math.block(*base))}
    widths = [63, 32, 32, 48, 16]
    for place, width in enumerate(widths):
        for bit in range(width):
            changed = list(base)
            changed[place] = 1 << bit
            blocks.add(tuple(int(w[0]) for w in reference_math.block(*changed)))
    assert len(blocks) == 1 + sum(widths)


def ulps(
    function: Callable[[float], Decimal], x: npt.NDArray[np.float64], y: npt.NDArray[np.float64]
) -> float:
    """Largest error of y against `function` at x, in units in the last place of y."""
    with localcontext() as context:
        context.prec = 40
        errors = [
            abs(Decimal(b) - function(a)) / Decimal(math.ulp(b))
            for a, b in zip(x.tolist(), y.tolist(), strict=True)
        ]
    return float(max(errors))


def test_exp_is_within_two_ulps() -> None:
    x = np.random.default_rng(1).uniform(-708, 709, 10_000)
    x[:5000] /= 200.0
    assert ulps(lambda a: Decimal(a).exp(), x, reference_math.exp(x)) <= 2.0


def test_log_is_within_one_ulp() -> None:
    rng = np.random.default_rng(2)
    x = np.concatenate(
        [np.exp(rng.uniform(-708, 709, 3000)), rng.uniform(0.3, 3.0, 5000), rng.normal(1, 1e-5, 2000)]
    )
    assert ulps(lambda a: Decimal(a).ln(), x, reference_math.log(x)) < 1.0


@pytest.mark.parametrize("name", ["sin", "cos"])
def test_sine_and_cosine_are_within_4e_16(name: str) -> None:
    x = np.concatenate([np.random.default_rng(3).uniform(-1e4, 1e4, 100_000), np.linspace(-7, 7, 100_001)])
    twin, libm = {"sin": (reference_math.sin, math.sin), "cos": (reference_math.cos, math.cos)}[name]
    assert np.max(np.abs(twin(x) - np.array([libm(a) for a in x.tolist()]))) < 4e-16


def test_exp_and_log_say_what_they_cannot_compute() -> None:
    exp = reference_math.exp([-708.1, -np.inf, 709.1, np.inf, np.nan, 0.0])
    assert exp[:4].tolist() == [0.0, 0.0, np.inf, np.inf]
    assert np.isnan(exp[4])
    assert exp[5] == 1.0
    assert np.isnan(reference_math.log([0.0, -0.0, -1.0, 5e-324, np.inf, -np.inf, np.nan])).all()
    assert reference_math.log(1.0)[0] == 0.0


def test_sine_and_cosine_outside_their_range_are_nan() -> None:
    far = [10000.1, -10000.1, np.inf, np.nan]
    assert np.isnan(reference_math.sin(far)).all()
    assert np.isnan(reference_math.cos(far)).all()


def test_minimum_maximum_and_clip_treat_nan_as_documented() -> None:
    assert reference_math.minimum([1.0, np.nan, 3.0], [2.0, 5.0, 1.0]).tolist() == [1.0, 5.0, 1.0]
    assert reference_math.maximum([1.0, np.nan, 3.0], [2.0, 5.0, 1.0]).tolist() == [2.0, 5.0, 3.0]
    clipped = reference_math.clip([-3.0, 0.5, 3.0, np.nan], -1.0, 1.0)
    assert clipped[:3].tolist() == [-1.0, 0.5, 1.0]
    assert np.isnan(clipped[3])


def test_uniform_stays_inside_the_open_interval_at_both_ends() -> None:
    lowest, highest = reference_math._midpoint(np.array([0, 2**32 - 1], dtype=np.uint64)).tolist()
    assert (lowest, highest) == (2.0**-33, 1.0 - 2.0**-33)


def test_poisson_of_nan_or_infinite_mean_is_nan_and_of_a_negative_one_zero() -> None:
    got = reference_math.poisson([np.nan, np.inf, -3.0, 0.0], 1, 2, np.arange(1000)[:, None], 3, 4)
    assert np.isnan(got[:, :2]).all()
    assert not got[:, 2:].any()


def test_poisson_draw_below_the_limit_does_not_depend_on_the_number_of_terms() -> None:
    cells = np.arange(20_000)
    few = reference_math.poisson(0.7, 1, 2, cells, 3, 4, terms=3)
    many = reference_math.poisson(0.7, 1, 2, cells, 3, 4, terms=30)
    assert many.max() > 3
    assert np.array_equal(few, np.minimum(many, 3.0))


@pytest.mark.parametrize("mean", [1e-6, 0.01, 0.142, 1.0, 20.0, 300.0])
def test_poisson_terms_leave_a_tail_the_uniform_cannot_resolve(mean: float) -> None:
    def tail(terms: int) -> float:
        return math.fsum(
            math.exp(k * math.log(mean) - mean - math.lgamma(k + 1)) for k in range(terms + 1, terms + 900)
        )

    terms = reference_math.poisson_terms(mean)
    assert tail(terms) <= 2.0**-33
    assert terms == 1 or tail(terms - 1) > 2.0**-33


def test_poisson_terms_of_no_input_is_one() -> None:
    assert reference_math.poisson_terms(0.0) == 1


def test_sixteen_terms_are_enough_for_the_documented_mean() -> None:
    assert reference_math.poisson_terms(2.0) <= reference_math.POISSON_TERMS


def test_draws_broadcast_over_all_arguments() -> None:
    table = reference_math.normal(5, 6, np.arange(3), np.arange(4)[:, None], 7)
    assert table.shape == (4, 3)
    assert table[2, 1] == reference_math.normal(5, 6, 1, 2, 7)[0]
