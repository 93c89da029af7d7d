// Tables of the pathways on the device (nm_spread.hpp), made on the host when a program starts.
#ifndef NM_PATHS_HPP
#define NM_PATHS_HPP

#include <algorithm>
#include <numeric>
#include "nm_device.hpp"
#include "nm_spread.hpp"

// Indices 0..n-1 sorted by key (a number below `keys`), equal keys in the order they had in `before`.
inline std::vector<int32_t> nm_sorted_by(const std::vector<int32_t>& key, int32_t keys, const std::vector<int32_t>& before) {
    std::vector<int32_t> first(size_t(keys) + 1, 0), sorted(before.size());
    for (int32_t k : key) first[k + 1]++;
    for (int32_t k = 0; k < keys; k++) first[k + 1] += first[k];
    for (int32_t index : before) sorted[first[key[index]]++] = index;
    return sorted;
}

// The synapses of each target in the order given, and where each target's begin.
struct NmIncoming {
    std::vector<int32_t> first_in, incoming, rank;
    NmIncoming(const std::vector<int32_t>& target, int32_t first_target, int32_t targets, const std::vector<int32_t>& order) {
        std::vector<int32_t> place(target.size());
        first_in.assign(size_t(targets) + 1, 0);
        for (size_t k = 0; k < target.size(); k++) {
            place[k] = target[k] - first_target;
            if (place[k] < 0 || place[k] >= targets) nm_fail("a synapse lies outside its pathway");
            first_in[place[k] + 1]++;
        }
        for (int32_t j = 0; j < targets; j++) first_in[j + 1] += first_in[j];
        incoming = nm_sorted_by(place, targets, order);
        rank.resize(target.size());
        for (size_t at = 0; at < incoming.size(); at++) rank[incoming[at]] = int32_t(at) - first_in[place[incoming[at]]];
    }
};

struct NmPathInputs {
    const char* name;
    const char* source;  // name of the group whose spikes it takes
    const char* ends;    // name of the array of the neurons at which spikes begin
    const char* delays;
    int32_t start, stop;
    const char* target;  // name of the array of the cells that run the statements; null: each synapse for itself
    int32_t first_target, targets;
};

inline int32_t nm_longest_delay(const std::vector<double>& delays, double dt) {
    int32_t longest = 0;
    for (double delay : delays) longest = std::max(longest, int32_t(delay / dt + 0.5));
    return longest;
}

// What of a pathway stays on the host: where spikes under way are on their way to.
struct NmHostPath {
    NmPathInputs in;
    NmPath device{};
    int32_t longest;
    std::vector<int32_t> steps, order, first_run;
    std::vector<NmRange> runs;
};

// A pathway with its tables; as in C++, a delay is rounded to steps, and a later spike is delivered later.
inline NmHostPath nm_path(const NmPathInputs& in, double dt) {
    const std::vector<int32_t>& ends = nm_values<int32_t>(in.ends);
    const std::vector<double>& delays = nm_values<double>(in.delays);
    const size_t n = ends.size();
    if (n > 0 && delays.size() != 1 && delays.size() != n) nm_fail("a pathway has neither one delay nor one per synapse");
    NmHostPath host{in};
    const int32_t longest = host.longest = nm_longest_delay(delays, dt);
    std::vector<int32_t>& steps = host.steps;
    std::vector<int32_t> neuron(n), all(n);
    steps.resize(n);
    for (size_t k = 0; k < n; k++) {
        steps[k] = int32_t(delays[delays.size() == 1 ? 0 : k] / dt + 0.5);
        neuron[k] = ends[k] - in.start;
        if (neuron[k] < 0 || ends[k] >= in.stop) nm_fail("a synapse lies outside its pathway");
    }
    std::iota(all.begin(), all.end(), 0);
    // Synapses are handed over by source and delay, so most pathways are in order; sorting many is slow.
    bool sorted = true;
    for (size_t k = 1; k < n && sorted; k++) sorted = neuron[k] != neuron[k - 1] ? neuron[k] > neuron[k - 1] : steps[k] >= steps[k - 1];
    std::vector<int32_t>& order = host.order;
    if (sorted) order = std::move(all);
    else order = nm_sorted_by(neuron, in.stop - in.start, nm_sorted_by(steps, longest + 1, all));

    std::vector<NmRange>& runs = host.runs;
    std::vector<int32_t>& first_run = host.first_run;
    std::vector<int32_t> used(size_t(longest) + 1, 0);
    first_run.assign(size_t(in.stop - in.start) + 1, 0);
    size_t at = 0;
    for (int32_t k = 0; k < in.stop - in.start; k++) {
        first_run[k] = int32_t(runs.size());
        while (at < n && neuron[order[at]] == k) {
            size_t last = at + 1;
            while (last < n && neuron[order[last]] == k && steps[order[last]] == steps[order[at]]) last++;
            runs.push_back(NmRange{int32_t(at), int32_t(last), steps[order[at]]});
            used[steps[order[at]]] = 1;
            at = last;
        }
    }
    first_run[in.stop - in.start] = int32_t(runs.size());
    std::vector<int32_t> different;
    for (int32_t d = 0; d <= longest; d++) if (used[d]) different.push_back(d);

    NmPath& path = host.device;
    path.start = in.start;
    path.stop = in.stop;
    path.delays = int32_t(different.size());
    path.delay = nm_upload(different);
    path.first_run = nm_upload(first_run);
    path.runs = nm_upload(runs);
    path.order = sorted ? nullptr : nm_upload(order);
    if (!in.target) return host;
    const std::vector<int32_t>& target = nm_values<int32_t>(in.target);
    std::vector<int32_t> late_last = order;
    if (different.size() > 1) {
        std::vector<int32_t> early_first(n);
        for (size_t k = 0; k < n; k++) early_first[k] = longest - steps[k];
        late_last = nm_sorted_by(early_first, longest + 1, order);
    }
    const NmIncoming incoming(target, in.first_target, in.targets, late_last);
    path.first_target = in.first_target;
    path.targets = in.targets;
    path.target = nm_device_of(target.data());
    path.rank = nm_upload(incoming.rank);
    path.first_in = nm_upload(incoming.first_in);
    path.incoming = nm_upload(incoming.incoming);
    path.reached = nm_allocate<unsigned>(size_t(in.targets));
    path.noted = nm_allocate<int32_t>(n);
    return host;
}

inline NmAll nm_all(const char* target, int32_t targets) {
    const std::vector<int32_t>& of = nm_values<int32_t>(target);
    std::vector<int32_t> all(of.size());
    std::iota(all.begin(), all.end(), 0);
    const NmIncoming incoming(of, 0, targets, all);
    return NmAll{nm_upload(incoming.first_in), nm_upload(incoming.incoming)};
}

// Blocks that share the spikes of a pathway: most of the time of a spike is waiting for memory, so rather many.
inline unsigned nm_spread_blocks(const char* ends) {
    const size_t synapses = nm_values<int32_t>(ends).size();
    return unsigned(std::min<size_t>(264, std::max<size_t>(1, synapses / 8192)));
}

inline uint64_t nm_power_of_two(uint64_t at_least) {
    uint64_t n = 1;
    while (n < at_least) n *= 2;
    return n;
}

// The log of a group, long enough for all spikes that the longest delay and `batch` steps can hold. It begins so long before
// the first step that whatever is still under way then may stand in it.
inline NmLog nm_log(size_t cells, int64_t longest_delay, int64_t batch, int64_t start) {
    const uint64_t steps = uint64_t(longest_delay + batch + 2);
    NmLog log{};
    log.mask = nm_power_of_two(steps * cells) - 1;
    log.cells = nm_allocate<int32_t>(log.mask + 1);
    log.total = nm_allocate<unsigned long long>(1);
    log.ring = int64_t(nm_power_of_two(steps)) - 1;
    log.end = nm_allocate<unsigned long long>(size_t(log.ring) + 1);
    log.start = start - longest_delay - 1;
    log.fired = nm_upload(std::vector<int64_t>(cells, -1));
    return log;
}

#endif
