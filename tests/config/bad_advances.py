"""Advances that cannot be made."""

from __future__ import annotations

from tests.config.bad_cases import BadConfig, case, config


def advances(text: str, **more: str) -> str:
    """The good config with these advances."""
    return config(advances=f"[{text}]", **more)


def moving(states: str) -> str:
    """An advance at 50 ms, and states of the animal around it."""
    cell = "{E: {neuron: lif, size: 10, region: cortex}}"
    levels = "{acetylcholine: {cortex: {}}}"
    return advances("{at: 50 ms, duration: 8 h}", populations=cell, modulators=levels, states=f"[{states}]")


BAD_ADVANCES: list[BadConfig] = [
    case(
        "advance between two steps",
        advances("{at: 50.05 ms, duration: 1 h}"),
        "advances.0.at: got 0.05005 s",
        "multiple of dt, which is 0.1 ms",
    ),
    case(
        "advance at the end",
        advances("{at: 100 ms, duration: 1 h}"),
        "advances.0.at: got 0.1 s",
        "a time within the run, which lasts 0.1 s",
    ),
    case(
        "advances out of order",
        advances("{at: 50 ms, duration: 1 h}, {at: 40 ms, duration: 1 h}"),
        "advances.1.at: got 0.04 s after an advance at 0.05 s",
        "allowed is a later time",
    ),
    case(
        "two advances at once",
        advances("{at: 50 ms, duration: 1 h}, {at: 50 ms, duration: 1 h}"),
        "advances.1.at: got 0.05 s after an advance at 0.05 s",
    ),
    case(
        "advance of less than a step",
        advances("{at: 50 ms, duration: 1 ms}"),
        "advances.0.duration: got 0.001 s",
        "at least one step of slow time, 0.006 s",
    ),
    case(
        "advance while a level moves",
        moving("{at: 40 ms, state: nrem, duration: 20 ms}"),
        "advances.0.at: got a time at which acetylcholine in cortex is on its way to another level",
        "see states.0",
    ),
    case(
        "advance as a level begins to move",
        moving("{at: 50 ms, state: nrem, duration: 20 ms}"),
        "advances.0.at: got a time at which acetylcholine in cortex is on its way",
    ),
]
BAD_ADVANCE_VALUES: list[BadConfig] = [
    case("advance at the begin", advances("{at: 0 s, duration: 1 h}"), "advances.0.at"),
    case("advance without duration", advances("{at: 50 ms}"), "advances.0.duration"),
    case("advance of a number", advances("{at: 50 ms, duration: 8}"), "advances.0.duration", "8"),
    case("advance with another key", advances("{at: 50 ms, hours: 8}"), "advances.0", "hours"),
]
