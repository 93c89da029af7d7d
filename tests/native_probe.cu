// The CUDA side of native_probe.cpp: the same functions and draws, one thread per row, on the GPU.
//   native_probe_cuda exp|log|sin|cos|clip|positive|minimum|maximum|sqrt    stdin: doubles
//   native_probe_cuda uniform|normal|poisson4|...|poisson_from64 N
//                      stdin: mean[N] doubles, key[N], population[N], cell[N], step[N], purpose[N] int64
//   native_probe_cuda kat      stdin: rows of six words (uint64); stdout: rows of four words
// stdout: raw little-endian doubles. `minimum` and `maximum` compare with -0.75.
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>
#include "nm_draws.hpp"

static void check(cudaError_t code) {
    if (code == cudaSuccess) return;
    fprintf(stderr, "native_probe_cuda: %s\n", cudaGetErrorString(code));
    exit(1);
}

template <typename T>
static std::vector<T> read_all() {
    std::vector<T> data;
    T buffer[4096];
    for (size_t n; (n = fread(buffer, sizeof(T), 4096, stdin)) > 0;) data.insert(data.end(), buffer, buffer + n);
    return data;
}

template <typename F>
__global__ void apply(F f, size_t n) {
    const size_t row = blockIdx.x * size_t(blockDim.x) + threadIdx.x;
    if (row < n) f(row);
}

// Runs f(in, out, row) for every row on the device and writes what it left in `out`, filled with NaN bits before.
template <typename In, typename Out, typename F>
static int run(const std::vector<In>& in, size_t rows, size_t width, F f) {
    In* from;
    Out* to;
    std::vector<Out> out(rows * width);
    check(cudaMalloc(&from, in.size() * sizeof(In)));
    check(cudaMalloc(&to, out.size() * sizeof(Out)));
    check(cudaMemcpy(from, in.data(), in.size() * sizeof(In), cudaMemcpyHostToDevice));
    check(cudaMemset(to, 0xff, out.size() * sizeof(Out)));
    apply<<<unsigned((rows + 255) / 256), 256>>>([=] __device__(size_t row) { f(from, to, row); }, rows);
    check(cudaGetLastError());
    check(cudaMemcpy(out.data(), to, out.size() * sizeof(Out), cudaMemcpyDeviceToHost));
    return fwrite(out.data(), sizeof(Out), out.size(), stdout) == out.size() ? 0 : 1;
}

#define NM_MAP(CALL)                                                                       \
    run<double, double>(numbers, numbers.size(), 1, [] __device__(double* in, double* out, size_t row) { \
        const double x = in[row];                                                          \
        out[row] = CALL;                                                                   \
    })

static int map(const std::string& name) {
    const std::vector<double> numbers = read_all<double>();
    if (name == "exp") return NM_MAP(nm_exp(x));
    if (name == "log") return NM_MAP(nm_log(x));
    if (name == "sin") return NM_MAP(nm_sin(x));
    if (name == "cos") return NM_MAP(nm_cos(x));
    if (name == "clip") return NM_MAP(nm_clip(x, -1.5, 0.25));
    if (name == "positive") return NM_MAP(nm_positive(x));
    if (name == "minimum") return NM_MAP(nm_min(x, -0.75));
    if (name == "maximum") return NM_MAP(nm_max(x, -0.75));
    return NM_MAP(nm_sqrt(x));
}

// The columns are one array: mean, whose bytes are doubles, and then five columns of integers.
#define NM_DRAW(CALL)                                                                         \
    run<int64_t, double>(columns, n, 1, [n] __device__(int64_t* in, double* out, size_t row) {       \
        const double m = nm_from_bits(uint64_t(in[row]));                                     \
        const int64_t k = in[n + row], s = in[4 * n + row];                                   \
        const int p = int(in[2 * n + row]), c = int(in[3 * n + row]), u = int(in[5 * n + row]); \
        (void)m;                                                                              \
        out[row] = CALL;                                                                      \
    })

static int draw(const std::string& name, size_t n) {
    const std::vector<int64_t> columns = read_all<int64_t>();
    if (columns.size() != 6 * n) return 2;
    if (name == "uniform") return NM_DRAW(nm_uniform(k, p, c, s, u));
    if (name == "normal") return NM_DRAW(nm_normal(k, p, c, s, u));
    if (name == "poisson4") return NM_DRAW(nm_poisson_n<4>(m, k, p, c, s, u));
    if (name == "poisson16") return NM_DRAW(nm_poisson(m, k, p, c, s, u));
    if (name == "poisson64") return NM_DRAW(nm_poisson_n<64>(m, k, p, c, s, u));
    if (name == "poisson_from4") return NM_DRAW(nm_poisson4(m, nm_exp(-m), k, p, c, s, u));
    if (name == "poisson_from8") return NM_DRAW(nm_poisson8(m, nm_exp(-m), k, p, c, s, u));
    if (name == "poisson_from16") return NM_DRAW(nm_poisson16(m, nm_exp(-m), k, p, c, s, u));
    if (name == "poisson_from32") return NM_DRAW(nm_poisson32(m, nm_exp(-m), k, p, c, s, u));
    return NM_DRAW(nm_poisson64(m, nm_exp(-m), k, p, c, s, u));
}

static int known_answers() {
    const std::vector<uint64_t> in = read_all<uint64_t>();
    return run<uint64_t, uint64_t>(in, in.size() / 6, 4, [] __device__(uint64_t* words, uint64_t* out, size_t row) {
        const uint64_t* w = words + 6 * row;
        const NmBlock b = nm_philox(w[0], w[1], w[2], w[3], w[4], w[5]);
        out[4 * row] = b.w0, out[4 * row + 1] = b.w1, out[4 * row + 2] = b.w2, out[4 * row + 3] = b.w3;
    });
}

int main(int argc, char** argv) {
    const std::string name = argc > 1 ? argv[1] : "";
    if (name == "kat") return known_answers();
    return argc > 2 ? draw(name, size_t(atoll(argv[2]))) : map(name);
}
