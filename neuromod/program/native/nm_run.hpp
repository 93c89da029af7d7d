// What happens around the steps of a run: timed changes, recording, guards, and the conversation with the parent.
//
// `nm_before_step(k)` runs at the beginning of step k, when all variables hold their values at time k dt and the event
// spaces still hold the spikes of step k - 1. Recording is data, not code: what is kept can change without a build.
// Conversation (stdout, one line each): `at STEP`, `chunk NUMBER START STOP` (then lines are awaited on stdin: `save`,
// answered by `saved STEP`, then `continue` or `stop`), `invalid ARRAY INDEX STEP` or `runaway POPULATION SPIKES STEP`
// (then a last chunk), `unwritten PATH: REASON`, `end STEP`. SIGUSR1 asks for a chunk at once.
//
// A saved state is everything that statements change, the spikes under way, and what is kept half-done around the steps.
// A program that starts from it computes what the one that saved it would have computed, to the last bit.
#ifndef NM_RUN_HPP
#define NM_RUN_HPP

#include <chrono>
#include <functional>
#include "nm_arrays.hpp"
#include "nm_pathway.hpp"
#include "nm_task.hpp"

struct NmGroupSpikes { const char* name; const int32_t* space; size_t size; };
struct NmNamedPathway { const char* name; NmPathway* pathway; };

// Hears SIGUSR1, takes a limit of file sizes as a failed write, and dies with the process that started it where the
// system can do that.
void nm_attend();

struct NmRun {
    using Clock = std::chrono::steady_clock;
    struct Sample { NmReals source; std::vector<int64_t> cells; int64_t every; std::vector<double> values; };
    struct Mean { double* source; int64_t first, last, every, seen; double sum; std::vector<double> values; };
    struct Watched { NmGroupSpikes group; std::vector<int32_t> row; bool kept; std::vector<int32_t> step, cell, channel, read; };
    struct Change { int64_t step; double* target; int64_t first, last, value; bool each, add, early, floor; };

    std::string directory;
    int64_t start, stop, window, save_every, chunk_start, chunk_number;
    double chunk_seconds;
    size_t chunk_values, stored = 0;
    std::vector<Change> timeline;
    std::vector<double> pool;
    size_t next_change = 0;
    std::vector<Sample> samples;
    std::vector<Mean> means;
    std::vector<Watched> watched;
    int64_t bin;
    std::vector<int32_t> in_bin, in_window, counts;
    std::vector<double> limit;
    std::vector<std::string> guarded, changing;
    std::vector<NmNamedPathway> pathways;
    NmTask task;
    Clock::time_point last_chunk = Clock::now(), last_report = Clock::now();
    bool stopped = false;
    // Of a program whose arrays and spikes are elsewhere: brings the arrays here, and writes the spikes under way.
    std::function<void()> fetch_state;
    std::function<void(NmWriter&, int64_t)> save_pending;

    NmRun(const NmRecords& in, const std::string& out, const std::vector<NmGroupSpikes>& groups,
          const std::vector<NmNamedPathway>& all);

    // What each cell of a group is to the task; empty where it is nothing.
    static std::vector<int32_t> heard(const NmRecords& in, const char* prefix, const NmGroupSpikes& group);
    void read_timeline(const NmRecords& in);
    void read_samples(const NmRecords& in);
    void read_means(const NmRecords& in);

    // Goes on from a saved state, where there is one; what statements do not change was loaded or replayed before.
    void restore(NmRecords& in);
    static std::vector<int32_t> kept(const NmRecords& in, const char* name, const std::vector<int32_t>& like);
    void save(int64_t step);

    // Returns whether the step is to be computed.
    bool before_step(int64_t step);

    // Writes a chunk if it is time; returns whether the run goes on. A state may be saved after a chunk, and one that is
    // not finite never is.
    bool hand_over(int64_t step);

    bool due(int64_t step) const { return next_change < timeline.size() && timeline[next_change].step <= step; }

    void apply(const Change& change);
    void finish_step(int64_t step);

    // The cells of a group that fired in a step, in ascending order.
    void count_spikes(Watched& w, const int32_t* cells, int32_t n, int64_t step);
    void add_to_mean(Mean& mean, double sum);
    void end_bin(int64_t step);
    void check_finite(const std::vector<std::string>& names, int64_t step);

    void check(int64_t step);
    [[noreturn]] void say_invalid(const std::string& name, size_t index, int64_t step);
    void check_rates(int64_t step);

    // What was recorded until here is handed over, said to be the last before it comes.
    [[noreturn]] void end_invalid(int64_t step);
    bool chunk_due() const;
    void report(int64_t step);
    void write_chunk(int64_t step);
};

#endif
