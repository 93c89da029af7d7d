#include "nm_drawn.hpp"

#include <algorithm>

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

static inline void nm_store(uint64_t* to, NmLanes words) {
    words &= NM_LOW;
    memcpy(to, &words, sizeof words);
}

// Those from the j-th on, in chains that do not wait for each other; the last lanes of all may come twice.
// The upper halves of products are not cleared before the end: a multiplication reads lower halves only.
void NmDrawn::fill_lanes(int64_t key, const int32_t* population, const int32_t* cell, int n, int64_t step, int purpose, int j) {
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
        nm_store(w0 + at[u], c0[u]);
        nm_store(w1 + at[u], c1[u]);
        nm_store(w2 + at[u], c2[u]);
        nm_store(w3 + at[u], c3[u]);
    }
}
#endif

void NmDrawn::fill(int64_t key, const int32_t* population, const int32_t* cell, int n, int64_t step, int purpose) {
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
