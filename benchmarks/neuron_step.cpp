// Time of one AdEx neuron-step as Brian2 would generate it, with our exp and random numbers.
// Prints one line per variant: name, nanoseconds per neuron-step (median of 7), sum over all state (a check).
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <vector>
#include "../neuromod/program/native/nm_random.hpp"

static const int N = 2000;
static const int STEPS = 2000;

// Per-neuron state and parameters (SI units).
struct Neurons {
    std::vector<double> v, w, ge, gi, eta, free_at;
    std::vector<double> over_C, gL, EL, VT, DT, Vr, a, over_tw, b, tref, Ib, sigma, mean, weight;
    Neurons() {
        v.assign(N, -0.070), w.assign(N, 0.0), ge.assign(N, 0.0), gi.assign(N, 0.0), eta.assign(N, 0.0);
        free_at.assign(N, 0.0), over_C.assign(N, 1 / 100e-12), gL.assign(N, 6e-9), EL.assign(N, -0.070);
        VT.assign(N, -0.050), DT.assign(N, 0.002), Vr.assign(N, -0.060), a.assign(N, 1e-9), over_tw.assign(N, 1 / 0.1);
        b.assign(N, 60e-12), tref.assign(N, 0.002), Ib.resize(N), sigma.assign(N, 20e-12), mean.assign(N, 0.142);
        weight.assign(N, 0.7e-9);
        for (int i = 0; i < N; i++) Ib[i] = 100e-12 + 0.05e-12 * i;
    }
    double sum() const {
        double s = 0;
        for (int i = 0; i < N; i++) s += v[i] + w[i] * 1e9 + ge[i] * 1e9 + eta[i] * 1e9;
        return s;
    }
};

// One step of all neurons; NOISE 0: none, 1: Ornstein-Uhlenbeck current, 2: that and Poisson background.
template <int NOISE>
static void __attribute__((noinline)) advance(Neurons& n, int64_t key, int population, int64_t step) {
    const double dt = 1e-4, t = step * dt, decay_e = 0.9801986733067553, decay_i = 0.99004983374916811;
    const double decay_eta = 0.9801986733067553, kick_eta = 0.19801;
#define NM_ARRAY(x) double* __restrict x = n.x.data();
    NM_ARRAY(v) NM_ARRAY(w) NM_ARRAY(ge) NM_ARRAY(gi) NM_ARRAY(eta) NM_ARRAY(free_at) NM_ARRAY(over_C) NM_ARRAY(gL)
    NM_ARRAY(EL) NM_ARRAY(VT) NM_ARRAY(DT) NM_ARRAY(Vr) NM_ARRAY(a) NM_ARRAY(over_tw) NM_ARRAY(b) NM_ARRAY(tref)
    NM_ARRAY(Ib) NM_ARRAY(sigma) NM_ARRAY(mean) NM_ARRAY(weight)
#pragma omp simd
    for (int i = 0; i < N; i++) {
        const double V = v[i];
        double ge_now = ge[i], eta_now = eta[i];
        if (NOISE >= 1) eta_now = decay_eta * eta_now + kick_eta * sigma[i] * nm_normal(key, population, i, step, 1);
        if (NOISE >= 2) ge_now += weight[i] * nm_poisson_n<4>(mean[i], key, population, i, step, 1);
        const double spike = gL[i] * DT[i] * nm_exp(nm_min((V - VT[i]) / DT[i], 20.0));
        const double current = gL[i] * (EL[i] - V) + spike - w[i] + Ib[i] + eta_now - ge_now * V - gi[i] * (V + 0.080);
        const double awake = t > free_at[i] ? 1.0 : 0.0;
        const double V_new = V + awake * (dt * current * over_C[i]);
        const double w_new = w[i] + dt * over_tw[i] * (a[i] * (V - EL[i]) - w[i]);
        const bool fires = V_new > 0.0;
        v[i] = fires ? Vr[i] : V_new;
        w[i] = fires ? w_new + b[i] : w_new;
        free_at[i] = fires ? t + tref[i] - 0.5 * dt : free_at[i];
        ge[i] = ge_now * decay_e;
        gi[i] = gi[i] * decay_i;
        eta[i] = eta_now;
    }
}

template <int NOISE>
static void measure(const char* name) {
    std::vector<double> times;
    double sum = 0;
    for (int repeat = 0; repeat < 7; repeat++) {
        Neurons n;
        const auto start = std::chrono::steady_clock::now();
        for (int64_t step = 0; step < STEPS; step++) advance<NOISE>(n, 42, 7, step);
        const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
        times.push_back(taken.count() * 1e9 / N / STEPS);
        sum = n.sum();
    }
    std::sort(times.begin(), times.end());
    printf("%s %.3f %.17g\n", name, times[3], sum);
}

int main() {
    measure<0>("none");
    measure<1>("noise");
    measure<2>("noise+poisson");
    return 0;
}
