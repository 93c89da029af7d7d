// Sends spikes through a pathway: pathway_probe INPUTS DIRECTORY, prints "step synapse" for every arrival.
#include "nm_arrays.hpp"
#include "nm_pathway.hpp"

int main(int, char** argv) {
    const NmRecords in(argv[1]);
    const std::vector<int32_t> ends = in.get<int32_t>("ends"), spikes = in.get<int32_t>("spikes");
    const std::vector<int64_t> first = in.get<int64_t>("first");
    NmPathway pathway(ends, in.one<int32_t>("start"), in.one<int32_t>("stop"));
    pathway.prepare(in.get<double>("delay"), 1e-4);
    for (size_t step = 0; step + 1 < first.size(); step++) {
        pathway.advance();
        pathway.push(spikes.data() + first[step], int(first[step + 1] - first[step]));
        for (const NmPathway::Range& range : pathway.arriving())
            for (int32_t at = range.first; at < range.last; at++) std::printf("%zu %zu\n", step, pathway.synapse(at));
    }
}
