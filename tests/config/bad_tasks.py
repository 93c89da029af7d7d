"""Tasks that are incomplete, contradict themselves, or do not fit the network."""

from __future__ import annotations

from tests.config.bad_cases import BadConfig, case, config

NETWORK = {
    "populations": "{IN: {neuron: poisson_cell, size: 4}, "
    "OUT: {neuron: lif, size: 8, region: striatum, channels: {count: 2}, "
    "inputs: {background: {input: poisson, receptor: ampa, parameters: {rate: 100 Hz, weight: 1 nS}}}}}",
    "modulators": "{dopamine: {striatum: {}}}",
}
BOUND = "model: bandit, trials: 3, populations: {cue: IN, striatum: OUT, output: OUT}"
STATIC = "{IN->OUT: {receptor: ampa, connect: {probability: 1}, weight: 1 nS, delay: 1 ms}}"


def task(text: str = "", bound: str = BOUND, **more: str) -> str:
    """A good config with a task, and changes of it."""
    return config({**NETWORK, "duration": "4 s", "task": f"{{{bound}{', ' if text else ''}{text}}}"}, **more)


BAD_TASK_FILES: list[BadConfig] = [
    case("task without model", task(bound="trials: 3"), "task.model: got nothing, this key is needed"),
    case("task without trials", task(bound="model: bandit"), "task.trials: got nothing"),
    case("task with no trial", task(bound="model: bandit, trials: 0"), "task.trials: got 0"),
    case(
        "probability above 1",
        task("outcome: {probability: [0.8, 1.2]}"),
        "task.outcome.probability.1: got 1.2, allowed is a number from 0 to 1",
    ),
    case(
        "rate of volatility above 1",
        task("critic: {volatility_rate: 1.5}"),
        "task.critic.volatility_rate: got 1.5, allowed is a number from 0 to 1",
    ),
    case(
        "drift that stands still",
        task("outcome: {drift: {sd: 0}}"),
        "task.outcome.drift.sd: got 0, allowed is a number above 0, at most 1",
    ),
    case(
        "unknown rule of a decision",
        task("decision: {rule: fewest}"),
        "task.decision.rule: got `fewest`",
        "did you mean",
    ),
    case(
        "unknown key of a task",
        task("phase: {}"),
        "task.phase: got the unknown key `phase`",
        "did you mean phases",
    ),
]
"""Refused before any model is looked at."""

BAD_TASKS: list[BadConfig] = [
    case(
        "task of no model",
        task(bound="model: bandid, trials: 3"),
        "task.model: got `bandid`",
        "did you mean bandit",
    ),
    case(
        "unknown role",
        task(bound=BOUND.replace("cue: IN", "cues: IN")),
        "task.populations.cues: got the unknown role",
    ),
    case(
        "role of no population",
        task(bound=BOUND.replace("cue: IN", "cue: INN")),
        "task.populations.cue: got the unknown population `INN`",
        "did you mean IN",
    ),
    case(
        "role without population",
        task(bound=BOUND.replace("cue: IN, ", "")),
        "task.populations: got no population for the role cue, which stimuli.cue.population needs",
    ),
    case(
        "deciding cells without channels",
        task(bound=BOUND.replace("output: OUT", "output: IN")),
        "task.populations.output: got IN with 0 channels, needed are 2",
    ),
    case(
        "more actions than channels",
        task("actions: 3, outcome: {probability: [0.8, 0.2, 0.2]}"),
        "task.populations.output: got OUT with 2 channels, needed are 3",
    ),
    case(
        "probabilities of other actions",
        task("outcome: {probability: [0.8]}"),
        "task.outcome.probability: got 1 probabilities, needed are 2",
    ),
    case("phase without duration", task("phases: {wait: {}}"), "task.phases.wait: got no `duration`"),
    case(
        "phase of no time",
        task("phases: {rest: {duration: 5 mV}}"),
        "task.phases.rest.duration: got a voltage (for example -65 mV), allowed is a time",
    ),
    case(
        "phase below a millisecond",
        task("phases: {rest: {duration: 0.5 ms}}"),
        "task.phases.rest.duration: got 0.5 ms",
    ),
    case(
        "phase of another distribution",
        task("phases: {rest: {duration: {normal: [5 ms, 1 ms]}}}"),
        "task.phases.rest.duration: got another distribution",
    ),
    case(
        "phase drawn backwards",
        task("phases: {rest: {duration: {uniform: [9 ms, 5 ms]}}}"),
        "task.phases.rest.duration: got a shortest time above the longest",
    ),
    case(
        "unknown state of a phase",
        task("phases: {rest: {state: asleep}}"),
        "task.phases.rest.state: got the unknown",
    ),
    case(
        "decision that nothing follows",
        task("decision: {phase: outcome}"),
        "task.decision.phase: got outcome, the last phase",
    ),
    case(
        "outcome before the decision",
        task("outcome: {phase: cue}"),
        "task.outcome.phase: got cue, which is not after the decision in decide",
    ),
    case(
        "race without a number",
        task("decision: {rule: race}"),
        "task.decision: got the rule race without `spikes`",
    ),
    case(
        "number without a race",
        task("decision: {spikes: 3}"),
        "task.decision.spikes: got `spikes` with the rule fewest_spikes",
    ),
    case("actions without decision", task("decision: null"), "task: got 2 actions and no `decision`"),
    case("decision without actions", task("actions: 0"), "task.decision: got a decision with 0 actions"),
    case(
        "stimulus of a task on an unknown parameter",
        task("stimuli: {cue: {parameter: rat}}"),
        "task.stimuli.cue.parameter: got the unknown parameter",
        "did you mean rate",
    ),
    case(
        "stimulus of another unit",
        task("stimuli: {cue: {value: 3 mV}}"),
        "task.stimuli.cue.value: got a voltage",
    ),
    case(
        "stimulus with two values",
        task("stimuli: {cue: {factor: 2}}"),
        "task.stimuli.cue: got both of value and factor",
    ),
    case(
        "stimulus in an unknown phase",
        task("stimuli: {cue: {phases: [cue, choose]}}"),
        "task.stimuli.cue.phases: got the unknown phase `choose`",
    ),
    case(
        "stimulus on the channel of no cue",
        task("stimuli: {cue: {channel: cue}}"),
        "task.stimuli.cue.channel: got cue in a task without cues",
    ),
    case(
        "stimulus on an absent channel",
        task("stimuli: {efference_copy: {channel: 5}}"),
        "task.stimuli.efference_copy.channel: got 5, allowed are 0 to 1",
    ),
    case(
        "stimulus of the experiment on the same parameter",
        task(stimuli="{s: {population: IN, parameter: rate, value: 9 Hz, start: 0 s, duration: 9 ms}}"),
        "task: got IN.rate, which `stimuli` or `modulators` change, too",
    ),
    case("critic without states", task("critic: {states: []}"), "task.critic: got no `states`"),
    case(
        "critic after the outcome",
        task("critic: {states: [outcome]}"),
        "task.critic.states: got a state that is not before the outcome",
    ),
    case(
        "critic by absent cues", task("critic: {by: [cue]}"), "task.critic.by: got cue in a task without cues"
    ),
    case(
        "wire of no signal",
        task("wires: {dopamine: {signal: rpe}}"),
        "task.wires.dopamine.signal: got the unknown",
    ),
    case(
        "wire to no modulator",
        task("wires: {dopamine: {release: {serotonin: {striatum: 1}}}}"),
        "task.wires.dopamine.release.serotonin: got the unknown neuromodulator",
    ),
    case(
        "wire to another region",
        task("wires: {dopamine: {release: {dopamine: {cortex: 1}}}}"),
        "task.wires.dopamine.release.dopamine.cortex: got the unknown region with dopamine",
    ),
    case(
        "wire to a rate",
        task(
            "wires: {d: {signal: outcome, "
            "drive: {population: cue, parameter: rate, gain: 5 Hz, duration: 9 ms}}}",
        ),
        "task.wires.d.drive.gain: got a drive of rate, allowed is a current",
    ),
    case(
        "wire to nothing",
        task("wires: {w: {signal: outcome}}"),
        "task.wires.w: got neither of release and drive",
    ),
    case(
        "clearing of an unknown role",
        task("phases: {rest: {clear: [striatun]}}"),
        "task.phases.rest.clear: got the unknown role `striatun`",
        "did you mean striatum",
    ),
    case(
        "clearing of an unknown projection",
        task("phases: {rest: {clear: [IN->OT]}}", projections=STATIC),
        "task.phases.rest.clear: got the unknown projection `IN->OT`",
        "did you mean IN->OUT",
    ),
    case(
        "clearing where nothing is learned",
        task("phases: {rest: {clear: [IN->OUT]}}", projections=STATIC),
        "task.phases.rest.clear: got IN->OUT, which has no eligibility traces; allowed is one that has",
    ),
    case(
        "clearing of a role onto which nothing leads",
        task("phases: {rest: {clear: [striatum]}}", projections=STATIC),
        "task.phases.rest.clear: got striatum, onto which no projection with eligibility traces leads",
    ),
    case("block without trials", task("blocks: [{reverse: true}]"), "task.blocks.0: got no `trials`"),
    case(
        "block of too few", task("blocks: [{trials: [5, 2]}]"), "task.blocks.0.trials: got fewest above most"
    ),
    case("shares of nothing", task("cues: {a: {share: 0}}"), "task.cues: got shares that are all 0"),
    case(
        "correct action of none",
        task("cues: {a: {correct: 2}}"),
        "task.cues.a.correct: got 2, allowed are 0 to 1",
    ),
    case("step that no millisecond fits", task(dt="0.4 ms"), "dt: got 0.4 ms with a task"),
    case(
        "task that begins between",
        task("start: 0.5 ms"),
        "task.start: got 0.5 ms, allowed are whole milliseconds",
    ),
    case(
        "value that is read at two states",
        task("critic: {states: [cue, act], read: {population: striatum, rate: 20 Hz}}"),
        "task.critic.read: got a value that is read with 2 states, allowed is one state",
    ),
    case(
        "value that is read from nobody",
        task("critic: {read: {population: ventral, rate: 20 Hz}}"),
        "task.critic.read.population: got the unknown role `ventral`",
    ),
    case(
        "drift without room",
        task("outcome: {drift: {sd: 0.05, between: [0.9, 0.1]}}"),
        "task.outcome.drift.between: got 0.9 and 0.1, allowed is [lowest, highest]",
    ),
    case(
        "drift that begins outside",
        task("outcome: {drift: {sd: 0.05, between: [0.1, 0.75]}}"),
        "task.outcome.probability.0: got 0.8, from which a drift begins; allowed is 0.1 to 0.75",
    ),
    case(
        "drift and reversals",
        task("outcome: {drift: {sd: 0.05}}, blocks: [{trials: 5, reverse: true}]"),
        "task.outcome.drift: got a drift and a block that reverses",
    ),
    case(
        "drift and cues with actions of their own",
        task("outcome: {drift: {sd: 0.05}}, cues: {a: {correct: 1}}"),
        "task.outcome.drift: got a drift and a cue with `correct` or `probability`",
    ),
    case(
        "drift and contexts that shift",
        task("outcome: {drift: {sd: 0.05}}, contexts: {a: {shift: 1}}"),
        "task.outcome.drift: got a drift and a context with `shift`",
    ),
]
