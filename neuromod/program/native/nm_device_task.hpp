// The player of a task (nm_task.hpp) for a program whose steps run on the device.
//
// It plays on the host, with the code of a C++ program, so trials are the same by construction. What it hears is counted on the
// device; once per millisecond one copy brings these counts and the values that the player reads: levels, and what releases
// add to. What it writes goes to the device as a range of cells, when a stimulus or a drive begins or ends and at a release.
#ifndef NM_DEVICE_TASK_HPP
#define NM_DEVICE_TASK_HPP

#include "nm_device_state.hpp"
#include "nm_run.hpp"

#define NM_LISTENERS 16  // blocks: enough for the spikes that a million cells have in a millisecond

// A group to which the task listens: where the spikes of each cell are counted, -1 for nowhere.
struct NmHeard { NmLog log; const int32_t* place; };

// Counts the spikes of the steps from `first` until before `last`, and copies the values behind the counts. Sums of whole
// numbers do not depend on the order of additions.
NM_GLOBAL nm_listen(double* kept, const NmHeard* heard, size_t groups, int64_t first, int64_t last, int64_t places, const double* const* values, int64_t n) {
    const uint64_t thread = blockIdx.x * uint64_t(NM_THREADS) + threadIdx.x, threads = NM_LISTENERS * NM_THREADS;
    for (size_t g = 0; g < groups; g++) {
        const NmLog log = heard[g].log;
        const uint64_t end = log.end[(last - 1) & log.ring];
        for (uint64_t k = log.end[(first - 1) & log.ring] + thread; k < end; k += threads) {
            const int32_t place = heard[g].place[log.cells[k & log.mask]];
            if (place >= 0) atomicAdd(kept + place, 1.0);
        }
    }
    for (int64_t k = int64_t(thread); k < n; k += threads) kept[places + k] = *values[k];
}

struct NmDeviceTask {
    NmTask& task;
    int64_t until;  // the first step whose spikes the task has not heard yet
    std::vector<double> counted, got;
    size_t groups = 0;
    const NmHeard* heard = nullptr;
    std::vector<double*> values;
    const double** device_values = nullptr;
    double* kept = nullptr;

    NmDeviceTask(NmRun& run, const std::vector<NmDeviceLog>& logs) : task(run.task), until(run.start) {
        if (!task.there) return;
        std::vector<NmHeard> all;
        for (NmRun::Watched& w : run.watched) {
            for (int32_t& place : w.read) if (place >= 0) place = int32_t(task.actions);
            for (std::vector<int32_t>* places : {&w.channel, &w.read}) {
                if (!places->empty()) all.push_back(NmHeard{nm_log_of(logs, w.group.name), nm_upload(*places)});
                places->clear();  // the host, which sees spikes once per window, does not hear them again
            }
        }
        std::vector<const double*> on_device;
        const auto value = [&](double* array, int64_t index) {
            values.push_back(array + index);
            on_device.push_back(nm_device_of(array) + index);
        };
        for (const NmTask::Level& level : task.levels) value(level.target, level.index);
        for (const NmTask::Send& send : task.sends) if (!send.drive) value(send.target, send.first);
        groups = all.size();
        heard = nm_upload(all);
        device_values = nm_upload(on_device);
        counted.assign(size_t(task.actions) + 1, 0.0);
        got.assign(counted.size() + values.size(), 0.0);
        kept = nm_upload(got);
        task.wrote = [](const double* array, int64_t first, int64_t last) {
            nm_to_device(nm_device_of(array) + first, array + first, size_t(last - first));
        };
    }

    int64_t next(int64_t step) const { return task.there ? (step / task.per_tick + 1) * task.per_tick : INT64_MAX; }

    void tick(int64_t step) {
        if (!task.there || step % task.per_tick) return;
        hear(step);
        for (size_t k = 0; k < values.size(); k++) *values[k] = got[counted.size() + k];
        task.tick(step);
    }

    // Tells the player of the spikes before `step`, at the latest one batch after they were fired.
    void hear(int64_t step) {
        if (!task.there) return;
        NM_LAUNCH(nm_listen, NM_LISTENERS, kept, heard, groups, until, step, int64_t(counted.size()), device_values, int64_t(values.size()));
        nm_to_host(got.data(), kept, got.size());
        for (int64_t a = 0; a < task.actions; a++) task.state[task.count + a] += got[a] - counted[a];
        task.state[NmTask::HEARD] += got[task.actions] - counted[task.actions];
        std::copy_n(got.begin(), counted.size(), counted.begin());
        until = step;
    }
};

#endif
