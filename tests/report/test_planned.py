"""The plan in a results file: read where it is one, and harmless where it is anything else."""

import json
from dataclasses import replace

import pytest

from neuromod.plan.fused import fuse
from neuromod.plan.outline import as_data
from neuromod.report.planned import planned
from neuromod.store.provenance import PopulationInfo, ProjectionInfo, Provenance
from tests.plan.conftest import Tiny

ABOUT = Provenance(
    "",
    "",
    "",
    "",
    {},
    0,
    populations={"E": PopulationInfo(40, "cortex"), "I": PopulationInfo(10, "cortex")},
    projections={"E->I": ProjectionInfo("E", "I", "fast", 50)},
)


def test_what_a_run_writes_is_what_a_report_reads(tmp_path):
    target = "populations.E={neuron: cell, size: 40, region: cortex, target_rate: [1 Hz, 5 Hz]}"
    cue = "stimuli.cue={population: E, parameter: bias, value: 9 pA, start: 0.1 s, duration: 0.1 s}"
    dopa = "modulators.dopa.cortex={level: 2}"
    text = json.dumps(as_data(fuse(Tiny(tmp_path).plan(target, cue, dopa))))
    found = planned(replace(ABOUT, plan=text))
    assert (found.name, found.duration_s, found.rate_limit_hz) == ("tiny", 1.0, 500.0)
    assert (found.targets["E"].low, found.targets["E"].high) == (1.0, 5.0)
    assert found.events == {"cue": (100.0,)}
    assert [(one.modulator, one.region, one.level) for one in found.compartments] == [("dopa", "cortex", 2.0)]
    (link,) = found.circuit.links
    assert (link.sign, link.in_degree) == ("excitatory", 5.0)


@pytest.mark.parametrize(
    "plan",
    [
        "",
        "[1, 2]",
        "{" * 100_000,
        "[" * 100_000,
        '{"populations": 3, "projections": [], "modulators": {"x": 1}, "events": {"a": {}}, "notices": "n"}',
        '{"duration_s": "x", "populations": {"E": {"target_rate_hz": [1]}}, "events": {"a": [null, true]}}',
        '{"duration_s": NaN, "populations": {"E": {"target_rate_hz": [Infinity, NaN]}}}',
        '{"name": 3, "projections": {"E->I": {"sign": "<b>", "rules": [1, {}]}}}',
    ],
)
def test_a_plan_that_is_something_else_leaves_the_tables_of_the_file(plan):
    found = planned(replace(ABOUT, plan=plan))
    assert [node.name for node in found.circuit.nodes] == ["E", "I"]
    assert [link.sign for link in found.circuit.links] == [""]
    assert (found.name, found.targets, found.events, found.compartments) == ("", {}, {}, ())
