// Elementary functions that give the same bits everywhere.
//
// Only + - * / sqrt of IEEE doubles, comparisons written as selections, and 64-bit integer operations: scalar code,
// every SIMD width, every compiler, and numpy (neuromod/reference_math.py) agree bit for bit, and a loop
// over them vectorises. Nothing here calls libm.
//
// Compile with -O2 -fopenmp-simd -ffp-contract=off -fno-math-errno -fno-trapping-math (nvcc: -fmad=false), never
// with -ffast-math: a fused multiply-add or a reordered sum changes the bits. Which NaN a NaN result is (sign,
// payload) is not fixed; that it is a NaN is.
//
// Polynomial coefficients: interpolation at Chebyshev nodes in 60-digit arithmetic, then rounded to double.
#ifndef NM_MATH_HPP
#define NM_MATH_HPP

#include <cfloat>
#include <cmath>
#include <cstdint>
#include <cstring>

#if defined(__FAST_MATH__) || (defined(__FINITE_MATH_ONLY__) && __FINITE_MATH_ONLY__)
#error "nm_math.hpp: compile without -ffast-math and without -ffinite-math-only"
#endif
#if FLT_EVAL_METHOD != 0
#error "nm_math.hpp: doubles must be evaluated as doubles (on 32-bit x86: -msse2 -mfpmath=sse)"
#endif

// Over neurons: loops whose passes are independent of each other, but for nm_any, which collects bits.
#ifdef NM_SCALAR
#define NM_SIMD
#define NM_SIMD_ANY
#else
#define NM_SIMD _Pragma("omp simd")
#define NM_SIMD_ANY _Pragma("omp simd reduction(|:nm_any)")
#endif

#if defined(__CUDACC__)
#define NM_FN static __host__ __device__ __forceinline__
#else
#define NM_FN static inline __attribute__((always_inline))
#endif

NM_FN uint64_t nm_bits(double x) { uint64_t b; memcpy(&b, &x, 8); return b; }
NM_FN double nm_from_bits(uint64_t b) { double x; memcpy(&x, &b, 8); return x; }

// An integer below 2^52 as a double, exactly; unlike a cast this vectorises on every instruction set.
NM_FN double nm_from_integer(uint64_t n) { return nm_from_bits(n | 0x4330000000000000u) - 0x1p52; }

// sqrt is correctly rounded by IEEE 754, so the bits are the same everywhere.
#if defined(__CUDA_ARCH__)
NM_FN double nm_sqrt(double x) { return sqrt(x); }
#else
NM_FN double nm_sqrt(double x) { return __builtin_sqrt(x); }
#endif

// The smaller and the larger of two numbers; if either is NaN the result is `b`.
NM_FN double nm_min(double a, double b) { return a < b ? a : b; }
NM_FN double nm_max(double a, double b) { return a > b ? a : b; }

// x limited to [lo, hi]; a NaN stays NaN. Requires lo <= hi.
NM_FN double nm_clip(double x, double lo, double hi) { return nm_max(lo, nm_min(hi, x)); }

// The larger of 0 and x; a NaN stays NaN.
NM_FN double nm_positive(double x) { return nm_max(0.0, x); }

// e^x within 2 ulp for -708 <= x <= 709; exactly 0 below -708, +infinity above 709, NaN for NaN.
NM_FN double nm_exp(double x) {
    const double magic = 0x1.8p52;  // adding it rounds to the nearest integer and leaves that in the low bits
    const double shifted = x * 1.4426950408889634 + magic;
    const double n = shifted - magic;
    const double r = (x - n * 0.693147180559663) - n * 2.8235290563031577e-13;  // x - n ln 2, |r| <= 0.3466
    const double r2 = r * r, r4 = r2 * r2;
    const double q01 = 0.5 + r * 0.16666666666666666;
    const double q23 = 0.04166666666665136 + r * 0.008333333333332155;
    const double q45 = 0.0013888888905881542 + r * 0.0001984126985433861;
    const double q67 = 2.4801536388690766e-05 + r * 2.755728006701698e-06;
    const double q89 = 2.761380686153829e-07 + r * 2.5095554677111112e-08;
    const double q = (q01 + r2 * q23) + r4 * ((q45 + r2 * q67) + r4 * q89);
    const double scale = nm_from_bits((nm_bits(shifted) + 1023u) << 52);  // 2^n, a normal number
    const double y = (1.0 + (r + r2 * q)) * scale;
    const double low = x < -708.0 ? 0.0 : y;  // out of range y is garbage, and not used
    return x > 709.0 ? nm_from_bits(0x7ff0000000000000u) : low;
}

// Natural logarithm of a positive normal number, within 1 ulp; nothing is promised for any other argument.
NM_FN double nm_log_of_normal(double x) {
    const uint64_t bits = nm_bits(x);
    const uint64_t exponent = (bits + 0x00095f619980c433u) >> 52;  // 1023 + k; x = 2^k m, sqrt(1/2) <= m < sqrt(2)
    const double k = nm_from_integer(exponent) - 1023.0;
    const double f = nm_from_bits(bits - ((exponent - 1023u) << 52)) - 1.0;
    const double s = f / (2.0 + f);  // log m = 2 atanh s
    const double z = s * s, z2 = z * z;
    const double q01 = 0.666666666666667 + z * 0.39999999999899444;
    const double q23 = 0.2857142862600327 + z * 0.22222211130259878;
    const double q45 = 0.18182889455674947 + z * 0.15331710618210773;
    const double q = z * ((q01 + z2 * q23) + (z2 * z2) * (q45 + z2 * 0.14616585424888623));
    const double half_square = (0.5 * f) * f;
    const double low = s * (half_square + q) + k * 2.8235290563031577e-13;
    return k * 0.693147180559663 - ((half_square - low) - f);
}

// Natural logarithm within 1 ulp for positive normal x; NaN for zero, subnormal, negative, infinite and NaN x.
NM_FN double nm_log(double x) {
    const double y = nm_log_of_normal(x);
    const double bounded = x <= DBL_MAX ? y : nm_from_bits(0x7ff8000000000000u);
    return x >= DBL_MIN ? bounded : nm_from_bits(0x7ff8000000000000u);
}

// sin r for |r| <= pi/2, relative error below 4e-16.
NM_FN double nm_sin_reduced(double r) {
    const double z = r * r, z2 = z * z;
    const double q01 = -0.16666666666666666 + z * 0.008333333333333316;
    const double q23 = -0.00019841269841254966 + z * 2.7557319219160833e-06;
    const double q45 = -2.505210761669045e-08 + z * 1.6058977292642743e-10;
    const double q67 = -7.643969663988074e-13 + z * 2.7314368769379893e-15;
    return r + (r * z) * ((q01 + z2 * q23) + (z2 * z2) * (q45 + z2 * q67));
}

// x - turns pi, with pi in three parts so that the first two products are exact for |turns| < 2^14.
NM_FN double nm_minus_pi_times(double x, double turns) {
    return ((x - turns * 3.1415926535846666) - turns * 5.1266883031679116e-12) - turns * 2.1125998133974855e-23;
}

// x for |x| <= 10^4, NaN otherwise.
NM_FN double nm_within_1e4(double x) {
    const double bounded = x <= 1e4 ? x : nm_from_bits(0x7ff8000000000000u);
    return x >= -1e4 ? bounded : nm_from_bits(0x7ff8000000000000u);
}

// sin x for |x| <= 10^4, absolute error below 4e-16; NaN outside.
NM_FN double nm_sin(double x) {
    const double c = nm_within_1e4(x);
    const double shifted = c * 0.3183098861837907 + 0x1.8p52;
    const double y = nm_sin_reduced(nm_minus_pi_times(c, shifted - 0x1.8p52));
    return nm_from_bits(nm_bits(y) ^ (nm_bits(shifted) << 63));
}

// cos x for |x| <= 10^4, absolute error below 4e-16; NaN outside.
NM_FN double nm_cos(double x) {
    const double c = nm_within_1e4(x);
    const double shifted = (c * 0.3183098861837907 - 0.5) + 0x1.8p52;
    const double y = nm_sin_reduced(nm_minus_pi_times(c, (shifted - 0x1.8p52) + 0.5));
    return nm_from_bits(nm_bits(y) ^ (~nm_bits(shifted) << 63));
}

#endif
