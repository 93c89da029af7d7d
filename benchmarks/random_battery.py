"""Statistical battery for neuromod's random numbers: python benchmarks/random_battery.py [--dieharder]

Criterion, fixed before any run: every p-value lies in [1e-4, 1 - 1e-4]. With M tests a perfect generator
misses that by chance with a probability of about 2e-4 M (the report says how much). The key is fixed, so a
run can be repeated exactly; a failure may not be answered by choosing another key. A weak generator is tested
as a control.

Draws come from the numpy twin; tests/test_reference_math.py shows that it has the bits of the
compiled code. Writes benchmarks/results/random_battery.md. With --dieharder, some tests of that program (if
installed) are run on the compiled stream as well; their p-values are not part of the criterion.
"""

from __future__ import annotations

import argparse
import datetime
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
from random_word_tests import WORD_TESTS, Words, chi2, flat, two_sided
from scipy import special, stats

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from neuromod import reference_math as rm  # noqa: E402  (runs from a checkout, not only when installed)

KEY, POPULATION, CELL, STEP, PURPOSE = 20_240_611, 0x5EED_CAFE, 17, 123_456, 1
LIMIT = 1e-4
BLOCKS = 1 << 20
Doubles = npt.NDArray[np.float64]
Axes = dict[str, npt.ArrayLike]


def at(**changed: npt.ArrayLike) -> Axes:
    """The arguments of a draw, with some of the fixed ones replaced."""
    fixed: Axes = {"key": KEY, "population": POPULATION, "cell": CELL, "step": STEP, "purpose": PURPOSE}
    return fixed | changed


def words(axes: Axes) -> Words:
    """The words of the blocks in the order of the axes, four per block."""
    return np.stack([w.ravel() for w in rm.block(**axes)], axis=1).ravel()


def orders() -> dict[str, Axes]:
    """The orders in which the words are taken: one axis at a time, and as a model of 450 cells draws them."""
    n = np.arange(BLOCKS)
    return {
        "step after step": at(step=n),
        "cell after cell": at(cell=n),
        "key after key": at(key=n),
        "population after population": at(population=n),
        "purpose, then step": at(purpose=n % 65536, step=n // 65536),
        "450 cells, then step": at(cell=n % 450, step=n // 450),
        "steps of 450 cells": at(cell=n // 2331, step=1_000_000 + n % 2331),
    }


def word_results() -> Iterator[tuple[str, float]]:
    for order, axes in orders().items():
        stream = words(axes)
        for name, test in WORD_TESTS.items():
            yield f"words, {order}: {name}", test(stream)


def avalanche_results() -> Iterator[tuple[str, float]]:
    """Flipping one bit of one argument flips each of the 128 output bits half of the time."""
    for axis, width in {"key": 64, "population": 32, "cell": 32, "step": 48, "purpose": 16}.items():
        base = np.arange(1 << 13)[:, None]
        flip = np.left_shift(np.int64(1), np.arange(width))[None, :]
        before = np.stack(np.broadcast_arrays(*rm.block(**at(**{axis: base}))))
        after = np.stack(rm.block(**at(**{axis: base ^ flip})))
        flipped = np.bitwise_count(before ^ after).sum(axis=0)
        share = stats.binom.pmf(np.arange(129), 128, 0.5)
        # a pair of values that differ in one bit appears twice where both lie in `base`: leave those bits out
        far = flipped[:, 13:] if width > 13 else flipped
        yield f"avalanche, {axis}", chi2(np.bincount(far.ravel(), minlength=129), share * far.size)


# ---------------------------------------------------------------- normal, Poisson, and between cells


def anderson_darling(z: Doubles) -> float:
    """p-value of the fully specified Anderson-Darling test (limit distribution, Marsaglia 2004)."""
    n = z.size
    ordered = np.sort(z)
    k = np.arange(1, n + 1)
    a2 = -n - np.mean((2 * k - 1) * (stats.norm.logcdf(ordered) + stats.norm.logsf(ordered[::-1])))
    low = (
        np.exp(-1.2337141 / a2)
        / np.sqrt(a2)
        * np.polyval([-0.00168691, 0.0116720, -0.0347962, 0.0649821, 0.247105, 2.00012], a2)
    )
    high = np.exp(-np.exp(np.polyval([-0.0003146, 0.008056, -0.082433, 0.43424, -2.30695, 1.0776], a2)))
    return float(1.0 - (low if a2 < 2.0 else high))


def normal_results() -> Iterator[tuple[str, float]]:
    chunks = [
        rm.normal(**at(cell=np.arange(2000), step=1000 * k + np.arange(1000)[:, None])).ravel()
        for k in range(10)
    ]
    z = np.concatenate(chunks)
    yield "normal: Kolmogorov-Smirnov (2e7)", float(stats.kstest(z, "norm", method="asymp").pvalue)
    yield "normal: Anderson-Darling (2e6)", anderson_darling(chunks[0])
    power = np.ones_like(z)
    for k in range(1, 7):
        power *= z
        mean = float(special.factorial2(k - 1)) if k % 2 == 0 else 0.0
        spread = np.sqrt(float(special.factorial2(2 * k - 1)) - mean**2)
        yield f"normal: moment {k}", two_sided((power.mean() - mean) / spread * np.sqrt(z.size))
    for sigma in (3, 4, 5):
        for side, count in (("above", np.count_nonzero(z > sigma)), ("below", np.count_nonzero(z < -sigma))):
            p = stats.binom.sf(count, z.size, stats.norm.sf(sigma))
            p += 0.5 * stats.binom.pmf(count, z.size, stats.norm.sf(sigma))
            yield f"normal: {side} {sigma} sigma ({count} of 2e7)", float(p)
    for order, axes in orders().items():
        line = rm.normal(**axes)
        yield (
            f"normal, {order}: lag 1",
            two_sided(float(np.dot(line[:-1], line[1:])) / np.sqrt(line.size - 1)),
        )
        square = (line**2 - 1.0) / np.sqrt(2.0)
        yield (
            f"normal squared, {order}: lag 1",
            two_sided(float(square[:-1] @ square[1:]) / np.sqrt(line.size - 1)),
        )


def poisson_results() -> Iterator[tuple[str, float]]:
    for mean in (0.01, 0.142, 0.5, 1.0, 4.0, 20.0):
        terms = rm.poisson_terms(mean)
        place = (KEY, POPULATION, np.arange(2000), np.arange(1000)[:, None], PURPOSE)
        counts = rm.poisson(mean, *place, terms=terms).ravel().astype(np.int64)
        share = stats.poisson.pmf(np.arange(terms + 1), mean)
        share[terms] = stats.poisson.sf(terms - 1, mean)
        yield (
            f"poisson {mean}: chi2 ({terms} terms)",
            chi2(np.bincount(counts, minlength=terms + 1), share * counts.size),
        )


def kinds_results() -> Iterator[tuple[str, float]]:
    """The normal, the Poisson and the uniform of equal arguments are independent: 16 x 16 tables."""
    _, _, w2, w3 = rm.block(**at(cell=np.arange(2000), step=np.arange(2000)[:, None]))
    normal = rm.normal(**at(cell=np.arange(2000), step=np.arange(2000)[:, None]))
    z = np.minimum(stats.norm.cdf(normal) * 16, 15).astype(np.int64).ravel()
    poisson, uniform = ((w >> np.uint64(28)).astype(np.int64).ravel() for w in (w2, w3))
    yield "normal with poisson", flat(z * 16 + poisson, 256)
    yield "normal with uniform", flat(z * 16 + uniform, 256)
    yield "poisson with uniform", flat(poisson * 16 + uniform, 256)


def matrix_results() -> Iterator[tuple[str, float]]:
    """All pairs of 450 cells (or keys, populations, purposes) over 10,000 steps."""
    steps, line = np.arange(10_000)[:, None], np.arange(450)
    for axis in ("cell", "key", "population", "purpose"):
        z = rm.normal(**at(**{axis: line, "step": steps}))
        r = (np.corrcoef(z, rowvar=False) * np.sqrt(10_000))[np.triu_indices(450, 1)]
        yield f"450 x 450 {axis}s: distribution of r", float(stats.kstest(r, "norm").pvalue)
        largest = float(np.abs(r).max())
        yield (
            f"450 x 450 {axis}s: largest r",
            float(-np.expm1(r.size * np.log1p(-2.0 * stats.norm.sf(largest)))),
        )
        z /= np.sqrt(np.mean(z**2, axis=0))
        shifted = z[:-1].T @ z[1:] / np.sqrt(9_999)
        yield (
            f"450 x 450 {axis}s: next step, sum of squares",
            two_sided((float(np.sum(shifted**2)) - 450**2) / np.sqrt(2.0 * 450**2)),
        )
    counts = rm.poisson(0.142, KEY, POPULATION, line, steps, PURPOSE)
    r = (np.corrcoef(counts, rowvar=False) * np.sqrt(10_000))[np.triu_indices(450, 1)]
    yield (
        "450 x 450 cells, poisson 0.142: sum of squares",
        two_sided((np.sum(r**2) - r.size) / np.sqrt(2 * r.size)),
    )


# ---------------------------------------------------------------- dieharder and the report

VERDICTS = ("PASSED", "WEAK", "FAILED")
DIEHARDER = ["0", "1", "2", "8", "15", "100", "101"]


def dieharder() -> str:
    """Result lines of some dieharder tests on the compiled stream; a reason if they cannot run."""
    compiler, tester = shutil.which("g++"), shutil.which("dieharder")
    if compiler is None or tester is None:
        return "not run: g++ or dieharder is not installed\n"
    source, native = ROOT / "tests/program/native_probe.cpp", ROOT / "neuromod/program/native"
    lines = []
    with tempfile.TemporaryDirectory() as folder:
        probe = Path(folder) / "probe"
        subprocess.run([compiler, "-std=c++17", "-O2", f"-I{native}", source, "-o", probe], check=True)
        for order in ("cells", "steps"):
            for test in DIEHARDER:
                stream = subprocess.Popen([probe, "words", str(KEY), order], stdout=subprocess.PIPE)
                command = [tester, "-g", "200", "-d", test]
                run = subprocess.run(command, stdin=stream.stdout, capture_output=True, text=True, check=True)
                stream.kill()
                stream.communicate()
                found = [line.strip() for line in run.stdout.splitlines() if line.strip().endswith(VERDICTS)]
                lines += [f"{order:6} {line}" for line in found or [f"test {test} gave no result"]]
    return "\n".join(lines) + "\n"


def control() -> str:
    """Names of the word tests that find out a 32-bit linear congruential generator."""
    powers = np.cumprod(np.full(4 * BLOCKS, 1664525, dtype=np.uint32), dtype=np.uint32)
    stream = (powers + np.uint32(1013904223) * np.cumsum(powers, dtype=np.uint32)).astype(np.uint64)
    caught = [name for name, test in WORD_TESTS.items() if not LIMIT <= test(stream) <= 1.0 - LIMIT]
    return f"{len(caught)} of {len(WORD_TESTS)}: {', '.join(caught)}"


def report(results: list[tuple[str, float]], seconds: float, extra: str) -> str:
    outside = [name for name, p in results if not LIMIT <= p <= 1.0 - LIMIT]
    low, high = min(p for _, p in results), max(p for _, p in results)
    head = f"""# Random number battery

Command: `python benchmarks/random_battery.py{" --dieharder" if extra else ""}`
Date: {datetime.date.today()}; {seconds:.0f} s.
Philox4x32-10, key {KEY}, numpy {np.__version__}.

Criterion (fixed before the run): all p in [{LIMIT:g}, 1 - {LIMIT:g}]. Tests: {len(results)};
chance that a perfect generator misses it: about {1 - (1 - 2 * LIMIT) ** len(results):.1%}.

**{"PASS" if not outside else "FAIL: " + "; ".join(outside)}**. Smallest p {low:.4g}, largest {high:.6g};
Kolmogorov-Smirnov test of all p against uniform (for information, they are not all independent):
p = {stats.kstest([p for _, p in results], "uniform").pvalue:.3f}.

Control: word tests that reject the linear congruential generator 1664525 x + 1013904223 mod 2^32:
{control()}.

| test | p |
|---|---|
"""
    body = "".join(f"| {name} | {p:.5f} |\n" for name, p in results)
    return head + body + (f"\n## dieharder, on the compiled stream\n\n```\n{extra}```\n" if extra else "")


def main() -> int:
    """Run everything, write the report, print it; 1 if the criterion is missed."""
    parser = argparse.ArgumentParser(description="statistical battery for neuromod's random numbers")
    parser.add_argument("--dieharder", action="store_true", help="also run some dieharder tests (minutes)")
    wanted = parser.parse_args()
    start = time.perf_counter()
    results: list[tuple[str, float]] = []
    for part in (
        word_results,
        avalanche_results,
        normal_results,
        poisson_results,
        kinds_results,
        matrix_results,
    ):
        for name, p in part():
            print(f"{p:9.5f}  {name}", flush=True)
            results.append((name, p))
    seconds = time.perf_counter() - start
    text = report(results, seconds, dieharder() if wanted.dieharder else "")
    target = Path(__file__).parent / "results" / "random_battery.md"
    target.parent.mkdir(exist_ok=True)
    target.write_text(text, encoding="utf-8")
    print(f"written to {target}")
    return 0 if all(LIMIT <= p <= 1.0 - LIMIT for _, p in results) else 1


if __name__ == "__main__":
    sys.exit(main())
