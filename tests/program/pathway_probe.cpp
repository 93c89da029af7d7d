// Sends spikes through a pathway: pathway_probe INPUTS DIRECTORY, prints "step synapse row far-end" for every arrival.
#include "nm_arrays.hpp"
#include "nm_pathway.hpp"

int main(int, char** argv) {
    const NmRecords in(argv[1]);
    const std::vector<int32_t> ends = in.get<int32_t>("ends"), spikes = in.get<int32_t>("spikes");
    const std::vector<int32_t> rows = in.get<int32_t>("rows"), far = in.get<int32_t>("far");
    const std::vector<int64_t> first = in.get<int64_t>("first");
    NmPathway pathway(ends, in.one<int32_t>("start"), in.one<int32_t>("stop"), &far);
    pathway.prepare(in.get<double>("delay"), 1e-4, {&rows});
    for (size_t step = 0; step + 1 < first.size(); step++) {
        pathway.advance();
        pathway.push(spikes.data() + first[step], int(first[step + 1] - first[step]));
        for (const NmPathway::Range& range : pathway.arriving())
            for (int32_t at = range.first; at < range.last; at++) {
                if (pathway.synapse(at) != pathway.indexed(at)) nm_fail("the index is wrong");
                std::printf("%zu %zu %d %d\n", step, pathway.synapse(at), pathway.row(0, range), pathway.far_end(at));
            }
    }
}
