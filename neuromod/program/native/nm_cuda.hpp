// The few things of CUDA that a program uses, and a stand-in for them.
//
// Kernels here have no barrier and no exchange between threads but atomic additions of integers, so their threads may run
// in any order, also one after the other: that is what the stand-in does when the same text is compiled as C++
// (-DNM_EMULATE). NM_EMULATE_BACKWARDS in the environment turns the order of all threads round; NM_EMULATE_COUNT names a file
// for how often kernels were launched, values copied, and the device waited for, and how many bytes were allocated on it.
#ifndef NM_CUDA_HPP
#define NM_CUDA_HPP

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include "nm_arrays.hpp"

#define NM_THREADS 128

#if defined(__CUDACC__)

#define NM_GLOBAL __global__ void __launch_bounds__(NM_THREADS)
#define NM_DEVICE static __device__ __forceinline__
#define NM_BOTH __host__ __device__
#define NM_CONSTANT __constant__

inline void nm_cuda(cudaError_t code) {
    if (code == cudaSuccess) return;
    std::fprintf(stderr, "CUDA: %s\n", cudaGetErrorString(code));
    std::exit(1);
}

template <class T> T* nm_allocate(size_t n) {
    T* made;
    nm_cuda(cudaMalloc(&made, n * sizeof(T) + 1));
    nm_cuda(cudaMemset(made, 0, n * sizeof(T)));
    return made;
}
template <class T> void nm_to_device(T* device, const T* host, size_t n) { nm_cuda(cudaMemcpy(device, host, n * sizeof(T), cudaMemcpyHostToDevice)); }
template <class T> void nm_to_host(T* host, const T* device, size_t n) { nm_cuda(cudaMemcpy(host, device, n * sizeof(T), cudaMemcpyDeviceToHost)); }
template <class T> void nm_to_constant(T& symbol, const T& value) { nm_cuda(cudaMemcpyToSymbol(reinterpret_cast<const void*>(&symbol), &value, sizeof(T))); }
inline cudaStream_t& nm_stream() {
    static cudaStream_t made = [] { cudaStream_t s; nm_cuda(cudaStreamCreate(&s)); return s; }();
    return made;
}
inline void nm_wait() { nm_cuda(cudaStreamSynchronize(nm_stream())); }
#define NM_LAUNCH(KERNEL, BLOCKS, ...)                                       \
    do {                                                                     \
        const unsigned nm_blocks = unsigned(BLOCKS);                         \
        if (nm_blocks) KERNEL<<<nm_blocks, NM_THREADS, 0, nm_stream()>>>(__VA_ARGS__); \
        nm_cuda(cudaGetLastError());                                         \
    } while (0)

// A sequence of launches that is replayed at the price of one.
struct NmGraph {
    cudaGraphExec_t ready = nullptr;
    template <class F> void record(F launches) {
        cudaGraph_t graph;
        nm_cuda(cudaStreamBeginCapture(nm_stream(), cudaStreamCaptureModeGlobal));
        launches();
        nm_cuda(cudaStreamEndCapture(nm_stream(), &graph));
        nm_cuda(cudaGraphInstantiate(&ready, graph, 0));
        nm_cuda(cudaGraphDestroy(graph));
    }
    void replay() { nm_cuda(cudaGraphLaunch(ready, nm_stream())); }
};

#elif defined(NM_EMULATE)

#include <cstdio>
#include <functional>

struct NmCounted {
    long launches = 0, copies = 0, waits = 0, bytes = 0;
    ~NmCounted() {
        const char* path = std::getenv("NM_EMULATE_COUNT");
        std::FILE* file = path ? std::fopen(path, "w") : nullptr;
        if (!file) return;
        std::fprintf(file, "%ld %ld %ld %ld\n", launches, copies, waits, bytes);
        std::fclose(file);
    }
};
inline NmCounted nm_counted;

#define NM_GLOBAL static void
#define NM_DEVICE static inline
#define NM_BOTH
#define NM_CONSTANT

struct NmIndex { unsigned x; };
static NmIndex blockIdx, threadIdx;

template <class T> T* nm_allocate(size_t n) { nm_counted.bytes += long(n * sizeof(T)); return static_cast<T*>(std::calloc(n * sizeof(T) + 1, 1)); }
template <class T> void nm_to_device(T* device, const T* host, size_t n) { nm_counted.copies++; if (n) std::memcpy(device, host, n * sizeof(T)); }
template <class T> void nm_to_host(T* host, const T* device, size_t n) { nm_counted.copies++; if (n) std::memcpy(host, device, n * sizeof(T)); }
template <class T> void nm_to_constant(T& symbol, const T& value) { symbol = value; }
inline void nm_wait() { nm_counted.waits++; }
template <class T> T atomicAdd(T* target, T value) { const T old = *target; *target = old + value; return old; }
template <class T> T atomicMin(T* target, T value) { const T old = *target; if (value < old) *target = value; return old; }

template <class F> void nm_run_threads(size_t blocks, F kernel) {
    static const bool backwards = std::getenv("NM_EMULATE_BACKWARDS") != nullptr;
    const size_t all = blocks * NM_THREADS;
    if (all) nm_counted.launches++;
    for (size_t k = 0; k < all; k++) {
        const size_t thread = backwards ? all - 1 - k : k;
        blockIdx.x = unsigned(thread / NM_THREADS);
        threadIdx.x = unsigned(thread % NM_THREADS);
        kernel();
    }
}
#define NM_LAUNCH(KERNEL, BLOCKS, ...) nm_run_threads(size_t(BLOCKS), [&] { KERNEL(__VA_ARGS__); })

struct NmGraph {
    std::function<void()> replay;
    template <class F> void record(F launches) { replay = launches; }
};

#else
#error "nm_cuda.hpp: compile with nvcc, or with -DNM_EMULATE"
#endif

#endif
