#include "nm_run.hpp"

#include <algorithm>
#include <cmath>
#include <csignal>
#ifdef __linux__
#include <sys/prctl.h>
#endif

static volatile std::sig_atomic_t nm_hurry = 0;

void nm_attend() {
    std::signal(SIGUSR1, [](int) { nm_hurry = 1; });
    std::signal(SIGXFSZ, SIG_IGN);
#ifdef __linux__
    prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
}

NmRun::NmRun(const NmRecords& in, const std::string& out, const std::vector<NmGroupSpikes>& groups,
             const std::vector<NmNamedPathway>& all)
    : directory(out), pathways(all) {
    start = in.one<int64_t>("run.start");
    stop = in.one<int64_t>("run.stop");
    window = in.one<int64_t>("run.window");
    save_every = in.one<int64_t>("run.save_every");
    chunk_number = in.one<int64_t>("run.first_chunk");
    changing = in.lines("run.changing");
    chunk_seconds = in.one<double>("run.chunk_seconds");
    chunk_values = size_t(in.one<int64_t>("run.chunk_values"));
    chunk_start = start;
    read_timeline(in);
    read_samples(in);
    read_means(in);
    bin = in.one<int64_t>("record.bin");
    limit = in.get<double>("guard.limit");
    task.read(in);
    in_bin.assign(limit.size(), 0);
    in_window.assign(limit.size(), 0);
    guarded = in.lines("guard.arrays");
    const std::vector<std::string> kept = in.lines("record.spikes");
    for (const NmGroupSpikes& group : groups) {
        const std::string rows = std::string("record.rows.") + group.name;
        if (!in.has(rows)) continue;
        const bool keep = std::find(kept.begin(), kept.end(), group.name) != kept.end();
        watched.push_back(Watched{group, in.get<int32_t>(rows), keep, {}, {}, {}, {}});
        if (watched.back().row.size() != group.size) nm_fail("wrong size: " + rows);
        watched.back().channel = heard(in, "task.channel.", group);
        watched.back().read = heard(in, "task.read.", group);
    }
}

std::vector<int32_t> NmRun::heard(const NmRecords& in, const char* prefix, const NmGroupSpikes& group) {
    const std::string name = std::string(prefix) + group.name;
    if (!in.has(name)) return {};
    const auto cells = in.get<int32_t>(name);
    if (cells.size() != group.size) nm_fail("wrong size: " + name);
    return cells;
}

void NmRun::read_timeline(const NmRecords& in) {
    const auto names = in.lines("timeline.names");
    const auto steps = in.get<int64_t>("timeline.step");
    const auto array = in.get<int32_t>("timeline.array"), flags = in.get<int32_t>("timeline.flags");
    const auto first = in.get<int64_t>("timeline.first"), last = in.get<int64_t>("timeline.last");
    const auto value = in.get<int64_t>("timeline.value");
    pool = in.get<double>("timeline.pool");
    std::vector<double*> targets;
    for (const std::string& name : names) targets.push_back(nm_doubles(name));
    for (size_t k = 0; k < steps.size(); k++) {
        if (first[k] < 0 || last[k] > int64_t(nm_array(names[array[k]]).size())) nm_fail("timed change outside " + names[array[k]]);
        timeline.push_back(Change{steps[k], targets[array[k]], first[k], last[k], value[k], bool(flags[k] & 2), bool(flags[k] & 1), bool(flags[k] & 4), bool(flags[k] & 8)});
    }
    while (next_change < timeline.size() && timeline[next_change].step < start) {
        if (!timeline[next_change].add) apply(timeline[next_change]);
        next_change++;
    }
}

void NmRun::read_samples(const NmRecords& in) {
    const auto every = in.get<int64_t>("record.sample.every");
    const auto names = in.lines("record.sample");
    for (size_t k = 0; k < names.size(); k++) {
        Sample sample{NmReals(names[k]), in.get<int64_t>("record.sample.cells." + std::to_string(k)), every[k], {}};
        for (int64_t cell : sample.cells)
            if (cell < 0 || cell >= int64_t(nm_array(names[k]).size())) nm_fail("recorded index outside " + names[k]);
        samples.push_back(sample);
    }
}

void NmRun::read_means(const NmRecords& in) {
    const auto range = in.get<int64_t>("record.mean.range"), every = in.get<int64_t>("record.mean.every");
    const auto names = in.lines("record.mean");
    for (size_t k = 0; k < names.size(); k++)
        means.push_back(Mean{nm_doubles(names[k]), range[2 * k], range[2 * k + 1], every[k], 0, 0.0, {}});
}

void NmRun::restore(NmRecords& in) {
    if (!in.has("saved.step")) return;
    if (in.one<int64_t>("saved.step") != start) nm_fail("the saved state is of another step");
    nm_load(in, "state.", true);
    for (NmNamedPathway& p : pathways) {
        const std::string name = std::string("pending.") + p.name;
        p.pathway->restore({in.get<int32_t>(name + ".wait"), in.get<int32_t>(name + ".synapse")});
    }
    task.restore(in);
    in_bin = kept(in, "saved.in_bin", in_bin);
    in_window = kept(in, "saved.in_window", in_window);
    const auto sum = in.get<double>("saved.mean_sum");
    const auto seen = in.get<int64_t>("saved.mean_seen");
    if (sum.size() != means.size() || seen.size() != means.size()) nm_fail("wrong size: saved.mean_sum");
    for (size_t k = 0; k < means.size(); k++) { means[k].sum = sum[k]; means[k].seen = seen[k]; }
}

std::vector<int32_t> NmRun::kept(const NmRecords& in, const char* name, const std::vector<int32_t>& like) {
    const auto values = in.get<int32_t>(name);
    if (values.size() != like.size()) nm_fail(std::string("wrong size: ") + name);
    return values;
}

void NmRun::save(int64_t step) {
    NmWriter out(directory + "/saved-" + std::to_string(step));
    out.put("saved.step", &step, 1);
    for (const std::string& name : changing) {
        NmArray& array = nm_array(name);
        const std::string bytes = nm_copy_out(array);
        out.record("state." + name, array.type, bytes.data(), bytes.size());
    }
    for (const NmNamedPathway& p : pathways) {
        const NmPathway::Pending all = p.pathway->pending();
        out.put(std::string("pending.") + p.name + ".wait", all.wait);
        out.put(std::string("pending.") + p.name + ".synapse", all.synapse);
    }
    if (save_pending) save_pending(out, step);
    out.put("saved.in_bin", in_bin);
    out.put("saved.in_window", in_window);
    std::vector<double> sum;
    std::vector<int64_t> seen;
    for (const Mean& mean : means) { sum.push_back(mean.sum); seen.push_back(mean.seen); }
    out.put("saved.mean_sum", sum);
    out.put("saved.mean_seen", seen);
    if (task.there) out.put("saved.task", task.state);
    out.close();
    std::printf("saved %lld\n", (long long)step);
    std::fflush(stdout);
}

bool NmRun::before_step(int64_t step) {
    if (step > start) finish_step(step - 1);
    if (step > start && step % window == 0) check(step);
    if (!hand_over(step)) return false;
    while (due(step) && timeline[next_change].early) apply(timeline[next_change++]);
    for (Sample& sample : samples)
        if (step % sample.every == 0) {
            for (int64_t cell : sample.cells) sample.values.push_back(sample.source[cell]);
            stored += sample.cells.size();
        }
    while (due(step)) apply(timeline[next_change++]);
    task.tick(step);
    if ((step & 63) == 0) report(step);
    return true;
}

bool NmRun::hand_over(int64_t step) {
    const bool last = step == stop;
    if (step > chunk_start && (last || nm_hurry || (save_every && step % save_every == 0) ||
                               (step % window == 0 && chunk_due()))) {
        if (fetch_state) fetch_state();
        check_finite(guarded, step);
        check_finite(changing, step);
        write_chunk(step);
    }
    return !last && !stopped;
}

void NmRun::apply(const Change& change) {
    for (int64_t k = change.first; k < change.last; k++) {
        const double value = pool[change.value + (change.each ? k - change.first : 0)];
        const double moved = change.add ? change.target[k] + value : value;
        change.target[k] = change.floor && moved < 0.0 ? 0.0 : moved;
    }
}

void NmRun::finish_step(int64_t step) {
    for (Watched& w : watched) count_spikes(w, w.group.space, w.group.space[w.group.size], step);
    for (Mean& mean : means) {
        double sum = 0;
        for (int64_t k = mean.first; k < mean.last; k++) sum += mean.source[k];
        add_to_mean(mean, sum);
    }
    end_bin(step);
}

void NmRun::count_spikes(Watched& w, const int32_t* cells, int32_t n, int64_t step) {
    for (int32_t k = 0; k < n; k++) {
        const int32_t cell = cells[k], row = w.row[cell];
        if (row < 0) continue;
        in_bin[row]++;
        in_window[row]++;
        if (!w.channel.empty()) task.hear(w.channel[cell]);
        if (!w.read.empty()) task.hear_value(w.read[cell]);
        if (w.kept) { w.step.push_back(int32_t(step - chunk_start)); w.cell.push_back(cell); }
    }
    stored += size_t(n);
}

void NmRun::add_to_mean(Mean& mean, double sum) {
    mean.sum += sum / double(mean.last - mean.first);
    if (++mean.seen == mean.every) {
        mean.values.push_back(mean.sum / double(mean.every));
        mean.seen = 0;
        mean.sum = 0;
    }
}

void NmRun::end_bin(int64_t step) {
    if ((step + 1) % bin) return;
    counts.insert(counts.end(), in_bin.begin(), in_bin.end());
    std::fill(in_bin.begin(), in_bin.end(), 0);
}

template <class T> static size_t first_invalid(NmArray& array) {
    const T* values = static_cast<const T*>(array.data());
    const size_t apart = array.stride / sizeof(T);
    size_t k = 0;
    while (k < array.size() && std::isfinite(values[k * apart])) k++;
    return k;
}

void NmRun::check_finite(const std::vector<std::string>& names, int64_t step) {
    for (const std::string& name : names) {
        NmArray& array = nm_array(name);
        const bool single = array.type == 'f';
        if (!single && array.type != 'd') continue;
        const size_t bad = single ? first_invalid<float>(array) : first_invalid<double>(array);
        if (bad != array.size()) say_invalid(name, bad, step);
    }
}

void NmRun::check(int64_t step) {
    check_finite(guarded, step);
    check_rates(step);
}

[[noreturn]] void NmRun::say_invalid(const std::string& name, size_t index, int64_t step) {
    std::printf("invalid %s %zu %lld\n", name.c_str(), index, (long long)step);
    end_invalid(step);
}

void NmRun::check_rates(int64_t step) {
    for (size_t row = 0; row < limit.size(); row++)
        if (in_window[row] > limit[row]) {
            std::printf("runaway %zu %d %lld\n", row, in_window[row], (long long)step);
            end_invalid(step);
        }
    std::fill(in_window.begin(), in_window.end(), 0);
}

[[noreturn]] void NmRun::end_invalid(int64_t step) {
    write_chunk(step);
    std::exit(4);
}

bool NmRun::chunk_due() const {
    return stored > chunk_values || std::chrono::duration<double>(Clock::now() - last_chunk).count() >= chunk_seconds;
}

void NmRun::report(int64_t step) {
    const Clock::time_point now = Clock::now();
    if (std::chrono::duration<double>(now - last_report).count() < 0.2) return;
    last_report = now;
    std::printf("at %lld\n", (long long)step);
    std::fflush(stdout);
}

void NmRun::write_chunk(int64_t step) {
    NmWriter out(directory + "/chunk-" + std::to_string(chunk_number));
    const int64_t span[2] = {chunk_start, step};
    out.put("span", span, 2);
    for (Watched& w : watched) {
        out.put(std::string("spikes.step.") + w.group.name, w.step);
        out.put(std::string("spikes.cell.") + w.group.name, w.cell);
        w.step.clear();
        w.cell.clear();
    }
    for (size_t k = 0; k < samples.size(); k++) {
        out.put("sample." + std::to_string(k), samples[k].values);
        samples[k].values.clear();
    }
    for (size_t k = 0; k < means.size(); k++) {
        out.put("mean." + std::to_string(k), means[k].values);
        means[k].values.clear();
    }
    out.put("counts", counts);
    counts.clear();
    if (task.there) out.put("task.rows", task.rows);
    task.rows.clear();
    out.close();
    std::printf("chunk %lld %lld %lld\n", (long long)chunk_number, (long long)chunk_start, (long long)step);
    std::fflush(stdout);
    nm_hurry = 0;
    char answer[16] = "";
    while (std::fgets(answer, sizeof answer, stdin) && !std::strncmp(answer, "save", 4)) save(step);
    stopped = std::strncmp(answer, "continue", 8) != 0;
    chunk_number++;
    chunk_start = step;
    stored = 0;
    last_chunk = Clock::now();
}
