import pytest

NOISE = "populations.E.inputs={background: {input: noise%s}}"


def test_a_population_has_the_receptors_that_its_projections_and_inputs_use(tiny):
    plan = tiny.plan(
        NOISE % ", receptor: slow",
        "projections.I->I={receptor: jump, connect: {in_degree: 1}, weight: -1 mV, delay: 0 ms}",
    )
    assert list(plan.populations["E"].receptors) == ["slow"]
    assert sorted(plan.populations["I"].receptors) == ["fast", "jump"]


def test_receptor_parameters_can_differ_between_populations(tiny):
    plan = tiny.plan("populations.I.receptors={fast: {tau: 2 ms}}")
    assert plan.populations["I"].receptors["fast"].parameters == {"tau": 2e-3, "E": 0.0}


def test_a_region_may_prepare_receptors_that_are_not_used_yet(tiny):
    path = tiny.folder / "models" / "regions" / "cortex.yaml"
    path.write_text(path.read_text().replace("size: 10", "size: 10, receptors: {slow: {tau: 50 ms}}"))
    plan = tiny.plan("regions=[cortex]", text="neuromod: 1\nname: tiny\nduration: 1 s\n")
    assert list(plan.populations["I"].receptors) == ["fast"]


def test_input_parameters_are_numbers_in_si_units(tiny):
    drive = (
        tiny.plan(NOISE % ", receptor: fast, parameters: {rate: 2 kHz}").populations["E"].inputs["background"]
    )
    assert (drive.template_name, drive.receptor) == ("noise", "fast")
    assert drive.parameters == {"rate": 2000.0, "weight": 5e-10}


@pytest.mark.parametrize(
    ("setting", "problem"),
    [
        (
            "populations.I.receptors={slow: {tau: 2 ms}}",
            "p"
            "opulations.I.receptors.slow: got a receptor that no projection or input of this population uses",
        ),
        (
            "populations.I.receptors={fast: {tau: 2 mV}}",
            "populations.I.receptors.fast.tau: got a voltage, allowed is a time in units such as ms",
        ),
        (
            "populations.E.inputs={background: {receptor: fast}}",
            "populations.E.inputs.background: got no `input`, needed is the name of an input template",
        ),
        (
            NOISE % "",
            "populations.E.inputs.background: got noise, whose jumps are a conductance, but V is a voltage; "
            "name the receptor it acts on",
        ),
        (
            NOISE % ", receptor: jump",
            "populations.E.inputs.background: got the receptor jump, "
            "which has no state that noise could act on",
        ),
        (
            "populations.E.inputs={d: {input: drive, receptor: fast}}",
            "populations.E.inputs.d: got a receptor, but drive is a current and needs none",
        ),
        (
            "populations.X={neuron: source, size: 2, inputs: {d: {input: drive}}}",
            "populations.X.inputs.d: got a current into source cells, which are spike sources without input",
        ),
        (
            "populations.X={neuron: source, size: 2, inputs: {n: {input: noise}}}",
            "populations.X.inputs.n: got no `receptor`, needed is the receptor that noise acts on",
        ),
    ],
)
def test_what_cannot_act_on_a_population_is_refused(tiny, setting, problem):
    assert tiny.refused(setting) == [problem]


def test_an_unknown_receptor_is_refused_where_it_is_named(tiny):
    (problem,) = tiny.refused(NOISE % ", receptor: fst")
    assert problem.startswith("populations.E.inputs.background.receptor: ")
    assert "did you mean" in problem
