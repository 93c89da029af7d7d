// Spikes on their way to synapses, kept as ranges of synapses that share source, delay and rows.
//
// Synapses arrive sorted by source, delay and target, so one spike is one range per delay: nothing is copied per synapse
// when a spike is sent, and weights and targets are read in memory order when it arrives. The pathway of postsynaptic
// spikes uses the same structure over an index sorted by target, with the far ends (the sources) in the same order.
// Rows are integers by which synapses read what they share: a loop over a range reads it once.
#ifndef NM_PATHWAY_HPP
#define NM_PATHWAY_HPP

#include "nm_arrays.hpp"

struct NmPathway {
    struct Range { int32_t first, last, run; };
    struct Run { int32_t first, last, delay; };
    const std::vector<int32_t>& ends;   // the neuron at which each synapse's spikes begin
    int32_t start, stop;                // neurons of this pathway
    const std::vector<int32_t>* far_ends;
    std::vector<int32_t> order;         // synapses by (neuron, delay); empty when they are stored so
    std::vector<int32_t> far;           // the far end of each of `order`, where these are asked for
    std::vector<Run> runs;              // of all neurons, one after the other
    std::vector<size_t> first_run;      // per neuron
    std::vector<std::vector<int32_t>> run_rows;  // for each of `rows`, per run
    std::vector<std::vector<Range>> queue;
    size_t now = 0;
    bool by_index = false;

    using Rows = std::vector<const std::vector<int32_t>*>;

    NmPathway(const std::vector<int32_t>& ends_, int start_, int stop_, const std::vector<int32_t>* far_ends_ = nullptr)
        : ends(ends_), start(start_), stop(stop_), far_ends(far_ends_) {}

    void prepare(const std::vector<double>& delays, double dt, const Rows& rows = {});

    void find_runs(const std::vector<int32_t>& steps, const Rows& rows);
    void advance() {
        queue[now].clear();
        now = now + 1 == queue.size() ? 0 : now + 1;
    }

    void push(const int32_t* spikes, int n);

    const std::vector<Range>& arriving() const { return queue[now]; }

    // Spikes under way, in order of arrival: steps until they arrive (0: in the step that comes next), and the synapse.
    struct Pending { std::vector<int32_t> wait, synapse; };

    Pending pending() const;
    void restore(const Pending& all);

    size_t synapse(int32_t at) const { return by_index ? size_t(order[at]) : size_t(at); }

    // The k-th of the rows of a range.
    int32_t row(size_t k, const Range& range) const { return run_rows[k][range.run]; }

    // The synapse, and the far end, where far ends are asked for.
    size_t indexed(int32_t at) const { return size_t(order[at]); }
    int32_t far_end(int32_t at) const { return far[at]; }
};

#endif
