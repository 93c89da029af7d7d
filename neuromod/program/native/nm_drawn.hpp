// Random words of a block of neurons at once. Within the loop over neurons each of them would be a long chain of
// multiplications whose results wait for each other, and GCC takes 64-bit ones where 32 bits are enough. The words, so the
// draws, are those of nm_random.hpp to the last bit; the overloads below read them.
#ifndef NM_DRAWN_HPP
#define NM_DRAWN_HPP

#include <limits>
#include <vector>
#include "nm_draws.hpp"

#define NM_DRAWN 256

struct NmDrawn {
    alignas(64) uint64_t w0[NM_DRAWN], w1[NM_DRAWN], w2[NM_DRAWN], w3[NM_DRAWN];

    NmBlock operator[](int j) const { return NmBlock{w0[j], w1[j], w2[j], w3[j]}; }

    // The words of n <= NM_DRAWN neurons, as nm_block has them.
    void fill(int64_t key, const int32_t* population, const int32_t* cell, int n, int64_t step, int purpose);
    void fill_lanes(int64_t key, const int32_t* population, const int32_t* cell, int n, int64_t step, int purpose, int j);
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
