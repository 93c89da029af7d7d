// Poisson draws as the generated statements call them: P(N = 0) is handed in, because for a constant mean it is constant.
// NaN for a NaN mean, so that the guards see it; the plan refuses negative rates.
#ifndef NM_DRAWS_HPP
#define NM_DRAWS_HPP

#include "nm_random.hpp"

template <int TERMS>
NM_FN double nm_poisson_of(double mean, double none, const NmBlock& b) {
    return nm_poisson_count<1, TERMS>(nm_midpoint(b.w2), mean, none, none) + (mean - mean);
}

// M(TERMS) for every number of terms that statements may name.
#define NM_EACH_TERMS(M) M(4) M(8) M(16) M(32) M(64)

#define NM_POISSON(TERMS)                                                                                  \
    NM_FN double nm_poisson##TERMS(double mean, double none, int64_t key, int population, int cell,        \
                                   int64_t step, int purpose) {                                            \
        return nm_poisson_of<TERMS>(mean, none, nm_block(key, population, cell, step, purpose));           \
    }
NM_EACH_TERMS(NM_POISSON)
#undef NM_POISSON

#endif
