"""What is racy or wrong on a GPU is in no statement of everything in models/ and of the full circuit.

Threads of a pathway run in any order and one of them may run for each synapse, so (in Brian2CUDA) a cell
at its end may only be added to, and must not be read after that; a pathway that joins each cell with
itself has one synapse per cell and may do both. Draws belong to a cell and a step, which synapses do not.
All statements follow one clock, and nothing is summed over synapses in every step. Names that compilers
or single precision trip over are refused where templates are read (tests/library/test_names.py), shared
arrays and both ends of a synapse where the program is made (test_operations.py), and a seed is a whole
number by the schema of configs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from neuromod.config.load import load
from neuromod.plan.fused import program_arrays
from neuromod.plan.structure import GroupStructure, ProgramStructure, SynapsesStructure, Variable, rule_tick
from neuromod.simulation.execute import plan_experiment
from tests.program.whole_library import whole_library

DRAWS = re.compile(r"\b(?:u?rand\w*|x?i?_?normal\w*|uniform\w*|poisson\w*|xi\w*|binomial\w*)\s*\(|\bxi\b")
STATEMENT = re.compile(r"\s*(\w+)\s*([-+*/]?)=(?!=)(.*)", re.S)


def faults(structure: ProgramStructure) -> list[str]:
    """What must not be there, one sentence each."""
    return [fault for synapses in structure.synapses for fault in _of(synapses)]


def _of(synapses: SynapsesStructure) -> Iterator[str]:
    for tick in synapses.ticks:
        yield from (f"{synapses.name}: draws in a tick: {line}" for line in tick.lines if DRAWS.search(line))
    for part in synapses.pathways:
        changed: set[str] = set()
        for line in getattr(synapses, f"on_{part}"):
            where = f"{synapses.name}, on_{part}: {line}"
            statement = STATEMENT.fullmatch(line)
            assert statement is not None, where
            name, operator, right = statement.groups()
            if DRAWS.search(line):
                yield f"draws: {where}"
            if "(summed)" in line:
                yield f"sums in every step: {where}"
            if changed & set(re.findall(r"\w+", right)):
                yield f"reads what it has changed: {where}"
            if name.endswith(("_pre", "_post")) and not _one_to_one(synapses):
                changed.add(name)
                if operator not in ("+", "-"):
                    yield f"does more than add: {where}"
                if name.endswith("_pre") == (part != "post"):
                    yield f"changes the end at which spikes begin: {where}"


def _one_to_one(synapses: SynapsesStructure) -> bool:
    return (synapses.source, synapses.source_slice) == (synapses.target, synapses.target_slice) and (
        synapses.name.startswith("arrive_")
    )


@pytest.fixture(scope="module")
def structures(tmp_path_factory: pytest.TempPathFactory) -> list[ProgramStructure]:
    root = Path(__file__).parents[2]
    files = [whole_library(tmp_path_factory.mktemp("library")), root / "configs/triad.yaml"]
    return [plan_experiment(load(file)).structure for file in files]


def test_no_statement_of_the_library_or_the_full_circuit_is_wrong_on_a_gpu(
    structures: list[ProgramStructure],
) -> None:
    assert [fault for structure in structures for fault in faults(structure)] == []
    pathways = [(s.name, part) for structure in structures for s in structure.synapses for part in s.pathways]
    assert len(pathways) > 80


def test_pathways_that_join_a_cell_with_itself_have_one_synapse_per_cell(repository: Path) -> None:
    fused = plan_experiment(load(repository / "configs/quickstart.yaml"))
    arrays = program_arrays(fused).arrays
    names = [s.name for s in fused.structure.synapses if _one_to_one(s)]
    assert names
    for name in names:
        assert np.array_equal(arrays[f"{name}.i"], arrays[f"{name}.j"])
        assert len(set(arrays[f"{name}.i"].tolist())) == len(arrays[f"{name}.i"])


GROUPS = (GroupStructure("a", 5, (Variable("x"), Variable("y")), threshold="x > 1.0"),)
RIGHT = SynapsesStructure(
    "s", "a", (0, 5), "a", (0, 5), (Variable("w"),), ("x_post += w", "w = w + 1"), "each"
)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"on_pre": ("x_post = w",)}, "does more than add"),
        ({"on_pre": ("x_post *= w",)}, "does more than add"),
        ({"on_pre": ("x_post += w", "w = x_post")}, "reads what it has changed"),
        ({"on_pre": ("x_post += w*rand()",)}, "draws"),
        ({"on_pre": ("x_post += w*normal_0(1)",)}, "draws"),
        ({"on_post": ("w = uniform()",)}, "draws"),
        ({"ticks": rule_tick(("w = w + poisson(2)",), 1.0, order=0)}, "draws in a tick"),
        ({"on_pre": ("x_pre += w",)}, "changes the end at which spikes begin"),
    ],
)
def test_what_is_wrong_is_found(change: dict, reason: str) -> None:
    assert faults(ProgramStructure(1e-4, GROUPS, (RIGHT,))) == []
    found = faults(ProgramStructure(1e-4, GROUPS, (replace(RIGHT, **change),)))
    assert any(reason in fault for fault in found)
