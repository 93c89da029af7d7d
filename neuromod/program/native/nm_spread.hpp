// Spikes and their arrival at synapses, on the device, with the same bits as in C++ whatever order the threads have.
//
// Each spiking group has a log of its spikes. In a step, a pathway looks up for each of its delays who fired that long ago
// (nm_spread), and notes each synapse that is reached with its target. Then each target, one thread, sorts what was noted
// into the order in which a C++ program delivers, and runs the statements synapse by synapse (nm_gather). No sum is made by
// atomic additions, so nothing depends on which thread came first.
#ifndef NM_SPREAD_HPP
#define NM_SPREAD_HPP

#include "nm_cuda.hpp"

// Spikes of a group: cells in the order of their steps; `end[s & ring]` is the length of the log after step s.
struct NmLog {
    int32_t* cells;
    uint64_t mask;
    unsigned long long* total;
    unsigned long long* end;
    int64_t ring, start;
    int64_t* fired;  // per cell, the step of its last spike
};

NM_DEVICE void nm_fire(const NmLog& log, size_t cell, int64_t step) {
    log.cells[atomicAdd(log.total, 1ULL) & log.mask] = int32_t(cell);
    log.fired[cell] = step;
}

NM_DEVICE bool nm_fired(const NmLog& log, size_t cell, int64_t step) { return log.fired[cell] == step; }

NM_DEVICE void nm_end_step(const NmLog& log, int64_t step) { log.end[step & log.ring] = *log.total; }

struct NmRange { int32_t first, last, delay; };

// Synapses of a pathway. `at` counts them by (neuron where spikes begin, delay, index); `order` gives the synapse, or is null
// where they are stored so. A target's incoming synapses are counted in the order of delivery.
struct NmPath {
    int32_t start, stop, delays;
    const int32_t* delay;
    const int32_t* first_run;
    const NmRange* runs;
    const int32_t* order;
    int32_t first_target, targets;
    const int32_t* target;    // of each synapse, counted in its group
    const int32_t* rank;      // of each synapse among those of its target
    const int32_t* first_in;  // of each target, counted from first_target
    const int32_t* incoming;  // the synapse of a rank
    unsigned* reached;        // per target: how many synapses in this step
    int32_t* noted;           // their ranks, from first_in of the target
};

NM_DEVICE const NmRange* nm_find_run(const NmPath& path, int32_t neuron, int32_t delay) {
    int32_t low = path.first_run[neuron - path.start];
    const int32_t stop = path.first_run[neuron - path.start + 1];
    int32_t high = stop;
    while (low < high) {
        const int32_t middle = (low + high) >> 1;
        if (path.runs[middle].delay < delay) low = middle + 1; else high = middle;
    }
    return low < stop && path.runs[low].delay == delay ? path.runs + low : nullptr;
}

// The part of a log that was sent `delay` steps ago. Several are fetched at once, for memory is far away.
struct NmSent { uint64_t first, n; int32_t delay; };
#define NM_AHEAD 4

NM_DEVICE NmSent nm_sent(const NmLog& log, int64_t step, int32_t delay) {
    const int64_t sent = step - delay;
    if (sent < log.start) return NmSent{0, 0, delay};
    const uint64_t first = sent > log.start ? log.end[(sent - 1) & log.ring] : 0;
    return NmSent{first, (delay == 0 ? *log.total : log.end[sent & log.ring]) - first, delay};
}

// Calls f(synapse) for every synapse that a spike reaches in this step; 32 threads share a spike.
template <class F> NM_DEVICE void nm_arrivals(const NmPath& path, const NmLog& log, unsigned block, unsigned blocks, int64_t step, F f) {
    const unsigned lane = threadIdx.x % 32;
    const uint64_t teams = uint64_t(blocks) * (NM_THREADS / 32);
    uint64_t item = uint64_t(block) * (NM_THREADS / 32) + threadIdx.x / 32, seen = 0;
    for (int32_t d = 0; d < path.delays; d += NM_AHEAD) {
        NmSent sent[NM_AHEAD];
#pragma unroll
        for (int32_t k = 0; k < NM_AHEAD; k++) sent[k] = d + k < path.delays ? nm_sent(log, step, path.delay[d + k]) : NmSent{0, 0, 0};
#pragma unroll
        for (int32_t k = 0; k < NM_AHEAD; k++) {
            const uint64_t first = sent[k].first, n = sent[k].n;
            for (; item < seen + n; item += teams) {
                const int32_t neuron = log.cells[(first + item - seen) & log.mask];
                if (neuron < path.start || neuron >= path.stop) continue;
                const NmRange* run = nm_find_run(path, neuron, sent[k].delay);
                if (!run) continue;
                for (int32_t at = run->first + int32_t(lane); at < run->last; at += 32) f(path.order ? path.order[at] : at);
            }
            seen += n;
        }
    }
}

NM_DEVICE void nm_spread(const NmPath& path, const NmLog& log, unsigned block, unsigned blocks, int64_t step) {
    nm_arrivals(path, log, block, blocks, step, [&](int32_t synapse) {
        const int32_t target = path.target[synapse] - path.first_target;
        path.noted[path.first_in[target] + int32_t(atomicAdd(path.reached + target, 1u))] = path.rank[synapse];
    });
}

NM_DEVICE void nm_sift(int32_t* values, int32_t root, int32_t n) {
    const int32_t moved = values[root];
    for (int32_t child; (child = 2 * root + 1) < n; root = child) {
        if (child + 1 < n && values[child] < values[child + 1]) child++;
        if (values[child] <= moved) break;
        values[root] = values[child];
    }
    values[root] = moved;
}

NM_DEVICE void nm_sort(int32_t* values, int32_t n) {
    if (n > 32) {
        for (int32_t root = n / 2; root-- > 0;) nm_sift(values, root, n);
        for (int32_t last = n - 1; last > 0; last--) {
            const int32_t largest = values[0];
            values[0] = values[last];
            values[last] = largest;
            nm_sift(values, 0, last);
        }
        return;
    }
    for (int32_t k = 1; k < n; k++) {
        const int32_t value = values[k];
        int32_t to = k;
        for (; to > 0 && values[to - 1] > value; to--) values[to] = values[to - 1];
        values[to] = value;
    }
}

// How many synapses of a target were reached.
NM_DEVICE int32_t nm_reached(const NmPath& path, size_t cell) {
    const int32_t target = int32_t(cell) - path.first_target;
    return target < 0 || target >= path.targets ? 0 : int32_t(path.reached[target]);
}

// Calls f(synapse) for the n synapses of one target that were reached, in the order of delivery.
template <class F> NM_DEVICE void nm_gather(const NmPath& path, size_t cell, int32_t n, F f) {
    if (n == 0) return;
    const int32_t target = int32_t(cell) - path.first_target;
    path.reached[target] = 0;
    const int32_t first = path.first_in[target];
    nm_sort(path.noted + first, n);
    for (int32_t k = 0; k < n; k++) f(size_t(path.incoming[first + path.noted[first + k]]));
}

// Calls f(synapse) for all synapses of one target, in the order of their indices.
struct NmAll { const int32_t* first_in; const int32_t* incoming; };

template <class F> NM_DEVICE void nm_each(const NmAll& all, size_t cell, F f) {
    for (int32_t k = all.first_in[cell]; k < all.first_in[cell + 1]; k++) f(size_t(all.incoming[k]));
}

#endif
