// The conversation of nm_run.hpp for a program whose steps run on the device.
//
// Steps are queued in batches that end at the latest with a window; then spikes, samples and means are fetched and counted
// on the host as in C++. Between two batches nothing is copied and nothing waited for, but by a task, each millisecond.
#ifndef NM_DEVICE_RUN_HPP
#define NM_DEVICE_RUN_HPP

#include "nm_device_task.hpp"

// Step of a kernel: of the device's own clock, so that a recorded sequence of launches can be replayed; or given.
struct NmClock { int64_t step, first; };
struct NmWhen { const NmClock* clock; int64_t offset; };
NM_DEVICE int64_t nm_step_of(const NmWhen& when) { return when.clock ? when.clock->step + when.offset : when.offset; }

struct NmDeviceChange { double* target; int64_t first, last, value; bool each, add, floor; };
struct NmDeviceMean { const double* source; int64_t first, last; };

NM_GLOBAL nm_advance(NmClock* clock, int64_t steps) { if (threadIdx.x == 0) clock->step += steps; }

// Changes in their order: each element belongs to one thread.
NM_GLOBAL nm_apply(const NmDeviceChange* changes, size_t n, const double* pool) {
    for (size_t c = 0; c < n; c++) {
        const NmDeviceChange change = changes[c];
        const int64_t skipped = (int64_t(threadIdx.x) - change.first % NM_THREADS + NM_THREADS) % NM_THREADS;
        for (int64_t k = change.first + skipped; k < change.last; k += NM_THREADS) {
            const double value = pool[change.value + (change.each ? k - change.first : 0)];
            const double moved = change.add ? change.target[k] + value : value;
            change.target[k] = change.floor && moved < 0.0 ? 0.0 : moved;
        }
    }
}

template <class T> NM_GLOBAL nm_sample(double* kept, const T* source, const int64_t* cells, size_t n) {
    const size_t k = blockIdx.x * size_t(NM_THREADS) + threadIdx.x;
    if (k < n) kept[k] = double(source[cells[k]]);
}

// Per mean and step, `parts` partial sums, which the host adds in order.
NM_GLOBAL nm_sum(double* kept, const NmDeviceMean* means, int64_t parts, int64_t batch, NmWhen when) {
    const int64_t thread = blockIdx.x * int64_t(NM_THREADS) + threadIdx.x, number = thread / parts, part = thread % parts;
    const NmDeviceMean mean = means[number];
    double sum = 0.0;
    for (int64_t k = mean.first + part; k < mean.last; k += parts) sum += mean.source[k];
    kept[(number * batch + nm_step_of(when) - when.clock->first) * parts + part] = sum;
}

NM_GLOBAL nm_find_invalid(unsigned long long* found, const double* values, size_t n) {
    const size_t k = blockIdx.x * size_t(NM_THREADS) + threadIdx.x;
    if (k < n && !(values[k] - values[k] == 0.0)) atomicMin(found, (unsigned long long)k);
}

inline size_t nm_blocks_of(size_t n) { return (n + NM_THREADS - 1) / NM_THREADS; }

inline unsigned nm_sum_of(const unsigned* values, size_t n) { return std::accumulate(values, values + n, 0u); }

// Steps of a batch: a window, or fewer where a group is so large that their possible spikes would need too much memory.
inline int64_t nm_batch(int64_t window, int64_t cells) { return std::min(window, std::max<int64_t>(1, (int64_t(1) << 26) / cells)); }

// `asked`: an array that the host writes; the tick happens only if an element of it is not 0.
struct NmTick {
    int64_t every;
    void (*launch)(NmWhen);
    std::string asked;
    bool due(int64_t step) const { return step > 0 && step % every == 0 && (asked.empty() || nm_asked(asked)); }
};

struct NmDeviceRun {
    struct Sampled { const double* doubles; const float* floats; int64_t* cells; double* kept; size_t taken; };
    NmRun& run;
    std::vector<NmDeviceLog> logs;
    std::vector<NmHostPath> paths;
    std::vector<NmTick> ticks;
    void (*launch_step)(NmWhen);
    int64_t batch;
    NmClock* clock = nm_allocate<NmClock>(1);
    std::vector<NmDeviceChange> changes;
    NmDeviceChange* device_changes;
    double* pool;
    std::vector<Sampled> samples;
    NmDeviceMean* device_means = nullptr;
    double* sums = nullptr;
    int64_t parts = NM_THREADS;  // partial sums of a mean: more for a large population
    std::vector<unsigned long long> read;
    unsigned long long* found = nm_allocate<unsigned long long>(1);
    NmGraph one, ten;
    NmDeviceTask task;

    NmDeviceRun(NmRun& run_, std::vector<NmDeviceLog> logs_, std::vector<NmHostPath> paths_, std::vector<NmTick> ticks_,
                void (*step)(NmWhen), int64_t batch_)
        : run(run_), logs(std::move(logs_)), paths(std::move(paths_)), ticks(std::move(ticks_)), launch_step(step), batch(batch_), task(run_, logs) {
        for (const NmDeviceLog& log : logs) read.push_back(nm_total(log.log));
        run.fetch_state = [this] { for (const std::string& name : run.changing) nm_download_array(name); };
        run.save_pending = [this](NmWriter& out, int64_t step) { nm_save_pending(out, paths, logs, step); };
        for (const NmRun::Change& c : run.timeline)
            changes.push_back(NmDeviceChange{nm_device_of(c.target), c.first, c.last, c.value, c.each, c.add, c.floor});
        device_changes = nm_upload(changes);
        pool = nm_upload(run.pool);
        for (const NmRun::Sample& sample : run.samples) {
            const NmReals& source = sample.source;
            const size_t most = sample.cells.size() * size_t(batch / sample.every + 1);
            samples.push_back(Sampled{source.doubles ? nm_device_of(source.doubles) : nullptr, source.floats ? nm_device_of(source.floats) : nullptr,
                                      nm_upload(sample.cells), nm_allocate<double>(most), 0});
        }
        std::vector<NmDeviceMean> means;
        for (const NmRun::Mean& mean : run.means) {
            means.push_back(NmDeviceMean{nm_device_of(mean.source), mean.first, mean.last});
            parts = std::max<int64_t>(parts, std::min<int64_t>(8, (mean.last - mean.first) / 4096) * NM_THREADS);
        }
        device_means = nm_upload(means);
        sums = nm_allocate<double>(means.size() * size_t(batch * parts));
        one.record([this] { queue(1); });
        ten.record([this] { queue(10); });
    }

    void queue(int64_t steps) {
        for (int64_t k = 0; k < steps; k++) {
            const NmWhen when{clock, k};
            launch_step(when);
            NM_LAUNCH(nm_sum, run.means.size() * size_t(parts / NM_THREADS), sums, device_means, parts, batch, when);
        }
        NM_LAUNCH(nm_advance, 1, clock, steps);
    }

    void follow() {
        int64_t step = run.start;
        while (run.hand_over(step)) {
            int64_t last = std::min({run.stop, step + batch, (step / run.window + 1) * run.window});
            if (run.save_every) last = std::min(last, (step / run.save_every + 1) * run.save_every);
            compute(step, last);
            fetch(step, last);
            step = last;
            if (step % run.window == 0) check(step);
            run.report(step);
        }
    }

    void compute(int64_t first, int64_t last) {
        const NmClock now{first, first};
        nm_to_device(clock, &now, 1);
        for (int64_t step = first; step < last;) {
            begin(step);
            const int64_t next = std::min(last, next_event(step));
            for (; step + 10 <= next; step += 10) ten.replay();
            for (; step < next; step++) one.replay();
        }
        task.hear(last);
        nm_wait();
    }

    // What happens before the statements of a step, in the order of NmRun::before_step.
    void begin(int64_t step) {
        apply_due(step, true);
        for (size_t k = 0; k < samples.size(); k++)
            if (step % run.samples[k].every == 0) take(run.samples[k], samples[k]);
        apply_due(step, false);
        task.tick(step);
        for (const NmTick& tick : ticks)
            if (tick.due(step)) tick.launch(NmWhen{nullptr, step});
    }

    int64_t next_event(int64_t step) const {
        int64_t next = run.next_change < run.timeline.size() ? std::max(step + 1, run.timeline[run.next_change].step) : INT64_MAX;
        next = std::min(next, task.next(step));
        for (const NmRun::Sample& sample : run.samples) next = std::min(next, (step / sample.every + 1) * sample.every);
        for (const NmTick& tick : ticks) next = std::min(next, (step / tick.every + 1) * tick.every);
        return next;
    }

    void apply_due(int64_t step, bool early) {
        const size_t first = run.next_change;
        while (run.due(step) && (!early || run.timeline[run.next_change].early)) run.next_change++;
        if (run.next_change > first) NM_LAUNCH(nm_apply, 1, device_changes + first, run.next_change - first, pool);
    }

    void take(const NmRun::Sample& sample, Sampled& on_device) {
        const size_t n = sample.cells.size();
        double* kept = on_device.kept + n * on_device.taken++;
        if (on_device.floats) NM_LAUNCH(nm_sample<float>, nm_blocks_of(n), kept, on_device.floats, on_device.cells, n);
        else NM_LAUNCH(nm_sample<double>, nm_blocks_of(n), kept, on_device.doubles, on_device.cells, n);
    }

    void fetch(int64_t first, int64_t last) {
        for (size_t k = 0; k < samples.size(); k++) {
            std::vector<double>& values = run.samples[k].values;
            const size_t n = run.samples[k].cells.size() * samples[k].taken, had = values.size();
            values.resize(had + n);
            nm_to_host(values.data() + had, samples[k].kept, n);
            samples[k].taken = 0;
            run.stored += n;
        }
        std::vector<std::vector<int32_t>> cells(logs.size());
        std::vector<std::vector<unsigned long long>> ends(logs.size());
        for (size_t g = 0; g < logs.size(); g++) fetch_log(logs[g].log, read[g], cells[g], ends[g]);
        std::vector<double> partial(run.means.size() * size_t(batch * parts));
        nm_to_host(partial.data(), sums, partial.size());
        for (int64_t step = first; step < last; step++) {
            for (size_t g = 0; g < logs.size(); g++) count(g, cells[g], ends[g], step);
            for (size_t m = 0; m < run.means.size(); m++) {
                const double* part = &partial[(m * size_t(batch) + size_t(step - first)) * size_t(parts)];
                run.add_to_mean(run.means[m], std::accumulate(part, part + parts, 0.0));
            }
            run.end_bin(step);
        }
        for (size_t g = 0; g < logs.size(); g++) read[g] += cells[g].size();
    }

    void fetch_log(const NmLog& log, unsigned long long from, std::vector<int32_t>& cells, std::vector<unsigned long long>& ends) {
        cells = nm_logged(log, from, nm_total(log));
        ends = nm_ends(log);
    }

    void count(size_t g, std::vector<int32_t>& cells, const std::vector<unsigned long long>& ends, int64_t step) {
        const NmLog& log = logs[g].log;
        const size_t first = size_t(ends[(step - 1) & log.ring]) - size_t(read[g]);
        const size_t last = size_t(ends[step & log.ring]) - size_t(read[g]);
        std::sort(cells.begin() + first, cells.begin() + last);
        for (NmRun::Watched& w : run.watched)
            if (!std::strcmp(w.group.name, logs[g].group)) run.count_spikes(w, cells.data() + first, int32_t(last - first), step);
    }

    void check(int64_t step) {
        for (const std::string& name : run.guarded) {
            NmArray& array = nm_array(name);
            unsigned long long index = ~0ULL;
            nm_to_device(found, &index, 1);
            NM_LAUNCH(nm_find_invalid, nm_blocks_of(array.size()), found, nm_device_of(nm_doubles(name)), array.size());
            nm_wait();
            nm_to_host(&index, found, 1);
            if (index != ~0ULL) run.say_invalid(name, size_t(index), step);
        }
        run.check_rates(step);
    }
};

#endif
