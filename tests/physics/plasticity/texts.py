"""Rules and cells of the tests, written as model files would write them."""

from __future__ import annotations

PARAMETERS = {
    "tau_x": ("ms", "20 ms"), "tau_y": ("ms", "30 ms"), "tau_c": ("s", "1 s"), "tau_d": ("s", "0.25 s"),
    "A": ("nS", "0.02 nS"), "B": ("nS", "0.01 nS"), "eta": ("1/s", "2 1/s"), "kappa": ("1", "0.8"),
    "low": ("nS", "0 nS"), "high": ("nS", "2 nS"),
}  # fmt: skip


def rule_text(**fields: object) -> dict:
    """A plasticity rule as the data of a YAML file; `extra` adds parameters {name: (unit, default)}."""
    given = dict(fields)
    parameters = PARAMETERS | given.pop("extra", {})
    return {
        "kind": "plasticity",
        "title": "Rule of a test",
        "description": "For tests only.",
        "evidence": "D",
        "parameters": {
            name: {"unit": unit, "default": default, "description": name}
            for name, (unit, default) in parameters.items()
        },
        "bounds": ["low", "high"],
    } | given
