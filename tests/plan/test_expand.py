import pytest

from neuromod.errors import ConfigError

CIRCUIT = "neuromod: 1\nname: tiny\nduration: 1 s\ncircuit: loop\n"


def test_regions_come_first_then_the_circuit_then_the_experiment(tiny):
    plan = tiny.plan("populations.E.size=60", text=CIRCUIT)
    assert list(plan.populations) == ["E", "I", "X"]
    cells = plan.populations["E"]
    assert (cells.size, cells.parameters["C"], cells.parameters["gL"]) == (60, 1.5e-10, 5e-9)
    assert list(plan.projections) == ["E->I", "X->E"]


def test_populations_of_a_region_file_are_in_that_region(tiny):
    plan = tiny.plan(text=CIRCUIT)
    assert [plan.populations[name].region for name in ("E", "I", "X")] == ["cortex", "cortex", ""]


def test_single_regions_can_be_run_without_a_circuit(tiny):
    plan = tiny.plan("regions=[cortex]", text="neuromod: 1\nname: tiny\nduration: 1 s\n")
    assert list(plan.populations) == ["E", "I"]


def test_the_plan_holds_the_merged_experiment(tiny):
    experiment = tiny.plan(text=CIRCUIT).experiment
    assert experiment.populations["E"].size == 40
    assert experiment.name == "tiny"


def test_all_problems_are_reported_at_once_with_their_places(tiny):
    problems = tiny.refused(
        "populations.E.neuron=cel",
        "populations.I.parameters={c: 1 pF}",
        "projections.I->J={receptor: fast}",
        "record.spikes=[Q]",
        "stimuli.cue={population: I, parameter: bias, value: 1 mV, start: 0 ms, duration: 1 ms}",
    )
    assert len(problems) == 5
    for part in (
        "populations.E.neuron",
        "populations.I.parameters.c",
        "projections.I->J",
        "record.spikes",
        "stimuli.cue.value",
    ):
        assert any(problem.startswith(part) for problem in problems), part


def test_an_unknown_template_says_what_was_meant(tiny):
    (problem,) = tiny.refused("populations.E.neuron=cel")
    assert "cel" in problem
    assert "did you mean `cell`?" in problem or "did you mean cell?" in problem


def test_a_problem_in_a_model_file_is_placed_in_that_file(tiny):
    path = tiny.folder / "models" / "regions" / "cortex.yaml"
    path.write_text(path.read_text().replace("C: 100 pF", "C: 100 mV"))
    with pytest.raises(ConfigError) as caught:
        tiny.plan("regions=[cortex]", text="neuromod: 1\nname: tiny\nduration: 1 s\n")
    (problem,) = caught.value.problems
    assert problem.place is not None
    assert problem.place.file.endswith("cortex.yaml")
    assert problem.place.line == 6
    assert problem.message == "got a voltage, allowed is a capacitance in units such as pF"


@pytest.mark.parametrize(
    ("setting", "problem"),
    [
        ("circuit=lop", "circuit: "),
        ("regions=[cortex, corte]", "regions.1: "),
    ],
)
def test_an_unknown_circuit_or_region_is_refused_where_it_is_named(tiny, setting, problem):
    (found,) = tiny.refused(setting)
    assert found.startswith(problem)


def test_a_network_without_populations_is_refused(tiny):
    (tiny.folder / "models" / "regions" / "void.yaml").write_text(
        "kind: region\ntitle: Nothing\nevidence: D\n"
    )
    (problem,) = tiny.refused("regions=[void]", text="neuromod: 1\nname: tiny\nduration: 1 s\n")
    assert "got no populations" in problem


def test_pacemakers_are_planned_and_need_a_frequency(tiny):
    plan = tiny.plan("pacemakers.theta={frequency: 8 Hz, phase: 1.0}")
    assert (plan.pacemakers["theta"].frequency, plan.pacemakers["theta"].phase) == (8.0, 1.0)
    assert tiny.refused("pacemakers.theta={phase: 1.0}") == [
        "pacemakers.theta: got no `frequency`, needed is a rate, for example 8 Hz"
    ]


def test_limits_that_stop_every_run_are_refused(tiny):
    assert tiny.refused("guards.rate_limit=0 Hz") == [
        "guards.rate_limit: got 0 Hz, allowed is a positive rate"
    ]
