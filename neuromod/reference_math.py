"""Numpy twin of native/nm_math.hpp and native/nm_random.hpp: the same operations in the same order.

Hence the same bits: this is what a backend without C++ computes with, and what the compiled functions are
tested against. All functions take numbers or arrays that broadcast together and return float64 of the
broadcast shape (at least one-dimensional). Special values neither raise nor warn; each docstring says what
they give. A change here needs the same change in the headers.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

Doubles = npt.NDArray[np.float64]
Words = npt.NDArray[np.uint64]

POISSON_TERMS = 16
_LOW = np.uint64(0xFFFFFFFF)
_MAGIC = 6755399441055744.0  # 1.5 * 2^52: adding it rounds to the nearest integer


def _doubles(x: npt.ArrayLike) -> Doubles:
    return np.atleast_1d(np.asarray(x, dtype=np.float64))


def _words(x: npt.ArrayLike) -> Words:
    """Integers as 64-bit words, negative ones in two's complement."""
    return np.atleast_1d(np.asarray(x, dtype=np.int64)).astype(np.uint64)


def _from_integer(n: Words) -> Doubles:
    """Integers below 2^52 as doubles, exactly."""
    return (n | np.uint64(0x4330000000000000)).view(np.float64) - 4503599627370496.0


@np.errstate(all="ignore")
def exp(x: npt.ArrayLike) -> Doubles:
    """e^x within 2 ulp for -708 <= x <= 709; exactly 0 below -708, infinity above 709, NaN for NaN."""
    x = _doubles(x)
    shifted = x * 1.4426950408889634 + _MAGIC
    n = shifted - _MAGIC
    r = (x - n * 0.693147180559663) - n * 2.8235290563031577e-13
    r2 = r * r
    r4 = r2 * r2
    q01 = 0.5 + r * 0.16666666666666666
    q23 = 0.04166666666665136 + r * 0.008333333333332155
    q45 = 0.0013888888905881542 + r * 0.0001984126985433861
    q67 = 2.4801536388690766e-05 + r * 2.755728006701698e-06
    q89 = 2.761380686153829e-07 + r * 2.5095554677111112e-08
    q = (q01 + r2 * q23) + r4 * ((q45 + r2 * q67) + r4 * q89)
    scale = ((shifted.view(np.uint64) + np.uint64(1023)) << np.uint64(52)).view(np.float64)
    y = (1.0 + (r + r2 * q)) * scale
    return np.where(x > 709.0, np.inf, np.where(x < -708.0, 0.0, y))


def _log_of_normal(x: Doubles) -> Doubles:
    bits = x.view(np.uint64)
    exponent = (bits + np.uint64(0x00095F619980C433)) >> np.uint64(52)
    k = _from_integer(exponent) - 1023.0
    f = (bits - ((exponent - np.uint64(1023)) << np.uint64(52))).view(np.float64) - 1.0
    s = f / (2.0 + f)
    z = s * s
    z2 = z * z
    q01 = 0.666666666666667 + z * 0.39999999999899444
    q23 = 0.2857142862600327 + z * 0.22222211130259878
    q45 = 0.18182889455674947 + z * 0.15331710618210773
    q = z * ((q01 + z2 * q23) + (z2 * z2) * (q45 + z2 * 0.14616585424888623))
    half_square = (0.5 * f) * f
    low = s * (half_square + q) + k * 2.8235290563031577e-13
    return k * 0.693147180559663 - ((half_square - low) - f)


@np.errstate(all="ignore")
def log(x: npt.ArrayLike) -> Doubles:
    """Natural logarithm within 1 ulp for positive normal x; NaN for every other x (zero and infinity too)."""
    x = _doubles(x)
    return np.where(
        (x >= np.finfo(np.float64).tiny) & (x <= np.finfo(np.float64).max), _log_of_normal(x), np.nan
    )


def _sin_reduced(r: Doubles) -> Doubles:
    z = r * r
    z2 = z * z
    q01 = -0.16666666666666666 + z * 0.008333333333333316
    q23 = -0.00019841269841254966 + z * 2.7557319219160833e-06
    q45 = -2.505210761669045e-08 + z * 1.6058977292642743e-10
    q67 = -7.643969663988074e-13 + z * 2.7314368769379893e-15
    return r + (r * z) * ((q01 + z2 * q23) + (z2 * z2) * (q45 + z2 * q67))


def _minus_pi_times(x: Doubles, turns: Doubles) -> Doubles:
    return (
        (x - turns * 3.1415926535846666) - turns * 5.1266883031679116e-12
    ) - turns * 2.1125998133974855e-23


def _within_1e4(x: npt.ArrayLike) -> Doubles:
    x = _doubles(x)
    return np.where(np.abs(x) <= 1e4, x, np.nan)


@np.errstate(all="ignore")
def sin(x: npt.ArrayLike) -> Doubles:
    """Sine of x (radian) for |x| <= 1e4, absolute error below 4e-16; NaN outside."""
    x = _within_1e4(x)
    shifted = x * 0.3183098861837907 + _MAGIC
    y = _sin_reduced(_minus_pi_times(x, shifted - _MAGIC))
    return (y.view(np.uint64) ^ (shifted.view(np.uint64) << np.uint64(63))).view(np.float64)


@np.errstate(all="ignore")
def cos(x: npt.ArrayLike) -> Doubles:
    """Cosine of x (radian) for |x| <= 1e4, absolute error below 4e-16; NaN outside."""
    x = _within_1e4(x)
    shifted = (x * 0.3183098861837907 - 0.5) + _MAGIC
    y = _sin_reduced(_minus_pi_times(x, (shifted - _MAGIC) + 0.5))
    return (y.view(np.uint64) ^ (~shifted.view(np.uint64) << np.uint64(63))).view(np.float64)


def minimum(a: npt.ArrayLike, b: npt.ArrayLike) -> Doubles:
    """The smaller of two numbers; `b` if either is NaN."""
    a, b = _doubles(a), _doubles(b)
    return np.where(a < b, a, b)


def maximum(a: npt.ArrayLike, b: npt.ArrayLike) -> Doubles:
    """The larger of two numbers; `b` if either is NaN."""
    a, b = _doubles(a), _doubles(b)
    return np.where(a > b, a, b)


def clip(x: npt.ArrayLike, lo: npt.ArrayLike, hi: npt.ArrayLike) -> Doubles:
    """x limited to [lo, hi] (requires lo <= hi); a NaN stays NaN."""
    return maximum(lo, minimum(hi, x))


def positive(x: npt.ArrayLike) -> Doubles:
    """The larger of 0 and x; a NaN stays NaN."""
    return maximum(0.0, x)


def philox(
    counter: tuple[Words, Words, Words, Words], key: tuple[Words, Words]
) -> tuple[Words, Words, Words, Words]:
    """Philox4x32-10: four 32-bit words (in uint64 arrays) from four counter and two key words below 2^32."""
    c0, c1, c2, c3 = counter
    k0, k1 = key
    for _ in range(10):
        p0 = c0 * np.uint64(0xD2511F53)
        p1 = c2 * np.uint64(0xCD9E8D57)
        c0, c2 = (p1 >> np.uint64(32)) ^ c1 ^ k0, (p0 >> np.uint64(32)) ^ c3 ^ k1
        c1, c3 = p1 & _LOW, p0 & _LOW
        k0 = (k0 + np.uint64(0x9E3779B9)) & _LOW
        k1 = (k1 + np.uint64(0xBB67AE85)) & _LOW
    return c0, c1, c2, c3


def block(
    key: npt.ArrayLike,
    population: npt.ArrayLike,
    cell: npt.ArrayLike,
    step: npt.ArrayLike,
    purpose: npt.ArrayLike,
) -> tuple[Words, Words, Words, Words]:
    """The four words of one set of integers: 0 and 1 make the normal, 2 the Poisson, 3 the uniform.

    `key` int64, `population` and `cell` 32 bits, `step` 48 bits, `purpose` 16 bits; higher bits are ignored.
    """
    k, s = _words(key), _words(step)
    mixed = ((_words(purpose) << np.uint64(16)) | ((s >> np.uint64(32)) & np.uint64(0xFFFF))) & _LOW
    return philox(
        (_words(cell) & _LOW, _words(population) & _LOW, s & _LOW, mixed), (k & _LOW, k >> np.uint64(32))
    )


def _midpoint(word: Words) -> Doubles:
    return (_from_integer(word) + 0.5) * 2.0**-32


def uniform(
    key: npt.ArrayLike,
    population: npt.ArrayLike,
    cell: npt.ArrayLike,
    step: npt.ArrayLike,
    purpose: npt.ArrayLike,
) -> Doubles:
    """Uniform in (0, 1) with resolution 2^-32; arguments as in `block`."""
    return _midpoint(block(key, population, cell, step, purpose)[3])


def normal(
    key: npt.ArrayLike,
    population: npt.ArrayLike,
    cell: npt.ArrayLike,
    step: npt.ArrayLike,
    purpose: npt.ArrayLike,
) -> Doubles:
    """Standard normal (Box and Muller), |z| <= 6.77; arguments as in `block`.

    The distribution function is within 2^-32 of the exact one.
    """
    w0, w1, _, _ = block(key, population, cell, step, purpose)
    radius = np.sqrt(-2.0 * _log_of_normal(_midpoint(w0)))
    return radius * _sin_reduced((_midpoint(w1) - 0.5) * 3.141592653589793)


@np.errstate(all="ignore")
def poisson(
    mean: npt.ArrayLike,
    key: npt.ArrayLike,
    population: npt.ArrayLike,
    cell: npt.ArrayLike,
    step: npt.ArrayLike,
    purpose: npt.ArrayLike,
    terms: int = POISSON_TERMS,
) -> Doubles:
    """min(N, terms) with N Poisson of `mean` (at most 700), by inversion; other arguments as in `block`.

    NaN for a NaN or infinite mean, 0 for a negative one. Where the result is below `terms`, its bits do not
    depend on `terms`.
    """
    mean = maximum(0.0, mean)
    u = _midpoint(block(key, population, cell, step, purpose)[2])
    term = exp(-mean)
    cdf = term
    count = np.where(u > cdf, 1.0, 0.0)
    for k in range(1, terms):
        term = term * (mean * (1.0 / k))
        cdf = cdf + term
        count = count + np.where(u > cdf, 1.0, 0.0)
    return count + (mean - mean)


@np.errstate(all="ignore")
def poisson_from(
    mean: npt.ArrayLike,
    none: npt.ArrayLike,
    key: npt.ArrayLike,
    population: npt.ArrayLike,
    cell: npt.ArrayLike,
    step: npt.ArrayLike,
    purpose: npt.ArrayLike,
    terms: int,
) -> Doubles:
    """min(N, terms) with N Poisson of `mean` when `none` = P(N = 0) is known; other arguments as in `block`.

    Twin of nm_draws.hpp. Requires 0 <= mean: a NaN mean gives no NaN here, and a negative one is not caught.
    """
    mean, term = _doubles(mean), _doubles(none)
    u = _midpoint(block(key, population, cell, step, purpose)[2])
    cdf = term
    count = np.where(u > cdf, 1.0, 0.0)
    for k in range(1, terms):
        term = term * (mean * (1.0 / k))
        cdf = cdf + term
        count = count + np.where(u > cdf, 1.0, 0.0)
    return count + (mean - mean)


def poisson_terms(mean: float, tail: float = 2.0**-33) -> int:
    """The smallest number of terms with P(N > terms) <= `tail` for N Poisson of `mean`.

    At the default a 32-bit uniform cannot tell the truncated distribution from the full one.
    """
    terms = 1
    while _poisson_tail(mean, terms) > tail:
        terms += 1
    return terms


def _poisson_tail(mean: float, terms: int) -> float:
    """P(N > terms), summed from its first term so that nothing cancels."""
    if mean <= 0.0:
        return 0.0
    term = math.exp((terms + 1) * math.log(mean) - mean - math.lgamma(terms + 2))
    total, k = 0.0, terms + 1
    while term > total * 1e-17 or k < mean:
        total += term
        k += 1
        term *= mean / k
    return total
