from neuromod.config.network import Network
from neuromod.config.read import parse_tree
from neuromod.plan.merge import Layer, Layers, merge


def network(text):
    return Network.model_validate(parse_tree(text, "x.yaml").plain())


REGION = """
populations:
  E:
    neuron: cell
    size: 40
    parameters: {C: 100 pF, gL: 5 nS}
    inputs: {noise: {input: noise, receptor: fast}}
projections:
  E->E:
    receptor: fast
    connect: {in_degree: 5, channels: same}
    weight: 1 nS
    plasticity: {rule: learn}
"""


def test_single_fields_change_and_all_others_stay():
    over = network(
        "populations: {E: {size: 50, parameters: {C: 120 pF}, inputs: {noise: {parameters: {rate: 5 Hz}}}}}"
    )
    merged = merge(network(REGION), over).populations["E"]
    assert (merged.neuron, merged.size) == ("cell", 50)
    assert {name: value.quantity.value for name, value in merged.parameters.items()} == {
        "C": 1.2e-10,
        "gL": 5e-9,
    }
    assert merged.inputs["noise"].receptor == "fast"
    assert merged.inputs["noise"].parameters["rate"].quantity.value == 5


def test_connect_is_replaced_as_a_whole():
    merged = merge(
        network(REGION), network("projections: {E->E: {connect: {probability: 0.2}}}")
    ).projections["E->E"]
    assert (merged.connect.rule, merged.connect.channels) == ("probability", "any")
    assert merged.receptor == "fast"


def test_an_explicit_null_takes_a_block_away():
    merged = merge(network(REGION), network("projections: {E->E: {plasticity: null}}")).projections["E->E"]
    assert merged.plasticity is None
    assert merged.weight is not None


def test_new_entries_are_added_after_those_below():
    merged = merge(network(REGION), network("populations: {A: {neuron: cell, size: 1}}"))
    assert list(merged.populations) == ["E", "A"]


def test_the_default_of_a_field_that_is_not_written_changes_nothing():
    region = network(
        "populations: {E: {description: pyramidal cells}}\npacemakers: {theta: {frequency: 8 Hz, phase: 1.5}}"
    )
    merged = merge(region, network("populations: {E: {size: 3}}\npacemakers: {theta: {frequency: 6 Hz}}"))
    assert merged.populations["E"].description == "pyramidal cells"
    assert merged.pacemakers["theta"].phase == 1.5


def layers():
    texts = {"region.yaml": REGION, "config.yaml": "populations:\n  E:\n    size: 50\n"}
    trees = [parse_tree(text, name) for name, text in texts.items()]
    return Layers([Layer(tree, Network.model_validate(tree.plain())) for tree in trees])


def test_a_place_is_that_of_the_topmost_file_that_writes_the_key():
    assert str(layers().place(("populations", "E", "size"))) == "config.yaml:3:11"
    assert layers().place(("populations", "E", "parameters", "C")).file == "region.yaml"


def test_a_key_that_is_missing_has_the_place_of_its_deepest_block():
    assert layers().place(("projections", "E->E", "channel_weights")).line == 9
    assert layers().place(("stimuli", "cue")).file == "config.yaml"


def test_what_is_written_is_found_in_any_layer():
    assert layers().written(("populations", "E", "parameters", "C")) == "100 pF"
    assert layers().written(("populations", "E", "channels")) is None
    assert layers().in_experiment(("populations", "E"))
    assert not layers().in_experiment(("projections", "E->E"))
