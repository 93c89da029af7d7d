"""Names: what a variable may be called, compared with what Brian2 and C++ really know."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from neuromod.library.names import BRIAN_CONSTANTS, BRIAN_FUNCTIONS, check_name, is_brian_unit

GOOD = [
    "V",
    "I",
    "x",
    "y",
    "w",
    "m",
    "h",
    "g_ampa",
    "tau_m",
    "V_reset",
    "E_L",
    "dT",
    "R",
    "NMDA",
    "rate",
    "u_se",
    "weight",
    "C",
    "chat",
    "rho_D1",
    "M_D1",
    "Em",
    "Ri",
    "S_inf",
    "e2",
    "tau2",
    "a1b2",
    "EL",
    "t_ref",
    "t1",
    "N_ampa",
    "i_syn",
    "pre",
    "post",
    "predator",
    "stdp",
    "mainly",
]


@pytest.mark.parametrize("name", [*GOOD, "a" * 40])
def test_names_of_ordinary_variables_are_accepted(name: str) -> None:
    assert check_name(name) is None  # type: ignore[func-returns-value]  # the point is that nothing is raised


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("", "need a name"),
        ("a" * 41, "at most 40"),
        ("2a", "need a name"),
        ("a\n", "need a name"),
        ("_a", "need a name"),
        ("\u00e9", "need a name"),
        ("\uff36", "need a name"),
        ("a__b", "two underscores"),
        ("V_pre", "_pre or _post"),
        ("V_post", "_pre or _post"),
        ("lambda", "word of Python"),
        ("mV", "is a unit"),
        ("nA", "is a unit"),
        ("damp", "is a unit"),
        ("um2", "is a unit"),
        ("log", "is a function"),
        ("normal", "is a function"),
        ("e", "mathematical constant"),
        ("dt", "variable of the simulator"),
        ("lastspike", "variable of the simulator"),
        ("new", "meaning in C++"),
        ("EINTR", "meaning in C++"),
        ("SIGINT", "meaning in C++"),
        ("INT_MAX", "meaning in C++"),
        ("std", "meaning in C++"),
        ("nm_x", "keeps for itself"),
        ("xi_1", "keeps for itself"),
        ("brianfoo", "keeps for itself"),
        ("w1e3", "single precision"),
    ],
)
def test_a_refused_name_is_told_why(name: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        check_name(name)


def brian_tables() -> dict[str, set[str]]:
    """Names of Brian2's units, functions and constants, and the names it keeps for itself."""
    from brian2.core.functions import DEFAULT_CONSTANTS, DEFAULT_FUNCTIONS
    from brian2.core.namespace import DEFAULT_UNITS
    from brian2.units import allunits

    return {
        "units": set(DEFAULT_UNITS) | set(allunits.__all__),
        "functions": set(DEFAULT_FUNCTIONS),
        "constants": set(DEFAULT_CONSTANTS) - {"-inf"},
    }


def test_the_tables_hold_every_unit_function_and_constant_that_brian2_knows() -> None:
    tables = brian_tables()
    assert len(tables["units"]) > 2000
    assert {name for name in tables["units"] if not is_brian_unit(name)} == set()
    assert tables["functions"] == BRIAN_FUNCTIONS
    assert tables["constants"] == BRIAN_CONSTANTS


def test_brian2_accepts_every_name_that_is_accepted_here() -> None:
    from brian2.equations.equations import Equations

    for name in GOOD:
        Equations.check_identifier(name)
    assert len(GOOD) > 20


def test_no_accepted_name_is_a_variable_of_a_group_or_synapse_of_brian2() -> None:
    from brian2 import Network, NeuronGroup, Synapses, ms

    group = NeuronGroup(1, "own : 1", threshold="own > 1", refractory=1 * ms, name="some_cells")
    synapses = Synapses(group, group, "mine : 1", on_pre="mine += 1", name="some_synapses")
    assert Network(group, synapses).objects
    theirs = {*group.variables, *synapses.variables, *synapses.pre.variables} - {"own", "mine"}
    assert {"lastspike", "not_refractory", "N_incoming", "delay"} <= theirs
    for name in theirs:
        with pytest.raises(ValueError, match=r"got|cannot be used"):
            check_name(name)


@pytest.mark.skipif(shutil.which("g++") is None, reason="needs g++")
def test_a_variable_of_any_ordinary_name_compiles_as_cpp() -> None:
    headers = [
        "iostream",
        "cmath",
        "vector",
        "fstream",
        "ctime",
        "chrono",
        "random",
        "climits",
        "csignal",
        "cstdint",
        "cstdlib",
        "cstring",
    ]
    declarations = "".join(f"double {name} = 1; (void){name};\n" for name in GOOD)
    source = "".join(f"#include <{header}>\n" for header in headers) + f"int main() {{\n{declarations}}}\n"
    command = ["g++", "-std=gnu++17", "-fsyntax-only", "-x", "c++", "-"]
    run = subprocess.run(command, check=False, input=source, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr[:500]
