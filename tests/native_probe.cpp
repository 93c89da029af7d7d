// Test harness: applies one function of nm_math.hpp or nm_random.hpp to columns read from stdin, in a simd loop.
//   native_probe exp|log|sin|cos|clip               stdin: doubles
//   native_probe uniform|normal|poisson4|poisson16|poisson64|poisson_from8 N
//                                stdin: mean[N] doubles, key[N], population[N], cell[N], step[N], purpose[N] int64
//   native_probe cells N         one loop as a model has it: normal, poisson4, uniform of cells 0..N-1, fixed rest
//   native_probe drawn N         the same of cells drawn in blocks, 8 terms from a table; then with other means of the Poisson draw
//   native_probe kat             stdin: rows of six words (uint64); stdout: rows of four words
//   native_probe words KEY cells|steps    endless raw 32-bit words for external test batteries
// stdout: raw little-endian doubles (words: uint32).
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>
#define NM_SIMD_ANY _Pragma("omp simd reduction(|:nm_any)")
#include "nm_drawn.hpp"

template <typename T>
static std::vector<T> read_all() {
    std::vector<T> data;
    T buffer[4096];
    for (size_t n; (n = fread(buffer, sizeof(T), 4096, stdin)) > 0;) data.insert(data.end(), buffer, buffer + n);
    return data;
}

template <typename T>
static int write_all(const std::vector<T>& data) {
    return fwrite(data.data(), sizeof(T), data.size(), stdout) == data.size() ? 0 : 1;
}

template <typename F>
static int map(F f) {
    const std::vector<double> in = read_all<double>();
    std::vector<double> out(in.size());
    const double* __restrict x = in.data();
    double* __restrict y = out.data();
    const int n = int(in.size());
#pragma omp simd
    for (int i = 0; i < n; i++) y[i] = f(x[i]);
    return write_all(out);
}

template <typename F>
static int draw(int n, F f) {
    std::vector<int64_t> in = read_all<int64_t>();
    if (in.size() != 6 * size_t(n)) return 2;
    std::vector<double> out(n), mean(n);
    memcpy(mean.data(), in.data(), 8 * size_t(n));
    const int64_t* __restrict c = in.data();
    const double* __restrict m = mean.data();
    double* __restrict y = out.data();
#pragma omp simd
    for (int i = 0; i < n; i++)
        y[i] = f(m[i], c[n + i], int(c[2 * n + i]), int(c[3 * n + i]), c[4 * n + i], int(c[5 * n + i]));
    return write_all(out);
}

static int cells(int n) {
    std::vector<double> out(3 * size_t(n));
    double* __restrict y = out.data();
    const int64_t key = -123456789012345, step = 5000000000;
#pragma omp simd
    for (int i = 0; i < n; i++) {
        y[i] = nm_normal(key, -7, i, step, 3);
        y[n + i] = nm_poisson_n<4>(0.5, key, -7, i, step, 3);
        y[2 * n + i] = nm_uniform(key, -7, i, step, 3);
    }
    return write_all(out);
}

static int drawn(int n) {
    std::vector<double> out, mean(n, 0.5);
    std::vector<int32_t> population(n), cell(n);
    for (int i = 0; i < n; i++) population[i] = -7 + i % 2, cell[i] = i;
    NmPoissonTable<8> table{size_t(n)};
    static NmDrawn words;
    for (int round = 0; round < 2; round++) {
        for (int begin = 0; begin < n; begin += NM_DRAWN) {
            const int end = std::min(begin + NM_DRAWN, n);
            words.fill(-123456789012345, &population[begin], &cell[begin], end - begin, 5000000000, 3);
            table.follow(begin, end, [&](int i) { return mean[i]; });
            for (int i = begin; i < end; i++) {
                const NmBlock b = words[i - begin];
                out.insert(out.end(), {nm_normal(b), table.count(i, b), nm_poisson8(mean[i], nm_exp(-mean[i]), b), nm_uniform(b)});
            }
        }
        for (int i = n / 2; i < n; i++) mean[i] = 0.001 * i;
    }
    return write_all(out);
}

static int known_answers() {
    const std::vector<uint64_t> in = read_all<uint64_t>();
    std::vector<uint64_t> out;
    for (size_t i = 0; i + 6 <= in.size(); i += 6) {
        const NmBlock b = nm_philox(in[i], in[i + 1], in[i + 2], in[i + 3], in[i + 4], in[i + 5]);
        out.insert(out.end(), {b.w0, b.w1, b.w2, b.w3});
    }
    return write_all(out);
}

static int words(int64_t key, bool by_cells) {
    std::vector<uint32_t> out(4 * 4096);
    for (int64_t outer = 0;; outer++) {
        for (int inner = 0; inner < 4096; inner++) {
            const int64_t step = by_cells ? outer : outer / 450 * 4096 + inner;
            const NmBlock b = nm_block(key, 7, by_cells ? inner : int(outer % 450), step, 1);
            uint32_t* o = &out[4 * inner];
            o[0] = uint32_t(b.w0), o[1] = uint32_t(b.w1), o[2] = uint32_t(b.w2), o[3] = uint32_t(b.w3);
        }
        if (write_all(out)) return 0;
    }
}

#define NM_DRAW(CALL) draw(n, [](double m, int64_t k, int p, int c, int64_t s, int u) { (void)m; return CALL; })

int main(int argc, char** argv) {
    const std::string name = argc > 1 ? argv[1] : "";
    const int n = argc > 2 ? atoi(argv[2]) : 0;
    if (name == "exp") return map([](double x) { return nm_exp(x); });
    if (name == "log") return map([](double x) { return nm_log(x); });
    if (name == "sin") return map([](double x) { return nm_sin(x); });
    if (name == "cos") return map([](double x) { return nm_cos(x); });
    if (name == "clip") return map([](double x) { return nm_clip(x, -1.5, 0.25); });
    if (name == "uniform") return NM_DRAW(nm_uniform(k, p, c, s, u));
    if (name == "normal") return NM_DRAW(nm_normal(k, p, c, s, u));
    if (name == "poisson4") return NM_DRAW(nm_poisson_n<4>(m, k, p, c, s, u));
    if (name == "poisson16") return NM_DRAW(nm_poisson(m, k, p, c, s, u));
    if (name == "poisson64") return NM_DRAW(nm_poisson_n<64>(m, k, p, c, s, u));
    if (name == "poisson_from8") return NM_DRAW(nm_poisson8(m, nm_exp(-m), k, p, c, s, u));
    if (name == "cells") return cells(n);
    if (name == "drawn") return drawn(n);
    if (name == "kat") return known_answers();
    if (name == "words" && argc > 3) return words(atoll(argv[2]), std::string(argv[3]) == "cells");
    fprintf(stderr, "native_probe: unknown function '%s'\n", name.c_str());
    return 2;
}
