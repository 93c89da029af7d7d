// Spikes under way on the device, as a saved state holds them (NmPathway::pending in nm_pathway.hpp): both ways.
//
// The device keeps who fired when. What is under way to a synapse follows from that, and the other way round: who must have
// fired when for a spike to arrive in so many steps.
#ifndef NM_DEVICE_STATE_HPP
#define NM_DEVICE_STATE_HPP

#include "nm_pathway.hpp"
#include "nm_paths.hpp"

struct NmDeviceLog { const char* group; NmLog log; };

inline unsigned long long nm_total(const NmLog& log) {
    unsigned long long total;
    nm_to_host(&total, log.total, 1);
    return total;
}

inline std::vector<unsigned long long> nm_ends(const NmLog& log) {
    std::vector<unsigned long long> ends(size_t(log.ring) + 1);
    nm_to_host(ends.data(), log.end, ends.size());
    return ends;
}

// The part [from, to) of a log.
inline std::vector<int32_t> nm_logged(const NmLog& log, unsigned long long from, unsigned long long to) {
    std::vector<int32_t> cells(size_t(to - from));
    const uint64_t at = from & log.mask;
    const size_t before_wrap = std::min<size_t>(cells.size(), size_t(log.mask + 1 - at));
    nm_to_host(cells.data(), log.cells + at, before_wrap);
    nm_to_host(cells.data() + before_wrap, log.cells, cells.size() - before_wrap);
    return cells;
}

inline const NmLog& nm_log_of(const std::vector<NmDeviceLog>& logs, const char* group) {
    for (const NmDeviceLog& log : logs) if (!std::strcmp(log.group, group)) return log.log;
    nm_fail(std::string("no spikes of ") + group);
}

// Who fired in each of the last steps before `step`: element d - 1 is d steps ago, in ascending order.
using NmHistory = std::vector<std::vector<int32_t>>;

inline NmHistory nm_history(const NmLog& log, int64_t step, int32_t steps) {
    const std::vector<unsigned long long> ends = nm_ends(log);
    NmHistory found;
    for (int32_t ago = 1; ago <= steps; ago++) {
        const int64_t sent = step - ago;
        found.push_back(nm_logged(log, ends[(sent - 1) & log.ring], ends[sent & log.ring]));
        std::sort(found.back().begin(), found.back().end());
    }
    return found;
}

// Spikes under way in the order of their arrival.
inline NmPathway::Pending nm_pending(const NmHostPath& path, const NmHistory& history) {
    NmPathway::Pending all;
    for (int32_t wait = 0; wait < path.longest; wait++)
        for (int32_t delay = path.longest; delay > wait; delay--)
            for (const int32_t neuron : history[size_t(delay - wait - 1)]) {
                if (neuron < path.in.start || neuron >= path.in.stop) continue;
                for (int32_t r = path.first_run[neuron - path.in.start]; r < path.first_run[neuron - path.in.start + 1]; r++)
                    for (int32_t at = path.runs[r].first; path.runs[r].delay == delay && at < path.runs[r].last; at++) {
                        all.wait.push_back(wait);
                        all.synapse.push_back(path.order[at]);
                    }
            }
    return all;
}

inline void nm_save_pending(NmWriter& out, const std::vector<NmHostPath>& paths, const std::vector<NmDeviceLog>& logs, int64_t step) {
    for (const NmHostPath& path : paths) {
        const NmLog& log = nm_log_of(logs, path.in.source);
        const NmPathway::Pending all = nm_pending(path, nm_history(log, step, path.longest));
        out.put(std::string("pending.") + path.in.name + ".wait", all.wait);
        out.put(std::string("pending.") + path.in.name + ".synapse", all.synapse);
    }
}

// Fills a log with what must have happened before `start`.
inline void nm_restore_log(const NmLog& log, int64_t start, const NmHistory& history) {
    std::vector<unsigned long long> ends(size_t(log.ring) + 1, 0);
    std::vector<int32_t> cells;
    for (size_t ago = history.size(); ago > 0; ago--) {
        cells.insert(cells.end(), history[ago - 1].begin(), history[ago - 1].end());
        ends[(start - int64_t(ago)) & log.ring] = cells.size();
    }
    const unsigned long long total = cells.size();
    nm_to_device(log.cells, cells.data(), cells.size());
    nm_to_device(log.end, ends.data(), ends.size());
    nm_to_device(log.total, &total, 1);
}

inline void nm_restore_pending(const NmRecords& in, const std::vector<NmHostPath>& paths, const std::vector<NmDeviceLog>& logs, int64_t start) {
    if (!in.has("saved.step")) return;
    const auto saved = [&](const NmHostPath& path) {
        const std::string name = std::string("pending.") + path.in.name;
        return NmPathway::Pending{in.get<int32_t>(name + ".wait"), in.get<int32_t>(name + ".synapse")};
    };
    for (const NmDeviceLog& log : logs) {
        int32_t longest = 0;
        for (const NmHostPath& path : paths) if (!std::strcmp(path.in.source, log.group)) longest = std::max(longest, path.longest);
        NmHistory history(static_cast<size_t>(longest));
        for (const NmHostPath& path : paths) {
            if (std::strcmp(path.in.source, log.group)) continue;
            const NmPathway::Pending all = saved(path);
            const std::vector<int32_t>& ends = nm_values<int32_t>(path.in.ends);
            for (size_t k = 0; k < all.wait.size(); k++) {
                const size_t which = size_t(all.synapse[k]);
                if (which >= ends.size() || all.wait[k] < 0 || all.wait[k] >= path.steps[which]) nm_fail("a spike under way fits no synapse");
                history[size_t(path.steps[which] - all.wait[k] - 1)].push_back(ends[which]);
            }
        }
        for (std::vector<int32_t>& cells : history) {
            std::sort(cells.begin(), cells.end());
            cells.erase(std::unique(cells.begin(), cells.end()), cells.end());
        }
        nm_restore_log(log.log, start, history);
    }
    for (const NmHostPath& path : paths) {
        const NmPathway::Pending want = saved(path), got = nm_pending(path, nm_history(nm_log_of(logs, path.in.source), start, path.longest));
        if (got.wait != want.wait || got.synapse != want.synapse) nm_fail("the saved spikes under way are not those of whole spikes");
    }
}

#endif
