"""What a bad config is, and short ways to write one: a good config with something wrong in it."""

from __future__ import annotations

from dataclasses import dataclass, field

MAIN = "config.yaml"
GOOD = {"neuromod": "1", "name": "bad", "duration": "100 ms", "populations": "{E: {neuron: lif, size: 10}}"}
"""The smallest good config, key by key."""


@dataclass(frozen=True)
class BadConfig:
    """One config that is refused; `expect` are parts of its message."""

    id: str
    files: dict[str, str] = field(hash=False)
    settings: tuple[str, ...]
    expect: tuple[str, ...]


def config(changes: dict[str, str | None] | None = None, **more: str | None) -> str:
    """The good config with other values for some keys; None leaves a key out."""
    entries = {**GOOD, **(changes or {}), **more}
    return "".join(f"{key}: {value}\n" for key, value in entries.items() if value is not None)


def case(name: str, text: str, *expect: str, settings: tuple[str, ...] = (), **files: str) -> BadConfig:
    """A case with one main file; `other__b="..."` adds the file `other/b.yaml`."""
    others = {f"{key.replace('__', '/')}.yaml": value for key, value in files.items()}
    return BadConfig(name, {MAIN: text, **others}, settings, expect)


def population(text: str) -> str:
    """The good config with other entries in its population E."""
    return config(populations=f"{{E: {{neuron: lif, size: 10, {text}}}}}")


def sized(size: str) -> str:
    """The good config with another size of its population E."""
    return config(populations=f"{{E: {{neuron: lif, size: {size}}}}}")


def projection(text: str, name: str = "E->E") -> str:
    """The good config with one projection."""
    return config(projections=f"{{{name}: {{receptor: ampa, {text}}}}}")


def connected(text: str) -> str:
    """The good config with one projection, paired as `text` says."""
    return projection(f"weight: 1 nS, delay: 1 ms, connect: {{{text}}}")


def stimulus(text: str) -> str:
    """The good config with one stimulus; later entries in `text` need other keys than those given here."""
    return config(stimuli=f"{{s: {{population: E, parameter: I_bias, {text}}}}}")


def state(text: str) -> str:
    """The good config with one recorded state."""
    return config(record=f"{{states: [{{population: E, variables: [V], {text}}}]}}")


CODE = (
    "__import__('os').system('touch /tmp/x')",
    "$(touch x)",
    "`touch x`",
    "../../etc/passwd",
    "/etc/passwd",
    "E; touch x",
    "{0.__class__}",
    "%(name)s",
)
