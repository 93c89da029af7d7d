#include "nm_pathway.hpp"

#include <algorithm>
#include <numeric>

void NmPathway::prepare(const std::vector<double>& delays, double dt, const Rows& rows) {
    const size_t n = ends.size();
    if (n > 0 && delays.size() != 1 && delays.size() != n) nm_fail("a pathway has neither one delay nor one per synapse");
    std::vector<int32_t> steps(n);
    int32_t longest = 0;
    for (size_t k = 0; k < n; k++) {
        steps[k] = int32_t(delays[delays.size() == 1 ? 0 : k] / dt + 0.5);
        longest = std::max(longest, steps[k]);
        if (ends[k] < start || ends[k] >= stop) nm_fail("a synapse lies outside its pathway");
    }
    auto before = [&](int32_t a, int32_t b) { return ends[a] != ends[b] ? ends[a] < ends[b] : steps[a] < steps[b]; };
    order.resize(n);
    std::iota(order.begin(), order.end(), 0);
    const bool sorted = std::is_sorted(order.begin(), order.end(), before);
    if (!sorted) std::stable_sort(order.begin(), order.end(), before);
    find_runs(steps, rows);
    run_rows.assign(rows.size(), {});
    for (size_t k = 0; k < rows.size(); k++)
        for (const Run& run : runs) run_rows[k].push_back((*rows[k])[order[run.first]]);
    if (far_ends) far.reserve(n);
    if (far_ends) for (int32_t k : order) far.push_back((*far_ends)[k]);
    by_index = !sorted;
    if (sorted && !far_ends) std::vector<int32_t>().swap(order);
    queue.assign(size_t(longest) + 1, {});
}

void NmPathway::find_runs(const std::vector<int32_t>& steps, const Rows& rows) {
    const size_t n = order.size();
    auto together = [&](int32_t a, int32_t b) {
        return ends[a] == ends[b] && steps[a] == steps[b] &&
               std::all_of(rows.begin(), rows.end(), [&](auto* row) { return (*row)[a] == (*row)[b]; });
    };
    first_run.assign(size_t(stop - start) + 1, 0);
    runs.clear();
    size_t k = 0;
    for (int32_t neuron = start; neuron < stop; neuron++) {
        first_run[neuron - start] = runs.size();
        while (k < n && ends[order[k]] == neuron) {
            size_t last = k + 1;
            while (last < n && together(order[k], order[last])) last++;
            runs.push_back(Run{int32_t(k), int32_t(last), steps[order[k]]});
            k = last;
        }
    }
    first_run[stop - start] = runs.size();
}

void NmPathway::push(const int32_t* spikes, int n) {
    const int32_t* spike = std::lower_bound(spikes, spikes + n, start);
    for (; spike < spikes + n && *spike < stop; spike++)
        for (size_t r = first_run[*spike - start]; r < first_run[*spike - start + 1]; r++) {
            size_t slot = now + size_t(runs[r].delay);
            if (slot >= queue.size()) slot -= queue.size();
            queue[slot].push_back(Range{runs[r].first, runs[r].last, int32_t(r)});
        }
}

NmPathway::Pending NmPathway::pending() const {
    Pending all;
    for (size_t k = 1; k < queue.size(); k++)
        for (const Range& range : queue[(now + k) % queue.size()])
            for (int32_t at = range.first; at < range.last; at++) {
                all.wait.push_back(int32_t(k - 1));
                all.synapse.push_back(int32_t(synapse(at)));
            }
    return all;
}

void NmPathway::restore(const Pending& all) {
    std::vector<int32_t> place(by_index ? order.size() : 0);
    for (size_t at = 0; at < place.size(); at++) place[order[at]] = int32_t(at);
    if (all.wait.size() != all.synapse.size()) nm_fail("spikes under way without their synapses");
    for (size_t k = 0; k < all.wait.size(); k++) {
        const size_t steps = size_t(all.wait[k]) + 1, which = size_t(all.synapse[k]);
        if (steps >= queue.size() || which >= ends.size()) nm_fail("a spike under way fits no synapse");
        std::vector<Range>& slot = queue[(now + steps) % queue.size()];
        const int32_t at = by_index ? place[which] : int32_t(which);
        auto after = std::upper_bound(runs.begin(), runs.end(), at, [](int32_t k, const Run& run) { return k < run.first; });
        const int32_t run = int32_t(after - runs.begin()) - 1;
        if (!slot.empty() && slot.back().last == at && slot.back().run == run) slot.back().last++;
        else slot.push_back(Range{at, at + 1, run});
    }
}
