"""The JSON Schema and the reference page say what the schema says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from pydantic import BaseModel

from neuromod.config.describe import annotation_of
from neuromod.config.read import parse_tree, read_tree
from neuromod.config.reference import PAGE, json_schema, reference_page
from neuromod.config.schema import Experiment
from neuromod.library.shipped import configs_root
from tests.config.bad_cases import config, connected, population

CONFIGS = [
    path
    for path in sorted(configs_root().rglob("*.yaml"))
    if "models" not in path.parent.parts[-2:] and path.stem[0].islower()  # claims have names like A04
]


@pytest.fixture(scope="module")
def validator() -> Draft202012Validator:
    return Draft202012Validator(json_schema())


def keys(schema: object) -> Iterator[tuple[str, dict[str, object]]]:
    """Every key that a JSON Schema knows."""
    if isinstance(schema, dict):
        if isinstance(schema.get("properties"), dict):
            yield from schema["properties"].items()
        for part in schema.values():
            yield from keys(part)
    elif isinstance(schema, list):
        for part in schema:
            yield from keys(part)


def models(model: type[BaseModel]) -> set[type[BaseModel]]:
    """A block and every block below it."""
    found: set[type[BaseModel]] = {model}
    for field in model.model_fields.values():
        for name in re.findall(r"neuromod\.config\.\w+\.(\w+)", str(annotation_of(field))):
            inner = next((c for c in all_sections() if c.__name__ == name), None)
            if inner is not None and inner not in found:
                found |= models(inner)
    return found


def all_sections() -> list[type[BaseModel]]:
    from neuromod.config import network, schema

    classes = [value for module in (network, schema) for value in vars(module).values()]
    return [value for value in classes if isinstance(value, type) and issubclass(value, BaseModel)]


def test_the_json_schema_is_a_json_schema() -> None:
    schema = json_schema()
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_every_shipped_config_fits_the_json_schema(path: Path, validator: Draft202012Validator) -> None:
    found = [
        f"{list(error.absolute_path)}: {error.message}"
        for error in validator.iter_errors(read_tree(path).plain())
    ]
    assert found == []


@pytest.mark.parametrize(
    "text",
    [
        config(),
        "extends: base.yaml\nset: {duration: 2 s}\npopulations: {E: null}\n",
        "extends: [a.yaml, b.yml]\n",
        population("parameters: {C: {value: 1 pF, evidence: V}}, initial: {V: {uniform: [EL, VT]}}"),
        connected("in_degree: 5"),
    ],
)
def test_a_good_config_fits_the_json_schema(text: str, validator: Draft202012Validator) -> None:
    assert [error.message for error in validator.iter_errors(parse_tree(text, "f.yaml").plain())] == []


@pytest.mark.parametrize(
    "text",
    [
        config(duration=None),
        config(duration="5"),
        config(sead="1"),
        config(neuromod="2"),
        config(populations="{E-1: {neuron: lif}}"),
        config(populations="{E: {neuron: lif, size: 0}}"),
        config(projections="{E: {}}"),
        config(backend="gpu"),
        config(extends="/etc/passwd"),
        population("parameters: {C: {evidence: V}}"),
        population("initial: {V: {low: 1 mV}}"),
        connected("one_to_one: false"),
    ],
)
def test_a_bad_config_does_not_fit_the_json_schema(text: str, validator: Draft202012Validator) -> None:
    assert not validator.is_valid(parse_tree(text, "f.yaml").plain())


def test_every_key_has_a_description() -> None:
    for block in all_sections():
        assert (block.__doc__ or "").strip(), block
        missing = [name for name, field in block.model_fields.items() if not field.description]
        assert missing == [], block


def test_no_default_in_the_json_schema_contradicts_its_type() -> None:
    whole = json_schema()
    for name, schema in keys(whole):
        if isinstance(schema, dict) and "default" in schema:
            validator = Draft202012Validator({**schema, "$defs": whole["$defs"]})
            assert validator.is_valid(schema["default"]), name


def test_the_reference_page_names_every_key_of_every_block() -> None:
    sections = re.split(r"^## ", reference_page(), flags=re.MULTILINE)[1:]
    tables = [set(re.findall(r"^\| `([^`]+)`", section, flags=re.MULTILINE)) for section in sections]
    reached = models(Experiment)
    assert len(reached) > 15
    for block in reached:
        assert set(block.model_fields) in tables, block


def test_the_reference_page_shows_defaults_in_their_unit() -> None:
    page = reference_page()
    assert "| `dt` | time | `0.1 ms` |" in page
    assert "| `rate_limit` | rate | `500 Hz` |" in page
    assert "| `autapses` | true or false | `false` |" in page
    assert "| `duration` | time | needed |" in page


def test_the_tables_of_the_reference_page_have_five_columns() -> None:
    rows = [line for line in reference_page().splitlines() if line.startswith("|")]
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {6}


def test_the_page_in_the_docs_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == reference_page(), "run `python -m neuromod.config.reference`"
