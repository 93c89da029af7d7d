"""The group `pacemakers`: one row per rhythm that phase-locked cells and rules follow.

A clock moves its phase by 2 pi f dt in every step, the frequency wanders, and spikes of the step before pull
the phase. A follower has a resonator instead, with the pulsation q = 2 pi f,
    band' = q (rate - its mean - band/Q - low),  low' = q band,
which turns with a rate of frequency f: band is in phase with it and low a quarter of a cycle later. Where the
rate has no rhythm both are small, and with them cos_phi and sin_phi.
Whatever follows a rhythm sees cos and sin of the phase at the beginning of the step.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from neuromod import reference_math
from neuromod.plan.equations import IDENTITY
from neuromod.plan.groups import PACEMAKERS, Arrays, Placement
from neuromod.plan.network import FollowPlan, NetworkPlan, PacemakerPlan, ResetPlan
from neuromod.plan.release import AFTER, Wires
from neuromod.plan.seeds import population_hash
from neuromod.plan.structure import GroupStructure, SynapsesStructure, Variable

MEAN_S = 1.0
"""A follower subtracts the mean rate of about the last second."""
_CLOCK = ("phi", "cos_phi", "sin_phi", "frequency")
_JITTER = ("drift", "kept_drift", "new_drift")
_RESET = ("pull", "pull_each", "cos_reset", "sin_reset")
_FOLLOW = (
    "push", "push_each", "usual", "share_usual", "band", "low", "band_band", "band_low", "low_low",
    "pulsation", "least", "follower", "cos_shift", "sin_shift",
)  # fmt: skip
RESTING = ("pull", "push", "usual", "band", "low")
"""What spikes have left, and what is gone after hours of rest."""


def has_followers(network: NetworkPlan) -> bool:
    """Does any cell or rule follow a phase, so that the group is needed."""
    rules = [rule for projection in network.projections.values() for rule in projection.rules]
    cells = network.populations.values()
    return any(rule.pacemaker for rule in rules) or any(plan.template.pacemaker for plan in cells)


def pacemaker_group(network: NetworkPlan) -> GroupStructure:
    """The phase is wrapped to (-pi, pi]; the parts that no pacemaker has are left out."""
    update = ["cos_phi = nm_cos(phi)", "sin_phi = nm_sin(phi)", *_clock(network)]
    if _any(network, "follows"):
        update += _resonator()
    variables = [Variable(name) for name in _columns(network)]
    if _any(network, "jitter"):
        variables += [Variable("seed", "shared", "integer")]
        variables += [Variable(name, dtype="integer") for name in ("population", "cell")]
    size = max(1, len(network.pacemakers))
    return GroupStructure(PACEMAKERS, size, tuple(variables), update=tuple(update), order=-2)


def _any(network: NetworkPlan, part: str) -> bool:
    return any(getattr(plan, part) is not None for plan in network.pacemakers.values())


def _columns(network: NetworkPlan) -> list[str]:
    parts = {"jitter": _JITTER, "reset": _RESET, "follows": _FOLLOW}
    return [*_CLOCK, *(name for part, names in parts.items() if _any(network, part) for name in names)]


def _clock(network: NetworkPlan) -> list[str]:
    jitter, reset = _any(network, "jitter"), _any(network, "reset")
    turn = f"{2 * np.pi * network.experiment.dt!r}*frequency"
    turn += "*(1.0 + drift)" if jitter else ""
    turn += " + pull*(sin_reset*cos_phi - cos_reset*sin_phi)" if reset else ""
    wrapped = f"advanced - {2 * np.pi!r}*int(advanced > {np.pi!r})"
    wrapped += f" + {2 * np.pi!r}*int(advanced <= -{np.pi!r})" if reset else ""
    lines = [f"advanced = phi + {turn}", f"phi = {wrapped}"]
    if jitter:
        lines.append(f"drift = drift*kept_drift + new_drift*normal_at({IDENTITY}, 0)")
    return [*lines, "pull = 0.0"] if reset else lines


def _resonator() -> list[str]:
    return [
        "change = push - usual",
        "usual = usual + change*share_usual",
        "kick = 0.5*change*pulsation",
        "before = band + kick",
        "band = before*band_band + low*band_low + kick",
        "low = low*low_low - before*band_low",
        "push = 0.0",
        "strength = follower/sqrt(band*band + low*low + least)",
        "cos_phi = cos_phi*(1.0 - follower) + strength*(band*cos_shift - low*sin_shift)",
        "sin_phi = sin_phi*(1.0 - follower) + strength*(band*sin_shift + low*cos_shift)",
    ]


def pacemaker_arrays(network: NetworkPlan) -> Arrays:
    """Every column at t = 0; without any pacemaker, one that stands still."""
    plans = list(network.pacemakers.values()) or [PacemakerPlan("", 0.0, 0.0)]
    rows = [_row(plan, network) for plan in plans]
    arrays: Arrays = {name: np.array([row[name] for row in rows]) for name in _columns(network)}
    return arrays | {
        "seed": np.array([network.experiment.seed], np.int32),
        "population": np.array([population_hash(f"pacemakers/{plan.name}") for plan in plans], np.int32),
        "cell": np.zeros(len(plans), np.int32),
    }


def _row(plan: PacemakerPlan, network: NetworkPlan) -> dict[str, float]:
    dt = network.experiment.dt
    row = dict.fromkeys((*_JITTER, *_RESET, *_FOLLOW), 0.0)
    row |= {"phi": plan.phase, "frequency": plan.frequency, "least": 1.0}
    row |= _cos_sin("phi", 0.0 if plan.follows else plan.phase)
    if plan.jitter:
        kept = math.exp(-dt / plan.jitter.tau)
        row |= {"kept_drift": kept, "new_drift": plan.jitter.sd * math.sqrt(1 - kept**2)}
    if plan.reset:
        row |= {"pull_each": plan.reset.gain / network.populations[plan.reset.population].size}
        row |= _cos_sin("reset", plan.reset.phase)
    if plan.follows:
        row |= {"push_each": 1 / network.populations[plan.follows.population].size}
        row |= _resonance(plan.follows, plan.frequency, dt)
    return row


def _resonance(plan: FollowPlan, frequency: float, dt: float) -> dict[str, float]:
    """A rate of amplitude A (Hz) makes band and low turn with the length A Q, after the delay and half of the
    step in which spikes are counted, and less what the subtracted mean makes them lead.
    """
    pulsation = 2 * math.pi * frequency
    late = pulsation * (round(plan.delay / dt) + 0.5) * dt - math.atan(1 / (pulsation * MEAN_S))
    decay = pulsation / (2 * plan.quality)
    ringing = pulsation * math.sqrt(1 - 1 / (4 * plan.quality**2))
    kept, turn = math.exp(-decay * dt), _cos_sin("turn", ringing * dt)
    across = kept * turn["sin_turn"] / ringing
    return {
        "follower": 1.0,
        "share_usual": 1 - math.exp(-dt / MEAN_S),
        "band_band": kept * turn["cos_turn"] - decay * across,
        "low_low": kept * turn["cos_turn"] + decay * across,
        "band_low": -pulsation * across,
        "pulsation": pulsation,
        "least": (plan.least * plan.quality) ** 2,
        **_cos_sin("shift", plan.phase + late),
        "cos_phi": 0.0,
        "sin_phi": 0.0,
    }


def _cos_sin(name: str, angle: float) -> dict[str, float]:
    at = np.array([angle])
    return {f"cos_{name}": float(reference_math.cos(at)[0]), f"sin_{name}": float(reference_math.sin(at)[0])}


def pacemaker_wires(network: NetworkPlan, placements: Mapping[str, Placement]) -> list[Wires]:
    """From the cells that pull a phase, or whose phase is found, to the rows."""
    found = []
    for row, plan in enumerate(network.pacemakers.values() if has_followers(network) else ()):
        if plan.reset:
            found.append(_wires(network, placements, row, plan.reset, f"reset_{plan.name}", "pull"))
        if plan.follows:
            found.append(_wires(network, placements, row, plan.follows, f"follow_{plan.name}", "push"))
    return found


def _wires(
    network: NetworkPlan,
    placements: Mapping[str, Placement],
    row: int,
    plan: ResetPlan | FollowPlan,
    name: str,
    variable: str,
) -> Wires:
    place = placements[plan.population]
    ends = ((place.start, place.stop), PACEMAKERS, (0, len(network.pacemakers)))
    line = f"{variable}_post += {variable}_each_post"
    structure = SynapsesStructure(
        name, place.group, *ends, variables=(), on_pre=(line,), delay="uniform", order=AFTER
    )
    cells = np.arange(place.start, place.stop, dtype=np.int32)
    rows = np.full(cells.size, row, np.int32)
    return Wires(structure, {"i": cells, "j": rows, "delay_pre": np.array([plan.delay])})
