// Random numbers that are pure functions of (key, population, cell, step, purpose): no state, so nothing to save in
// a checkpoint, and the same draws in every arm of an experiment and on every backend.
//
// Philox4x32-10 (Salmon, Moraes, Dror, Shaw, SC'11, doi 10.1145/2063384.2063405).
//   counter = cell, population, step mod 2^32, purpose << 16 | (step >> 32 mod 2^16); key = low, high half of `key`
// so step < 2^48 and purpose < 2^16. The four words of one block: 0 and 1 -> nm_normal, 2 -> nm_poisson,
// 3 -> nm_uniform. The three are therefore independent of each other for equal arguments, and a loop that calls them
// with equal arguments evaluates Philox once (the compiler shares it). Two draws of one kind need two purposes.
#ifndef NM_RANDOM_HPP
#define NM_RANDOM_HPP

#include "nm_math.hpp"

#define NM_POISSON_TERMS 16

// The four 32-bit words of a block; the upper halves are zero.
struct NmBlock { uint64_t w0, w1, w2, w3; };

#define NM_LOW 0xffffffffu

// Philox in 64-bit lanes, as wide as the doubles it becomes, so that a loop over neurons vectorises without packing.
NM_FN NmBlock nm_philox(uint64_t c0, uint64_t c1, uint64_t c2, uint64_t c3, uint64_t k0, uint64_t k1) {
#define NM_ROUND(r)                                                                    \
    {                                                                                  \
        const uint64_t p0 = c0 * 0xD2511F53u, p1 = c2 * 0xCD9E8D57u;                   \
        c0 = (p1 >> 32) ^ ((c1 ^ (k0 + r * uint64_t(0x9E3779B9u))) & NM_LOW);          \
        c2 = (p0 >> 32) ^ ((c3 ^ (k1 + r * uint64_t(0xBB67AE85u))) & NM_LOW);          \
        c1 = p1;                                                                       \
        c3 = p0;                                                                       \
    }
    NM_ROUND(0) NM_ROUND(1) NM_ROUND(2) NM_ROUND(3) NM_ROUND(4)
    NM_ROUND(5) NM_ROUND(6) NM_ROUND(7) NM_ROUND(8) NM_ROUND(9)
#undef NM_ROUND
    return NmBlock{c0, c1 & NM_LOW, c2, c3 & NM_LOW};
}

// The block that belongs to one set of arguments.
NM_FN NmBlock nm_block(int64_t key, int population, int cell, int64_t step, int purpose) {
    const uint64_t k = uint64_t(key), s = uint64_t(step);
    const uint64_t mixed = (uint64_t(uint32_t(purpose)) << 16 | (s >> 32 & 0xffffu)) & NM_LOW;
    return nm_philox(uint32_t(cell), uint32_t(population), s & NM_LOW, mixed, k & NM_LOW, k >> 32);
}

// A 32-bit word as the midpoint of its interval in (0, 1): exact, symmetric about 1/2, never 0 or 1.
NM_FN double nm_midpoint(uint64_t word) { return (nm_from_integer(word) + 0.5) * 0x1p-32; }

// Uniform in (0, 1), resolution 2^-32.
NM_FN double nm_uniform(int64_t key, int population, int cell, int64_t step, int purpose) {
    return nm_midpoint(nm_block(key, population, cell, step, purpose).w3);
}

// Standard normal by the polar form of Box and Muller: sqrt(-2 log u) sin(pi t), t uniform in (-1/2, 1/2). Exact but
// for rounding and the 32-bit grids of u and t: each grid moves the distribution function by at most 2^-33, so its
// error is below 2^-32 = 2.4e-10 everywhere; the density is exactly symmetric and |z| <= 6.77.
NM_FN double nm_normal_of(const NmBlock& b) {
    const double radius = nm_sqrt(-2.0 * nm_log_of_normal(nm_midpoint(b.w0)));
    return radius * nm_sin_reduced((nm_midpoint(b.w1) - 0.5) * 3.141592653589793);
}

NM_FN double nm_normal(int64_t key, int population, int cell, int64_t step, int purpose) {
    return nm_normal_of(nm_block(key, population, cell, step, purpose));
}

// How many of P(N < K + 1), ..., P(N < TERMS) lie below u; `term` = P(N = K - 1), `cdf` = P(N < K).
template <int K, int TERMS>
NM_FN double nm_poisson_count(double u, double mean, double term, double cdf) {
    const double hit = u > cdf ? 1.0 : 0.0;
    if constexpr (K < TERMS) {
        const double next = term * (mean * (1.0 / K));
        return hit + nm_poisson_count<K + 1, TERMS>(u, mean, next, cdf + next);
    } else {
        return hit;
    }
}

// min(N, TERMS) with N Poisson of the given mean, by inversion of one 32-bit uniform. The distribution function is
// within 2^-32 below TERMS; choose TERMS so that P(N > TERMS) does not matter (reference_math.poisson_terms gives the
// number beyond which a 32-bit uniform could not tell). NaN for a NaN or infinite mean, 0 for a negative one;
// mean <= 700.
template <int TERMS>
NM_FN double nm_poisson_n(double mean, int64_t key, int population, int cell, int64_t step, int purpose) {
    const double u = nm_midpoint(nm_block(key, population, cell, step, purpose).w2);
    const double m = nm_max(0.0, mean);
    const double none = nm_exp(-m);
    return nm_poisson_count<1, TERMS>(u, m, none, none) + (m - m);  // the difference is 0, or NaN
}

// nm_poisson_n with 16 terms: complete to the resolution of the uniform for means up to 2 (see poisson_terms).
NM_FN double nm_poisson(double mean, int64_t key, int population, int cell, int64_t step, int purpose) {
    return nm_poisson_n<NM_POISSON_TERMS>(mean, key, population, cell, step, purpose);
}

#endif
