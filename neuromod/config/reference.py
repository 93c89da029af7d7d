"""The config format for editors (a JSON Schema) and for readers (a page of every key).

`python -m neuromod.config.reference` writes the page to docs/config.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic.json_schema import JsonSchemaValue

from neuromod.config.describe import annotation_of, describe, is_union, keys_of, section_of, unwrap
from neuromod.config.network import ProjectionName
from neuromod.config.schema import Experiment
from neuromod.config.values import Allowed
from neuromod.units import format_quantity

PAGE = Path(__file__).resolve().parents[2] / "docs" / "config.md"
DIALECT = "https://json-schema.org/draft/2020-12/schema"
_PATHS = {"type": "string", "pattern": r"\.ya?ml$"}
_COMPOSING: dict[str, JsonSchemaValue] = {
    "extends": {
        "description": "config file, or list of them, that this one changes; relative to this file",
        "anyOf": [_PATHS, {"type": "array", "items": _PATHS, "minItems": 1}],
    },
    "set": {
        "description": "dotted key -> value, applied after `extends`",
        "type": "object",
    },
}
_INTRODUCTION = """\
<!-- Made by `python -m neuromod.config.reference`; changes belong into neuromod/config/. -->
# Every key of a config

A config is a YAML file with one mapping. Unknown keys are refused. Anchors, aliases and tags are not read.

- **Quantities** are a number and its unit: `10 ms`, `-65 mV`, `20 nS/mV`, `10 %`. A number without unit is
  a pure number, never a time or a voltage. Where the source matters: `{value: 10 nS, evidence: P, source:
  ...}`.
- **Distributions** are `{uniform: [low, high]}`, `{lognormal: [mean, deviation]}`, or `{normal: [mean,
  deviation], low: ..., high: ...}`, which is drawn again outside `low` and `high`; a bound may be the name
  of a parameter.
- **Evidence** of a number is V (read in the source), P (pilot simulation), M (from memory of the
  literature) or D (design choice).
- **Names** begin with a letter and have letters, digits and `_`, at most 64.
- `extends: other.yaml` (or a list) lays this file over others in the same folder or below: mappings are
  merged key by key, lists and values are replaced, and `null` removes a key. `set: {populations.E.size:
  20}` changes single keys afterwards; on the command line this is `--set populations.E.size=20`.
"""


def json_schema() -> JsonSchemaValue:
    """JSON Schema (draft 2020-12) of a config file as it is written, for completion and checks in editors.

    It knows the keys and the kinds of values; units, models and what belongs together are checked by `load`
    and by the plan.
    """
    schema = Experiment.model_json_schema()
    _polish(schema)
    schema["properties"] = _COMPOSING | schema["properties"]
    schema["if"] = {"not": {"required": ["extends"]}}
    whole = {"task": {"required": schema["$defs"]["ExperimentTask"].pop("required")}}
    schema["then"] = {"required": schema.pop("required"), "properties": whole}
    return {"$schema": DIALECT, "title": "neuromod config", **schema}


def _polish(schema: object) -> None:
    """In place: no titles and defaults in SI units; entries of mappings need a good name and may be null."""
    if isinstance(schema, list):
        for part in schema:
            _polish(part)
    if not isinstance(schema, dict):
        return
    if isinstance(schema.get("title"), str):
        del schema["title"]
    if schema.get("type") == "string" and not isinstance(schema.get("default", ""), str):
        del schema["default"]
    if isinstance(schema.get("default"), dict):
        del schema["default"]
    for part in schema.values():
        _polish(part)
    if isinstance(entries := schema.get("patternProperties"), dict):
        schema["additionalProperties"] = False
        schema["patternProperties"] = {
            pattern: {"anyOf": [entry, {"type": "null"}]} for pattern, entry in entries.items()
        }


@dataclass(frozen=True)
class _Block:
    """A block of keys and the dotted key at which it stands; empty at the top."""

    path: str
    model: type[BaseModel]

    @property
    def title(self) -> str:
        return f"`{self.path}`" if self.path else "Top level"


def reference_page() -> str:
    """Markdown with every key: type, default, what is allowed, and what it means."""
    parts = [_INTRODUCTION]
    for block in _blocks(_Block("", Experiment)):
        rows = [_row(block, name, field) for name, field in _fields(block)]
        head = ["| key | type | default | allowed | meaning |", "|---|---|---|---|---|"]
        parts.append("\n".join([f"## {block.title}", "", _summary(block.model), "", *head, *rows, ""]))
    return "\n".join(parts)


def _blocks(block: _Block) -> Iterator[_Block]:
    """A block and all below it, in the order in which they are written."""
    yield block
    for name, field in _fields(block):
        path = ".".join(part for part in (block.path, name) if part)
        found = _inner(annotation_of(field), path)
        if found is not None:
            yield from _blocks(found)


def _fields(block: _Block) -> list[tuple[str, FieldInfo]]:
    """Keys of a block; at the top, what an experiment adds comes before the network."""
    fields = list(block.model.model_fields.items())
    if block.model is not Experiment:
        return fields
    inherited = [name for base in Experiment.__bases__ for name in getattr(base, "model_fields", {})]
    return sorted(fields, key=lambda item: item[0] in inherited)


def _inner(annotation: object, path: str) -> _Block | None:
    """The block inside a mapping, list or alternative; None where there are only values."""
    section = section_of(annotation)
    if section is not None:
        return _Block(path, section)
    base, _ = unwrap(annotation)
    if get_origin(base) is dict:
        keys, entry = get_args(base)
        return _inner(entry, f"{path}.{'SOURCE->TARGET' if keys == ProjectionName else 'NAME'}")
    if get_origin(base) is tuple:
        return _inner(get_args(base)[0], f"{path}.N")
    return None


def _summary(model: type[BaseModel]) -> str:
    return " ".join((model.__doc__ or "").split())


def _row(block: _Block, name: str, field: FieldInfo) -> str:
    annotation = annotation_of(field)
    inner = _inner(annotation, ".".join(part for part in (block.path, name) if part))
    allowed = f"see `{inner.path}`" if inner else describe(annotation)
    cells = (f"`{name}`", _type(annotation), _default(field), allowed, field.description or "")
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _type(annotation: object) -> str:
    """A word or two for a type."""
    base, marks = unwrap(annotation)
    mark = next((mark for mark in marks if isinstance(mark, Allowed)), None)
    if mark is not None and mark.kind:
        return mark.kind
    if is_union(base):
        arms = [_type(arm) for arm in get_args(base) if arm is not type(None)]
        return " or ".join(dict.fromkeys(arms))
    if section_of(base) is not None or keys_of(base) is not None:
        return "mapping"
    if get_origin(base) is tuple:
        return "list"
    scalars: dict[object, str] = {int: "whole number", float: "number", bool: "true or false", str: "text"}
    return scalars.get(base, "choice")


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "needed"
    if isinstance(field.default, BaseModel):
        return "see there"
    if field.default in (None, "", {}, ()):
        return ""
    _, marks = unwrap(annotation_of(field))
    unit = next((mark.unit for mark in marks if isinstance(mark, Allowed)), "")
    if unit:
        return f"`{format_quantity(field.default, unit)}`"
    return f"`{str(field.default).lower() if isinstance(field.default, bool) else field.default}`"


if __name__ == "__main__":
    PAGE.write_text(reference_page(), encoding="utf-8")
