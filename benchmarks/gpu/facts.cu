// What a GPU costs where a spiking network pays: launches, small copies, bandwidth, sums by atomics.
// nvcc -std=c++17 -O3 -arch=native facts.cu -o facts && ./facts        one line "name value unit" per fact
#include <cooperative_groups.h>
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <set>
#include <vector>

#define CHECK(call)                                                                    \
    do {                                                                               \
        const cudaError_t code = (call);                                               \
        if (code != cudaSuccess) {                                                     \
            std::fprintf(stderr, "%s: %s\n", #call, cudaGetErrorString(code));         \
            std::exit(1);                                                              \
        }                                                                              \
    } while (0)

using Clock = std::chrono::steady_clock;

template <typename F>
static double seconds(F f) {
    CHECK(cudaDeviceSynchronize());
    const auto began = Clock::now();
    f();
    CHECK(cudaDeviceSynchronize());
    return std::chrono::duration<double>(Clock::now() - began).count();
}

// Median of seven, after one warm-up.
template <typename F>
static double median(F f) {
    std::vector<double> all;
    seconds(f);
    for (int k = 0; k < 7; k++) all.push_back(seconds(f));
    std::sort(all.begin(), all.end());
    return all[3];
}

static void fact(const char* name, double value, const char* unit) {
    std::printf("%-52s %12.4g %s\n", name, value, unit);
    std::fflush(stdout);
}

__global__ void nothing(int) {}

__global__ void sync_grid(int times) {
    for (int k = 0; k < times; k++) cooperative_groups::this_grid().sync();
}

__device__ static uint32_t mixed(uint32_t x) {
    x ^= x >> 16, x *= 0x7feb352du, x ^= x >> 15, x *= 0x846ca68bu;
    return x ^ x >> 16;
}

template <typename T>
__global__ void add(T* targets, uint32_t n, uint32_t adds, uint32_t salt) {
    for (uint32_t k = blockIdx.x * blockDim.x + threadIdx.x; k < adds; k += gridDim.x * blockDim.x) {
        const uint32_t r = mixed(k ^ salt);
        atomicAdd(targets + r % n, T((3.0 + mixed(r) * 0x1p-32) / 3.0));  // all digits in use: sums are rounded
    }
}

static void launches() {
    const int n = 20000;
    fact("kernel launch, one after another", 1e6 / n * median([&] { for (int k = 0; k < n; k++) nothing<<<8, 128>>>(k); }), "us");
    fact("kernel launch, waited for", 1e6 / 2000 * median([&] {
        for (int k = 0; k < 2000; k++) { nothing<<<8, 128>>>(k); CHECK(cudaDeviceSynchronize()); }
    }), "us");
    cudaStream_t stream;
    cudaGraph_t graph;
    cudaGraphExec_t ready;
    CHECK(cudaStreamCreate(&stream));
    CHECK(cudaStreamBeginCapture(stream, cudaStreamCaptureModeGlobal));
    for (int k = 0; k < 100; k++) nothing<<<8, 128, 0, stream>>>(k);
    CHECK(cudaStreamEndCapture(stream, &graph));
    CHECK(cudaGraphInstantiate(&ready, graph, 0));
    fact("kernel in a graph of 100 in a row", 1e6 / 20000 * median([&] {
        for (int k = 0; k < 200; k++) CHECK(cudaGraphLaunch(ready, stream));
    }), "us");
    int times = 10000;
    void* arguments[] = {&times};
    for (int blocks : {8, 132})
        fact(blocks == 8 ? "barrier of a grid of 8 blocks" : "barrier of a grid of 132 blocks", 1e6 / times * median([&] {
            CHECK(cudaLaunchCooperativeKernel(reinterpret_cast<void*>(sync_grid), dim3(blocks), dim3(256), arguments, 0, 0));
        }), "us");
}

static void copies() {
    int *device, *pinned, plain;
    CHECK(cudaMalloc(&device, 4));
    CHECK(cudaMallocHost(&pinned, 4));
    const int n = 5000;
    fact("copy of 4 bytes to ordinary memory, blocking", 1e6 / n * median([&] {
        for (int k = 0; k < n; k++) CHECK(cudaMemcpy(&plain, device, 4, cudaMemcpyDeviceToHost));
    }), "us");
    fact("copy of 4 bytes to pinned memory, blocking", 1e6 / n * median([&] {
        for (int k = 0; k < n; k++) CHECK(cudaMemcpy(pinned, device, 4, cudaMemcpyDeviceToHost));
    }), "us");
    fact("launch and blocking copy of 4 bytes", 1e6 / n * median([&] {
        for (int k = 0; k < n; k++) { nothing<<<8, 128>>>(k); CHECK(cudaMemcpy(pinned, device, 4, cudaMemcpyDeviceToHost)); }
    }), "us");
    const size_t bytes = size_t(4) << 30;
    char *from, *to, *host;
    CHECK(cudaMalloc(&from, bytes));
    CHECK(cudaMalloc(&to, bytes));
    CHECK(cudaMemset(from, 1, bytes));
    fact("copy on the device, bytes read and written", 2e-9 * bytes / median([&] {
        CHECK(cudaMemcpyAsync(to, from, bytes, cudaMemcpyDeviceToDevice));
    }), "GB/s");
    const size_t part = size_t(256) << 20;
    CHECK(cudaMallocHost(&host, part));
    fact("copy from device to pinned memory", 1e-9 * part / median([&] { CHECK(cudaMemcpyAsync(host, from, part, cudaMemcpyDeviceToHost)); }), "GB/s");
    CHECK(cudaFree(from));
    CHECK(cudaFree(to));
}

template <typename T>
static void additions(const char* kind) {
    const uint32_t adds = 1u << 24;
    T* targets;
    CHECK(cudaMalloc(&targets, 8u << 20));
    for (uint32_t n : {1u, 2000u, 200000u, 1000000u}) {
        CHECK(cudaMemset(targets, 0, 8u << 20));
        char name[80];
        std::snprintf(name, sizeof name, "atomicAdd of %s, random over %u", kind, n);
        fact(name, 1e-9 * adds / median([&] { add<<<1056, 256>>>(targets, n, adds, 1u); }), "1e9/s");
    }
    CHECK(cudaFree(targets));
}

// How many different results 20 equal rounds of sums have.
static void order() {
    const uint32_t n = 1000, adds = 1u << 20;
    double* targets;
    CHECK(cudaMalloc(&targets, n * 8));
    std::set<std::vector<uint64_t>> kinds;
    uint32_t moved = 0;
    std::vector<uint64_t> first;
    for (int k = 0; k < 20; k++) {
        CHECK(cudaMemset(targets, 0, n * 8));
        add<<<1056, 256>>>(targets, n, adds, 1u);
        std::vector<uint64_t> bits(n);
        CHECK(cudaMemcpy(bits.data(), targets, n * 8, cudaMemcpyDeviceToHost));
        if (first.empty()) first = bits;
        for (uint32_t j = 0; j < n; j++) moved += bits[j] != first[j];
        kinds.insert(bits);
    }
    fact("equal rounds of sums by atomicAdd", 20, "rounds");
    fact("... different results", double(kinds.size()), "results");
    fact("... sums that differ from those of the first", 100.0 * moved / (19.0 * n), "%");
}

int main() {
    int driver, runtime;
    cudaDeviceProp card;
    CHECK(cudaDriverGetVersion(&driver));
    CHECK(cudaRuntimeGetVersion(&runtime));
    CHECK(cudaGetDeviceProperties(&card, 0));
    std::printf("%s, compute capability %d.%d, %d multiprocessors, %.0f GiB, L2 %d MiB, driver API %d, runtime %d\n", card.name, card.major,
                card.minor, card.multiProcessorCount, card.totalGlobalMem / 1073741824.0, card.l2CacheSize >> 20, driver, runtime);
    launches();
    copies();
    additions<double>("doubles");
    additions<unsigned long long>("64-bit integers");
    additions<unsigned>("32-bit integers");
    order();
    return 0;
}
