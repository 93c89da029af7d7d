// A behavioural task in the loop: phases of trials, stimuli, the decision, the outcome, the critic, and what it releases.
//
// The code is the same for every task: what a task is stands in arrays (`task.*` of the inputs, made by
// `simulation.task`), so that other durations, probabilities or wires compile nothing. It acts once per millisecond, at
// the beginning of a step, after timed changes. Everything that it remembers is one vector of doubles, which is saved and
// restored whole. `program/task.py` does the same operations in the same order.
#ifndef NM_TASK_HPP
#define NM_TASK_HPP

#include <functional>
#include "nm_arrays.hpp"

struct NmTask {
    enum Scalar { TRIAL, PHASE, AT, CHOICE, LATENCY, STATE, VALUE, OUTCOME, ERROR, EXPECTED, UNEXPECTED, VOLATILITY, AVERAGE, NOVELTY, HEARD, READ, SCALARS };
    enum Signal { S_ERROR, S_VALUE, S_OUTCOME, S_SALIENCE, S_NOVELTY, S_EXPECTED, S_UNEXPECTED, S_VOLATILITY, S_AVERAGE, SIGNALS };
    enum Rule { NO_RULE, FEWEST, MOST, RACE, THRESHOLD };
    enum Selector { ANY, BY_CUE, BY_CONTEXT, BY_CHOICE, BY_CORRECT };
    enum About { BLOCK, CUE, CONTEXT, CORRECT, TIE, SCENE, ABOUT };
    enum Fixed { R_TRIAL, R_BLOCK, R_CUE, R_CONTEXT, R_CORRECT, R_BEGIN, R_CHOICE, R_LATENCY, R_OUTCOME, R_VALUE, R_ERROR, R_EXPECTED, R_UNEXPECTED, R_VOLATILITY, R_AVERAGE, R_NOVELTY, FIXED };
    struct Move { double* target; int64_t first, last, on, off, each_on, each_off, start, length, selector, number, event; };
    struct Send { double* target; int64_t first, last, signal, drive, length, rest, each; double gain; };
    struct Level { double* target; int64_t index; };

    bool there = false;
    int64_t trials = 0, phases = 0, actions = 0, values = 0, scenes = 0, cues = 0, contexts = 0, events = 0;
    int64_t per_tick = 1, start = 0, decision = -1, rule = 0, spikes = 0, outcome = -1, shown = 0, critic = 0, onset = 0, reading = 0;
    double limit = 0, decay = 0, learning = 0, discount = 0, uncertainty = 0, volatility = 0, reward = 0, read_decay = 0, read_scale = 0;
    std::vector<int32_t> duration, about, state_at, event, move_phases, move_cues, move_contexts, send_phases, error_column, value_column;
    std::vector<double> earned, scale, pool, state, rows;
    std::vector<Move> moves;
    std::vector<Send> sends;
    std::vector<Level> levels;
    int64_t columns = 0;
    // Of a program whose arrays are elsewhere: takes there what was written to cells [first, last) of one here.
    std::function<void(const double* array, int64_t first, int64_t last)> wrote;
    // Places in the state, after the scalars.
    int64_t count = 0, total = 0, rate = 0, value = 0, recent = 0, seen = 0, on = 0, left = 0, sent = 0, now_sent = 0, row = 0;

    void read(const NmRecords& in);
    static double* target(const std::string& name, int64_t first, int64_t last);
    void read_moves(const NmRecords& in);
    void read_sends(const NmRecords& in);
    void place(const std::vector<double>& first_values);
    void restore(const NmRecords& in);

    // A spike in a channel of the population that decides.
    void hear(int32_t channel) { if (channel >= 0) state[count + channel] += 1.0; }

    // A spike of a cell whose rate is the value.
    void hear_value(int32_t read) { if (read >= 0) state[HEARD] += 1.0; }

    void tick(int64_t step);

    bool playing() const { return state[TRIAL] >= 0.0 && state[TRIAL] < double(trials); }
    int64_t trial() const { return int64_t(state[TRIAL]); }
    int64_t phase() const { return int64_t(state[PHASE]); }
    int64_t length(int64_t p) const { return duration[trial() * phases + p]; }
    int64_t of(About what) const { return about[trial() * ABOUT + what]; }

    void listen();
    void advance(int64_t ms);

    // Whether a choice was made.
    bool decide(bool ended);
    void next(int64_t ms);
    void begin(int64_t ms);
    void enter();
    void note_levels();
    void see();
    double earning() const;
    void judge(int64_t to, bool ends);

    // The error, times by how much errors after the same choice have lately been above those after the others.
    double agreement(double error);
    double signal(int64_t which) const;
    void send(size_t k);
    void set(double* to, int64_t first, int64_t last, int64_t at, int64_t each, double more) const;
    bool wanted(size_t m) const;

    // Stimuli end before others begin; where two act on one parameter, the later one in the file holds.
    void show();

    // A millisecond of every drive; after its last one the parameter rests again.
    void pass();
    bool ends_trial() const;
    void finish();
};

#endif
