#include "nm_task.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

void NmTask::read(const NmRecords& in) {
    there = in.has("task.size");
    if (!there) return;
    const auto size = in.get<int64_t>("task.size");
    int64_t* const sizes[] = {&trials, &phases, &actions, &values, &scenes, &cues, &contexts, &events, &per_tick, &start,
                              &decision, &rule, &spikes, &outcome, &shown, &critic, &onset, &reading};
    if (size.size() != sizeof sizes / sizeof *sizes) nm_fail("wrong size: task.size");
    for (size_t k = 0; k < size.size(); k++) *sizes[k] = size[k];
    const auto numbers = in.get<double>("task.numbers");
    double* const all[] = {&limit, &decay, &learning, &discount, &uncertainty, &volatility, &reward, &read_decay, &read_scale};
    if (numbers.size() != sizeof all / sizeof *all) nm_fail("wrong size: task.numbers");
    for (size_t k = 0; k < numbers.size(); k++) *all[k] = numbers[k];
    duration = in.get<int32_t>("task.duration");
    about = in.get<int32_t>("task.about");
    state_at = in.get<int32_t>("task.state_at");
    event = in.get<int32_t>("task.event");
    error_column = in.get<int32_t>("task.error_column");
    value_column = in.get<int32_t>("task.value_column");
    earned = in.get<double>("task.earned");
    scale = in.get<double>("task.scale");
    pool = in.get<double>("task.pool");
    read_moves(in);
    read_sends(in);
    const auto names = in.lines("task.level.names");
    const auto index = in.get<int64_t>("task.level.index");
    for (size_t k = 0; k < names.size(); k++) levels.push_back(Level{target(names[k], index[k], index[k] + 1), index[k]});
    place(in.get<double>("task.values"));
}

double* NmTask::target(const std::string& name, int64_t first, int64_t last) {
    if (first < 0 || last > int64_t(nm_array(name).size())) nm_fail("the task acts outside " + name);
    return nm_doubles(name);
}

void NmTask::read_moves(const NmRecords& in) {
    const auto names = in.lines("task.move.names");
    const auto table = in.get<int64_t>("task.move.table");
    move_phases = in.get<int32_t>("task.move.phases");
    move_cues = in.get<int32_t>("task.move.cues");
    move_contexts = in.get<int32_t>("task.move.contexts");
    for (size_t k = 0; k < names.size(); k++) {
        const int64_t* t = &table[11 * k];
        moves.push_back(Move{target(names[k], t[0], t[1]), t[0], t[1], t[2], t[3], t[4], t[5], t[6], t[7], t[8], t[9], t[10]});
    }
}

void NmTask::read_sends(const NmRecords& in) {
    const auto names = in.lines("task.send.names");
    const auto table = in.get<int64_t>("task.send.table");
    const auto gain = in.get<double>("task.send.gain");
    send_phases = in.get<int32_t>("task.send.phases");
    for (size_t k = 0; k < names.size(); k++) {
        const int64_t* t = &table[7 * k];
        sends.push_back(Send{target(names[k], t[0], t[1]), t[0], t[1], t[2], t[3], t[4], t[5], t[6], gain[k]});
    }
}

void NmTask::place(const std::vector<double>& first_values) {
    columns = FIXED + events + int64_t(sends.size() + levels.size());
    for (int32_t column : error_column) columns = std::max(columns, int64_t(column) + 1);
    for (int32_t column : value_column) columns = std::max(columns, int64_t(column) + 1);
    const int64_t many[] = {actions, actions, actions, values, std::max<int64_t>(actions, 1), scenes, int64_t(moves.size()), int64_t(sends.size()), int64_t(sends.size()), int64_t(sends.size()), columns};
    int64_t* const at[] = {&count, &total, &rate, &value, &recent, &seen, &on, &left, &sent, &now_sent, &row};
    int64_t used = SCALARS;
    for (size_t k = 0; k < sizeof many / sizeof *many; k++) { *at[k] = used; used += many[k]; }
    state.assign(size_t(used), 0.0);
    state[TRIAL] = state[CHOICE] = state[STATE] = -1.0;
    for (int64_t k = 0; k < values; k++) state[value + k] = first_values[k];
}

void NmTask::restore(const NmRecords& in) {
    if (!there || !in.has("saved.task")) return;
    const auto saved = in.get<double>("saved.task");
    if (saved.size() != state.size()) nm_fail("wrong size: saved.task");
    state = saved;
    for (size_t m = 0; m < moves.size(); m++)
        if (state[on + m]) set(moves[m].target, moves[m].first, moves[m].last, moves[m].on, moves[m].each_on, 0.0);
    for (size_t k = 0; k < sends.size(); k++)
        if (state[left + k]) set(sends[k].target, sends[k].first, sends[k].last, sends[k].rest, sends[k].each, state[now_sent + k]);
}

void NmTask::tick(int64_t step) {
    if (!there || step % per_tick) return;
    const int64_t ms = step / per_tick;
    listen();
    if (ms >= start && state[TRIAL] < double(trials)) advance(ms);
    show();
    pass();
    if (!playing()) return;
    state[AT] += 1.0;
    if (ends_trial()) finish();
}

void NmTask::listen() {
    for (int64_t a = 0; a < actions; a++) {
        state[total + a] += state[count + a];
        state[rate + a] = state[rate + a] * decay + state[count + a] * scale[a];
        state[count + a] = 0.0;
    }
    state[READ] = state[READ] * read_decay + state[HEARD] * read_scale;
    state[HEARD] = 0.0;
}

void NmTask::advance(int64_t ms) {
    if (state[TRIAL] < 0.0) { state[PHASE] = -1.0; state[TRIAL] = 0.0; begin(ms); next(ms); return; }
    const bool ended = int64_t(state[AT]) == length(phase());
    if (phase() == decision && !decide(ended) && !ended) return;
    if (ended || (phase() == decision && state[CHOICE] >= 0.0)) next(ms);
}

bool NmTask::decide(bool ended) {
    const bool at_end = rule == FEWEST || rule == MOST;
    if (at_end && !ended) return false;
    const int64_t from = rule == THRESHOLD ? rate : total;
    int64_t best = -1;
    for (int64_t k = 0; k < actions; k++) {
        const int64_t a = (of(TIE) + k) % actions;
        const double x = state[from + a];
        if ((rule == RACE && x < double(spikes)) || (rule == THRESHOLD && !(x > limit))) continue;
        if (best < 0 || (rule == FEWEST ? x < state[from + best] : x > state[from + best])) best = a;
    }
    if (best < 0) return false;
    state[CHOICE] = double(best);
    state[LATENCY] = state[AT];
    return true;
}

void NmTask::next(int64_t ms) {
    do {
        state[PHASE] += 1.0;
        if (phase() < phases) continue;
        state[PHASE] = 0.0;
        state[TRIAL] += 1.0;
        if (!playing()) return;
        begin(ms);
    } while (length(phase()) == 0);
    state[AT] = 0.0;
    enter();
}

void NmTask::begin(int64_t ms) {
    state[CHOICE] = state[STATE] = -1.0;
    state[LATENCY] = std::numeric_limits<double>::quiet_NaN();
    state[OUTCOME] = state[ERROR] = state[VALUE] = state[UNEXPECTED] = state[VOLATILITY] = state[NOVELTY] = 0.0;
    for (size_t k = 0; k < sends.size(); k++) state[sent + k] = 0.0;
    for (int64_t k = 0; k < columns; k++) state[row + k] = 0.0;
    state[row + R_BEGIN] = double(ms);
}

void NmTask::enter() {
    const int64_t p = phase();
    if (p == decision) for (int64_t a = 0; a < actions; a++) state[total + a] = 0.0;
    if (p == outcome) note_levels();
    if (p == shown) see();
    const int64_t to = state_at[trial() * phases + p];
    if (critic && (to >= 0 || p == outcome)) judge(to, p == outcome);
    else if (p == outcome) state[OUTCOME] = earning();
    if (error_column[p] >= 0) state[row + error_column[p]] = state[ERROR];
    if (value_column[p] >= 0) state[row + value_column[p]] = state[VALUE];
    if (p == outcome) state[row + R_ERROR] = state[ERROR];
    if (p == outcome) state[row + R_VALUE] = state[VALUE];
    for (size_t k = 0; k < sends.size(); k++) if (send_phases[k * phases + p]) send(k);
}

void NmTask::note_levels() {
    const int64_t first = row + FIXED + events + int64_t(sends.size());
    for (size_t k = 0; k < levels.size(); k++) state[first + k] = levels[k].target[levels[k].index];
}

void NmTask::see() {
    const int64_t scene = seen + of(SCENE);
    state[NOVELTY] = 1.0 / (1.0 + state[scene]);
    state[scene] += 1.0;
}

double NmTask::earning() const {
    const int64_t which = state[CHOICE] < 0.0 ? actions : int64_t(state[CHOICE]);
    return earned[trial() * (actions + 1) + which];
}

void NmTask::judge(int64_t to, bool ends) {
    const double r = ends ? earning() : 0.0;
    const double ahead = to >= 0 ? state[value + to] : 0.0;
    const int64_t from = int64_t(state[STATE]);
    const double behind = reading ? state[READ] : from >= 0 ? state[value + from] : 0.0;
    double error = 0.0;
    if (from >= 0 || ends || onset) error = r + discount * ahead - behind;
    error = error > 1.0 ? 1.0 : error < -1.0 ? -1.0 : error;
    if (from >= 0) state[value + from] += learning * error;
    state[ERROR] = error;
    state[VALUE] = ends ? behind : ahead;
    state[STATE] = double(to);
    if (!ends) return;
    const double surprise = std::fabs(error), beyond = surprise - state[EXPECTED];
    state[OUTCOME] = r;
    state[UNEXPECTED] = beyond > 0.0 ? beyond : 0.0;
    state[EXPECTED] += uncertainty * beyond;
    state[VOLATILITY] = agreement(error);
    state[AVERAGE] += reward * (r - state[AVERAGE]);
}

double NmTask::agreement(double error) {
    const int64_t many = std::max<int64_t>(actions, 1), own = actions ? int64_t(state[CHOICE]) : 0;
    if (own < 0) return 0.0;
    double others = 0.0;
    for (int64_t a = 0; a < many; a++) if (a != own) others += state[recent + a];
    const double lately = state[recent + own] - (many > 1 ? others / double(many - 1) : 0.0);
    for (int64_t a = 0; a < many; a++) state[recent + a] += volatility * ((a == own ? error : 0.0) - state[recent + a]);
    return error * lately;
}

double NmTask::signal(int64_t which) const {
    switch (which) {
        case S_ERROR: return state[ERROR];
        case S_VALUE: return state[VALUE];
        case S_OUTCOME: return state[OUTCOME];
        case S_SALIENCE: return 1.0;
        case S_NOVELTY: return state[NOVELTY];
        case S_EXPECTED: return state[EXPECTED];
        case S_UNEXPECTED: return state[UNEXPECTED];
        case S_VOLATILITY: return state[VOLATILITY];
        case S_AVERAGE: return state[AVERAGE];
        default: return double(event[trial() * events + which - SIGNALS]);
    }
}

void NmTask::send(size_t k) {
    const Send& s = sends[k];
    const double amount = s.gain * signal(s.signal);
    state[sent + k] += amount;
    if (s.drive) {
        state[left + k] = double(s.length);
        state[now_sent + k] = amount;
        set(s.target, s.first, s.last, s.rest, s.each, amount);
        return;
    }
    const double level = s.target[s.first] + amount;
    s.target[s.first] = level < 0.0 ? 0.0 : level;
    if (wrote) wrote(s.target, s.first, s.first + 1);
}

void NmTask::set(double* to, int64_t first, int64_t last, int64_t at, int64_t each, double more) const {
    for (int64_t k = first; k < last; k++) to[k] = pool[at + (each ? k - first : 0)] + more;
    if (wrote) wrote(to, first, last);
}

bool NmTask::wanted(size_t m) const {
    if (!playing() || !move_phases[m * phases + phase()]) return false;
    const Move& move = moves[m];
    if (state[AT] < double(move.start) || (move.length >= 0 && state[AT] >= double(move.start + move.length))) return false;
    if (!move_cues[m * cues + of(CUE)] || !move_contexts[m * contexts + of(CONTEXT)]) return false;
    if (move.event >= 0 && !event[trial() * events + move.event]) return false;
    switch (move.selector) {
        case BY_CUE: return of(CUE) == move.number;
        case BY_CONTEXT: return of(CONTEXT) == move.number;
        case BY_CHOICE: return state[CHOICE] == double(move.number);
        case BY_CORRECT: return of(CORRECT) == move.number;
        default: return true;
    }
}

void NmTask::show() {
    bool changed = false;
    for (size_t m = 0; m < moves.size(); m++) {
        const bool now = wanted(m), was = state[on + m] != 0.0;
        changed = changed || now != was;
        if (was && !now) set(moves[m].target, moves[m].first, moves[m].last, moves[m].off, moves[m].each_off, 0.0);
        state[on + m] = double(now);
    }
    if (!changed) return;
    for (size_t m = 0; m < moves.size(); m++)
        if (state[on + m] != 0.0) set(moves[m].target, moves[m].first, moves[m].last, moves[m].on, moves[m].each_on, 0.0);
}

void NmTask::pass() {
    for (size_t k = 0; k < sends.size(); k++) {
        if (state[left + k] < 0.0) {
            set(sends[k].target, sends[k].first, sends[k].last, sends[k].rest, sends[k].each, 0.0);
            state[left + k] = 0.0;
        }
        if (state[left + k] > 0.0) state[left + k] = state[left + k] == 1.0 ? -1.0 : state[left + k] - 1.0;
    }
}

bool NmTask::ends_trial() const {
    if (int64_t(state[AT]) != length(phase())) return false;
    for (int64_t p = phase() + 1; p < phases; p++) if (length(p)) return false;
    return true;
}

void NmTask::finish() {
    double* const out = &state[row];
    const int64_t what[] = {BLOCK, CUE, CONTEXT, CORRECT};
    out[R_TRIAL] = state[TRIAL];
    for (int64_t k = 0; k < 4; k++) out[R_BLOCK + k] = double(about[trial() * ABOUT + what[k]]);
    out[R_CHOICE] = state[CHOICE];
    out[R_LATENCY] = state[LATENCY];
    out[R_OUTCOME] = state[OUTCOME];
    out[R_EXPECTED] = state[EXPECTED];
    out[R_UNEXPECTED] = state[UNEXPECTED];
    out[R_VOLATILITY] = state[VOLATILITY];
    out[R_AVERAGE] = state[AVERAGE];
    out[R_NOVELTY] = state[NOVELTY];
    for (int64_t e = 0; e < events; e++) out[FIXED + e] = double(event[trial() * events + e]);
    for (size_t k = 0; k < sends.size(); k++) out[FIXED + events + k] = state[sent + k];
    rows.insert(rows.end(), out, out + columns);
}
