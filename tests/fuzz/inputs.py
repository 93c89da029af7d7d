"""The fuzzed inputs, a pure function of their number: `input_number(17)` is the same on every machine."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random

from neuromod.library.shipped import configs_root, models_root
from neuromod.library.template import KINDS
from tests.fuzz.from_schema import Maker
from tests.fuzz.hostile_values import QUANTITIES, TEXTS, document, written, wrong
from tests.fuzz.mutations import changed_bytes, changed_tree

SEED = 20261127
USES = {
    "neurons": "populations: {{E: {{neuron: {}, size: 10}}}}",
    "inputs": "populations: {{E: {{neuron: lif, size: 10, inputs: {{x: {{input: {}, receptor: ampa}}}}}}}}",
    "synapses": "populations: {{E: {{neuron: lif, size: 10}}}}\n"
    "projections: {{E->E: {{receptor: {}, weight: 1 nS, delay: 1 ms, connect: {{in_degree: 3}}}}}}",
    "plasticity": "populations: {{E: {{neuron: lif, size: 10}}}}\n"
    "projections: {{E->E: {{receptor: ampa, weight: 1 nS, delay: 1 ms, connect: {{in_degree: 3}},"
    " plasticity: {{rule: {}, modulator: dopamine, region: PFC}}}}}}\n"
    "modulators: {{dopamine: {{PFC: {{}}}}}}",
    "neuromodulators": "regions: [pfc]\nmodulators: {{{}: {{PFC: {{}}}}}}",
    "regions": "regions: [{}]",
    "circuits": "circuit: {}",
    "tasks": "regions: [basal_ganglia_two_channels]\n"
    "populations: {{CUE: {{neuron: poisson_cell, size: 10}}}}\n"
    "modulators: {{dopamine: {{striatum: {{}}}}}}\n"
    "task: {{model: {}, trials: 3, populations: {{cue: CUE, striatum: [MSN_D1, MSN_D2], output: SNR}}}}",
}
"""For each kind of model, a config that needs the model."""

USER_OF_MODELS = Path("validation/v2_cuba.yaml")
"""The shipped config that uses the models beside the configs."""


@dataclass(frozen=True)
class Input:
    """Files to be written into a copy of the shipped configs; the config that is offered; `--set`s."""

    kind: str
    files: dict[str, bytes]
    main: str
    settings: tuple[str, ...] = ()


def input_number(number: int) -> Input:
    """One input; the kinds take turns."""
    random = Random(f"{SEED}:{number}")
    turn, serial = number % 10, number // 10
    if turn < 4:
        return _from_schema(random)
    if turn < 6:
        return _config(random, serial * 2 + turn, as_tree=True)
    if turn < 8:
        return _config(random, serial * 2 + turn, as_tree=False)
    return _model(random, serial * 2 + turn, as_tree=turn == 8)


def _from_schema(random: Random) -> Input:
    maker = Maker(random, random.choice((0.0, 0.002, 0.01, 0.05, 0.3)))
    text = document(maker.experiment())
    return Input("schema", {"fuzzed.yaml": _encoded(text)}, "fuzzed.yaml", _settings(random))


def _settings(random: Random) -> tuple[str, ...]:
    if random.random() < 0.8:
        return ()
    key = random.choice(("seed", "duration", "dt", "populations.E.size", "record.spikes", "set", "", *TEXTS))
    value = written(wrong(random)) if random.random() < 0.5 else random.choice(QUANTITIES)
    return (f"{key}={value}".replace("\0", ""),)


def _config(random: Random, turn: int, *, as_tree: bool) -> Input:
    root = configs_root()
    files = shipped_configs()
    file, other = files[turn % len(files)], random.choice(files)
    data = _changed(random, root / file, root / other, as_tree=as_tree)
    if "models" in file.parts:
        return Input("model beside configs", {str(file): data}, str(USER_OF_MODELS))
    name = str(file.with_name("fuzzed.yaml"))
    return Input("config tree" if as_tree else "config bytes", {name: data}, name)


def _model(random: Random, turn: int, *, as_tree: bool) -> Input:
    root = models_root()
    files = shipped_models()
    file = files[turn % len(files)]
    other = random.choice([one for one in files if one.parent == file.parent])
    data = _changed(random, root / file, root / other, as_tree=as_tree)
    use = USES[file.parent.name].format(file.stem)
    text = f"neuromod: 1\nname: fuzzed\nduration: 100 ms\nmodels: [mine]\n{use}\n"
    kind = "model tree" if as_tree else "model bytes"
    return Input(kind, {"fuzzed.yaml": text.encode(), f"mine/{file}": data}, "fuzzed.yaml")


def _changed(random: Random, file: Path, other: Path, *, as_tree: bool) -> bytes:
    if not as_tree:
        return changed_bytes(random, file.read_bytes(), other.read_bytes())
    text, lender = file.read_text(encoding="utf-8"), other.read_text(encoding="utf-8")
    return _encoded(changed_tree(random, text, lender))


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


@cache
def shipped_configs() -> tuple[Path, ...]:
    """All experiments and the models beside them, relative to their root."""
    return tuple(sorted(path.relative_to(configs_root()) for path in configs_root().rglob("*.yaml")))


@cache
def shipped_models() -> tuple[Path, ...]:
    """All model files, relative to their root."""
    return tuple(
        sorted(
            path.relative_to(models_root())
            for kind in KINDS
            for path in (models_root() / kind).glob("*.yaml")
        )
    )
