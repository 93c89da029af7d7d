"""The task of tests/identical/task.yaml, worked out trial by trial from recorded spikes and the schedule: an
independent reading of what a task is.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

ALPHA, GAMMA, FIRST, UNCERTAINTY, VOLATILITY, REWARD = 0.3, 0.9, 0.2, 0.2, 0.35, 0.15
START_MS = 7.0
PHASES = ("rest", "cue", "decide", "act", "outcome", "sleep")
Row = dict[str, float]
Columns = dict[str, NDArray[np.generic]]


@dataclass
class Critic:
    """Values by state, cue and context; the error is r + gamma V' - V within [-1, 1]."""

    values: dict[tuple[str, str, str], float] = field(default_factory=dict)
    expected: float = 0.0
    recent: list[float] = field(default_factory=lambda: [0.0, 0.0])
    average: float = 0.0

    def value(self, key: tuple[str, str, str]) -> float:
        return self.values.get(key, FIRST)

    def learn(self, key: tuple[str, str, str], target: float) -> float:
        error = float(np.clip(target - self.value(key), -1, 1))
        self.values[key] = self.value(key) + ALPHA * error
        return error

    def agreement(self, choice: int, error: float, rate: float = VOLATILITY) -> float:
        """Does this error say what those before it did: that one action is now the better one."""
        others = [mean for action, mean in enumerate(self.recent) if action != choice]
        said = error * (self.recent[choice] - float(np.mean(others)))
        news = [error if action == choice else 0.0 for action in range(len(self.recent))]
        self.recent = [(1 - rate) * old + rate * new for old, new in zip(self.recent, news, strict=True)]
        return said


def most_spikes(
    times: NDArray[np.float64], ids: NDArray[np.int64], begin: float, end: float, tie: int
) -> int:
    """Choice by the spikes of two channels of two cells each in [begin, end)."""
    inside = (times > begin - 1e-6) & (times < end - 1e-6)
    counts = [int(np.sum(inside & (ids // 2 == channel))) for channel in (0, 1)]
    return tie if counts[0] == counts[1] else int(np.argmax(counts))


def played(schedule: Columns, times: NDArray[np.float64], ids: NDArray[np.int64], trials: int) -> list[Row]:
    """The log of the first trials."""
    critic, seen, rows = Critic(), {}, []
    begin = START_MS
    for k in range(trials):
        plan = {name: values[k] for name, values in schedule.items()}
        scene = (str(plan["cue"]), str(plan["context"]))
        lengths = {name: float(plan[f"duration_{name}"]) for name in PHASES}
        decide = begin + lengths["rest"] + lengths["cue"]
        choice = most_spikes(times, ids, decide, decide + lengths["decide"], int(plan["tie"]))
        at_cue, at_act = critic.value(("cue", *scene)), critic.value(("act", *scene))
        surprise_of_cue = float(np.clip(GAMMA * at_cue, -1, 1))
        at_choice = critic.learn(("cue", *scene), GAMMA * at_act)
        outcome = float(plan[f"outcome_{choice}"])
        error = critic.learn(("act", *scene), outcome)
        beyond = abs(error) - critic.expected
        critic.expected += UNCERTAINTY * beyond
        critic.average += REWARD * (outcome - critic.average)
        volatility = critic.agreement(choice, error)
        rows.append(
            {
                "begin": begin,
                "choice": choice,
                "latency": lengths["decide"],
                "outcome": outcome,
                "value": at_act,
                "prediction_error": error,
                "prediction_error_cue": surprise_of_cue,
                "prediction_error_act": at_choice,
                "value_cue": at_cue,
                "value_act": at_act,
                "expected_uncertainty": critic.expected,
                "unexpected_uncertainty": max(0.0, beyond),
                "volatility": volatility,
                "average_outcome": critic.average,
                "novelty": 1 / (1 + seen.get(scene, 0)),
                "sent_reward": 1.5 * (surprise_of_cue + at_choice + error),
                "sent_attention": 2 / (1 + seen.get(scene, 0)),
                "sent_alarm": 3 * max(0.0, beyond),
                "sent_change": 0.7 * volatility,
                "sent_nucleus": 60e-12 * error,
            }
        )
        seen[scene] = seen.get(scene, 0) + 1
        begin += sum(lengths.values())
    return rows
