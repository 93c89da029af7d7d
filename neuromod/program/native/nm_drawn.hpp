// Random words of a block of neurons at once. Within the loop over neurons each of them would be a long chain of
// multiplications whose results wait for each other, and GCC takes 64-bit ones where 32 bits are enough. The words, so the
// draws, are those of nm_random.hpp to the last bit; the overloads below read them.
#ifndef NM_DRAWN_HPP
#define NM_DRAWN_HPP

#include <algorithm>
#include <limits>
#include <vector>
#include "nm_draws.hpp"

#define NM_DRAWN 256

#if defined(NM_SCALAR)
#elif defined(__AVX512F__)
#include <immintrin.h>
#define NM_LANES 8
#define NM_CHAINS 4
#define NM_MULTIPLY(a, b) NmLanes(_mm512_maskz_mul_epu32(__mmask8(0xff), __m512i(a), __m512i(b)))
#elif defined(__AVX2__)
#include <immintrin.h>
#define NM_LANES 4
#define NM_CHAINS 2
#define NM_MULTIPLY(a, b) NmLanes(_mm256_mul_epu32(__m256i(a), __m256i(b)))
#endif

#ifdef NM_LANES
typedef uint64_t NmLanes __attribute__((vector_size(8 * NM_LANES)));
typedef uint32_t NmHalves __attribute__((vector_size(4 * NM_LANES)));

static inline NmLanes nm_read_lanes(const int32_t* from) {
    NmHalves half;
    memcpy(&half, from, sizeof half);
    return __builtin_convertvector(half, NmLanes);
}
#endif

struct NmDrawn {
    alignas(64) uint64_t w0[NM_DRAWN], w1[NM_DRAWN], w2[NM_DRAWN], w3[NM_DRAWN];

    NmBlock operator[](int j) const { return NmBlock{w0[j], w1[j], w2[j], w3[j]}; }

    // The words of n <= NM_DRAWN neurons, as nm_block has them.
    void fill(int64_t key, const int32_t* population, const int32_t* cell, int n, int64_t step, int purpose) {
#ifdef NM_LANES
        if (n >= NM_LANES) {
            for (int j = 0; j < n; j += NM_CHAINS * NM_LANES) fill_lanes(key, population, cell, n, step, purpose, j);
            return;
        }
#endif
        for (int j = 0; j < n; j++) {
            const NmBlock b = nm_block(key, population[j], cell[j], step, purpose);
            w0[j] = b.w0, w1[j] = b.w1, w2[j] = b.w2, w3[j] = b.w3;
        }
    }

#ifdef NM_LANES
    // Those from the j-th on, in chains that do not wait for each other; the last lanes of all may come twice.
    // The upper halves of products are not cleared before the end: a multiplication reads lower halves only.
    NM_FN void store(uint64_t* to, NmLanes words) { words &= NM_LOW; memcpy(to, &words, sizeof words); }

    void fill_lanes(int64_t key, const int32_t* population, const int32_t* cell, int n, int64_t step, int purpose, int j) {
        const uint64_t k = uint64_t(key), s = uint64_t(step);
        const uint64_t mixed = (uint64_t(uint32_t(purpose)) << 16 | (s >> 32 & 0xffffu)) & NM_LOW;
        const NmLanes none = {}, m0 = none + 0xD2511F53u, m1 = none + 0xCD9E8D57u;
        NmLanes c0[NM_CHAINS], c1[NM_CHAINS], c2[NM_CHAINS], c3[NM_CHAINS];
        int at[NM_CHAINS];
#pragma GCC unroll 4
        for (int u = 0; u < NM_CHAINS; u++) {
            at[u] = std::min(j + u * NM_LANES, n - NM_LANES);
            c0[u] = nm_read_lanes(cell + at[u]);
            c1[u] = nm_read_lanes(population + at[u]);
            c2[u] = none + (s & NM_LOW);
            c3[u] = none + mixed;
        }
#pragma GCC unroll 10
        for (int r = 0; r < 10; r++) {
            const NmLanes k0 = none + ((k + r * uint64_t(0x9E3779B9u)) & NM_LOW);
            const NmLanes k1 = none + (((k >> 32) + r * uint64_t(0xBB67AE85u)) & NM_LOW);
#pragma GCC unroll 4
            for (int u = 0; u < NM_CHAINS; u++) {
                const NmLanes p0 = NM_MULTIPLY(c0[u], m0), p1 = NM_MULTIPLY(c2[u], m1);
                c0[u] = (p1 >> 32) ^ (c1[u] ^ k0);
                c2[u] = (p0 >> 32) ^ (c3[u] ^ k1);
                c1[u] = p1;
                c3[u] = p0;
            }
        }
#pragma GCC unroll 4
        for (int u = 0; u < NM_CHAINS; u++) {
            store(w0 + at[u], c0[u]);
            store(w1 + at[u], c1[u]);
            store(w2 + at[u], c2[u]);
            store(w3 + at[u], c3[u]);
        }
    }
#endif
};

NM_FN double nm_uniform(const NmBlock& b) { return nm_midpoint(b.w3); }
NM_FN double nm_normal(const NmBlock& b) { return nm_normal_of(b); }
#define NM_POISSON(TERMS) \
    NM_FN double nm_poisson##TERMS(double mean, double none, const NmBlock& b) { return nm_poisson_of<TERMS>(mean, none, b); }
NM_EACH_TERMS(NM_POISSON)
#undef NM_POISSON

// P(N < 1), ..., P(N < TERMS) of the Poisson counts of a group whose means rarely move: computed when one does.
template <int TERMS>
struct NmPoissonTable {
    std::vector<double> mean, below[TERMS];

    explicit NmPoissonTable(size_t n) : mean(n, std::numeric_limits<double>::quiet_NaN()) {
        for (auto& column : below) column.assign(n, 0.0);
    }

    // Takes the means of neurons first to last from mean_at(neuron).
    template <class MeanAt>
    void follow(int first, int last, MeanAt mean_at) {
        double* __restrict known = mean.data();
        int64_t nm_any = 0;
        NM_SIMD_ANY
        for (int j = first; j < last; j++) {
            const double now = mean_at(j);
            nm_any |= int64_t(now != known[j]);
            known[j] = now;
        }
        if (nm_any) compute(first, last);
    }

    __attribute__((noinline)) void compute(int first, int last) {
        for (int j = first; j < last; j++) {
            double term = nm_exp(-mean[j]), cdf = term;
            below[0][j] = cdf;
            for (int k = 1; k < TERMS; k++) {
                term = term * (mean[j] * (1.0 / k));
                cdf = cdf + term;
                below[k][j] = cdf;
            }
        }
    }

    // As nm_poisson_of has it: the counts are added up in another order, which changes no integer.
    __attribute__((always_inline)) double count(int j, const NmBlock& b) const {
        const double u = nm_midpoint(b.w2), m = mean[j];
        double hits = 0.0;
#pragma GCC unroll 64
        for (int k = 0; k < TERMS; k++) hits += u > below[k][j] ? 1.0 : 0.0;
        return hits + (m - m);
    }
};

// 1 or 0 as a double, where Brian2 has an integer, which would halve the neurons that fit a vector.
NM_FN double nm_truth(bool value) { return value ? 1.0 : 0.0; }

#endif
