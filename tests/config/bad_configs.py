"""Configs that are refused, each with what its message must contain. The main file is `config.yaml`.

`BAD_CONFIGS` are refused by `neuromod.config.load.load`; `BAD_PLANS` only when models are looked up and the
network is expanded.
"""

from __future__ import annotations

from tests.config.bad_advances import BAD_ADVANCE_VALUES
from tests.config.bad_cases import CODE, MAIN, BadConfig, case, config
from tests.config.bad_files import BAD_FILES
from tests.config.bad_keys import BAD_KEYS
from tests.config.bad_networks import BAD_NETWORKS
from tests.config.bad_plans import BAD_PLANS
from tests.config.bad_tasks import BAD_TASK_FILES
from tests.config.bad_types import BAD_TYPES
from tests.config.bad_units import BAD_UNITS

__all__ = ["BAD_CONFIGS", "BAD_PLANS", "MAIN", "BadConfig", "config"]

_TEXT_FIELDS: tuple[tuple[str, str], ...] = (
    ("name", "name: {}"),
    ("circuit", "circuit: {}"),
    ("regions.0", "regions: [{}]"),
    ("models.0", "models: [{}]"),
    ("backend", "backend: {}"),
    ("duration", "duration: {}"),
    ("populations.E.neuron", "populations: {{E: {{neuron: {}, size: 10}}}}"),
    ("populations.E.parameters.C", "populations: {{E: {{neuron: lif, size: 10, parameters: {{C: {}}}}}}}"),
    (
        "stimuli.s.parameter",
        "stimuli: {{s: {{population: E, parameter: {}, value: 1, start: 0 s, duration: 1 s}}}}",
    ),
    ("record.spikes.0", "record: {{spikes: [{}]}}"),
)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _code_cases() -> list[BadConfig]:
    """Code and paths in every field that takes text with a meaning."""
    cases = []
    for key, pattern in _TEXT_FIELDS:
        for number, code in enumerate(CODE):
            line = pattern.format(_quoted(code))
            text = config({line.partition(":")[0]: line.partition(": ")[2]})
            cases.append(case(f"code {number} in {key}", text, f"{key}: got `{code[:20]}", "allowed"))
    return cases


BAD_CONFIGS: list[BadConfig] = [
    *BAD_UNITS,
    *BAD_KEYS,
    *BAD_TYPES,
    *BAD_NETWORKS,
    *BAD_FILES,
    *BAD_ADVANCE_VALUES,
    *BAD_TASK_FILES,
    *_code_cases(),
]
