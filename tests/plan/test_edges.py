import h5py
import numpy as np
import pytest

from neuromod.plan.connectivity import connect

PAIR = "projections.E->I"
EDGES = f"{PAIR}={{receptor: fast, connect: {{edges: edges.h5}}%s}}"
BOTH = EDGES % ", weight: 2 nS, delay: 1 ms"


def write(folder, source=(0, 39, 3), target=(9, 0, 3), group=(), **columns):
    """A SONATA edges file; `group`: columns of edge group 0."""
    with h5py.File(folder / "runs" / "edges.h5", "w") as file:
        population = file.create_group("edges/E_to_I")
        population["source_node_id"], population["target_node_id"] = source, target
        for name, values in columns.items():
            population[name] = values
        for name, values in dict(group).items():
            population[f"0/{name}"] = values


def test_listed_edges_keep_their_order(tiny):
    write(tiny.folder)
    plan = tiny.plan(BOTH)
    edges = connect(plan, "E->I")
    assert edges.i.tolist() == [0, 39, 3]
    assert edges.j.tolist() == [9, 0, 3]
    assert edges.weight.tolist() == [2e-9] * 3
    assert (plan.projections["E->I"].count, plan.projections["E->I"].uniform_delay) == (
        3.0,
        pytest.approx(1e-3),
    )


def test_weights_and_delays_of_the_file_are_in_display_units(tiny):
    write(tiny.folder, group={"syn_weight": [1.0, 2.0, 3.0], "delay": [1.0, 1.26, 0.0]})
    plan = tiny.plan(EDGES % "")
    edges = connect(plan, "E->I")
    assert edges.weight.tolist() == pytest.approx([1e-9, 2e-9, 3e-9])
    assert edges.delay.tolist() == pytest.approx([1e-3, 1.3e-3, 0.0])
    assert plan.projections["E->I"].uniform_delay is None


def test_the_index_of_the_edge_group_is_followed(tiny):
    write(
        tiny.folder,
        group={"syn_weight": [1.0, 2.0, 3.0]},
        edge_group_id=[0, 0, 0],
        edge_group_index=[2, 1, 0],
    )
    edges = connect(tiny.plan(EDGES % ", delay: 1 ms"), "E->I")
    assert edges.weight.tolist() == pytest.approx([3e-9, 2e-9, 1e-9])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"source": [0, 40, 3]}, "got the neuron 40 in /edges/E_to_I/source_node_id, allowed are 0 to 39"),
        ({"target": [0, -1, 3]}, "got the neuron -1 in /edges/E_to_I/target_node_id, allowed are 0 to 9"),
        ({"target": [0, 1]}, "got 2 rows at `/edges/E_to_I/target_node_id`, but 3 in the columns beside it"),
        (
            {"source": [0.5, 1.0, 2.0]},
            "got float64 at `/edges/E_to_I/source_node_id`, allowed are whole numbers",
        ),
        ({"source": np.zeros((3, 2), int)}, "got 2 dimensions of int64 at `/edges/E_to_I/source_node_id`"),
        ({"edge_group_id": [0, 1, 0]}, "got several edge groups, allowed is group 0 only"),
        ({"group": {"delay": [1.0, -1.0, 1.0]}}, "got a negative delay in edges.h5"),
        (
            {"group": {"syn_weight": [1.0, np.nan, 1.0]}},
            "got a value that is not finite in `/edges/E_to_I/0/syn_weight`",
        ),
    ],
)
def test_what_an_edges_file_cannot_hold_is_refused(tiny, content, message):
    write(tiny.folder, **content)
    (problem,) = tiny.refused(BOTH)
    assert problem.startswith(f"projections.E->I.connect.edges: {message}")


def test_links_to_other_files_are_refused(tiny):
    write(tiny.folder)
    with h5py.File(tiny.folder / "runs" / "edges.h5", "a") as file:
        del file["edges/E_to_I/source_node_id"]
        file["edges/E_to_I/source_node_id"] = h5py.ExternalLink("/etc/secret.h5", "/x")
    (problem,) = tiny.refused(BOTH)
    assert "got a link at `/edges/E_to_I/source_node_id`, allowed is data in the file itself" in problem


def test_data_stored_in_another_file_is_refused(tiny):
    write(tiny.folder)
    (tiny.folder / "secret.bin").write_bytes(bytes(24))
    with h5py.File(tiny.folder / "runs" / "edges.h5", "a") as file:
        del file["edges/E_to_I/source_node_id"]
        file.create_dataset(
            "edges/E_to_I/source_node_id", (3,), "i8", external=[(str(tiny.folder / "secret.bin"), 0, 24)]
        )
    (problem,) = tiny.refused(BOTH)
    assert "got data stored in another file" in problem


def test_a_population_must_be_named_when_there_are_several(tiny):
    write(tiny.folder)
    with h5py.File(tiny.folder / "runs" / "edges.h5", "a") as file:
        file.copy("edges/E_to_I", "edges/other")
    (problem,) = tiny.refused(BOTH)
    assert "allowed are E_to_I, other" in problem
    named = BOTH.replace("edges.h5", "edges.h5, edges_population: other")
    assert tiny.plan(named).projections["E->I"].count == 3


def test_a_file_that_is_not_hdf5_or_not_there_is_refused(tiny):
    assert "got edges.h5, which is no file in the folder of the config" in tiny.refused(BOTH)[0]
    (tiny.folder / "runs" / "edges.h5").write_text("hello")
    assert "got edges.h5, which is not a readable HDF5 file" in tiny.refused(BOTH)[0]


@pytest.mark.parametrize("name", ["../edges.h5", "link.h5"])
def test_files_outside_the_folder_of_the_config_are_refused(tiny, name):
    write(tiny.folder)
    (tiny.folder / "runs" / "edges.h5").rename(tiny.folder / "edges.h5")
    (tiny.folder / "runs" / "link.h5").symlink_to(tiny.folder / "edges.h5")
    problems = tiny.refused(BOTH.replace("edges.h5", name))
    assert "which lies outside the folder of the config" in problems[0]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"chunks": (1 << 20,)}, "that the file does not hold"),
        ({"chunks": (1 << 20,), "compression": "gzip"}, "bytes of one and the same value"),
    ],
)
def test_columns_that_only_claim_their_size_are_refused(tiny, options, message):
    with h5py.File(tiny.folder / "runs" / "edges.h5", "w") as file:
        data = file.create_dataset("edges/E_to_I/source_node_id", (10_000_000,), "i8", **options)
        if "compression" in options:
            data[:] = 0
    assert message in tiny.refused(BOTH)[0]


def test_what_h5py_cannot_make_sense_of_is_one_sentence(tiny):
    write(tiny.folder)
    with h5py.File(tiny.folder / "runs" / "edges.h5", "a") as file:
        h5py.h5g.create(file["edges"].id, b"\xed\xa0\x80")
    (problem,) = tiny.refused(BOTH)
    assert "which is not laid out as a SONATA file" in problem
