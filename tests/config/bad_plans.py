"""Configs that are well formed, but do not fit the models or themselves."""

from __future__ import annotations

from tests.config.bad_advances import BAD_ADVANCES
from tests.config.bad_cases import BadConfig
from tests.config.bad_dimensions import BAD_DIMENSIONS
from tests.config.bad_models import BAD_MODELS
from tests.config.bad_names import BAD_NAMES
from tests.config.bad_protocols import BAD_PROTOCOLS
from tests.config.bad_structures import BAD_STRUCTURES
from tests.config.bad_tasks import BAD_TASKS

BAD_PLANS: list[BadConfig] = [
    *BAD_NAMES,
    *BAD_DIMENSIONS,
    *BAD_STRUCTURES,
    *BAD_PROTOCOLS,
    *BAD_ADVANCES,
    *BAD_MODELS,
    *BAD_TASKS,
]
