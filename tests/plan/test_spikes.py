import h5py
import numpy as np
import pytest

REPLAY = "populations.R={neuron: replay, size: 4, spikes: %s}"


def table(folder, text):
    (folder / "runs" / "spikes.csv").write_text(text)


def sonata(folder, times, ids, units="ms", population="R"):
    with h5py.File(folder / "runs" / "spikes.h5", "a") as file:
        group = file.create_group(f"spikes/{population}")
        group["timestamps"], group["node_ids"] = np.asarray(times, float), np.asarray(ids)
        if units is not None:
            group["timestamps"].attrs["units"] = units


def listed(plan):
    (spikes,) = plan.spike_lists
    assert spikes.population == "R"
    assert (spikes.steps.dtype, spikes.cells.dtype) == (np.int64, np.int32)
    return list(zip(spikes.steps.tolist(), spikes.cells.tolist(), strict=True))


@pytest.mark.parametrize(
    "text",
    [
        "timestamps,node_ids\n5.0,1\n0.1,3\n0.1,0\n",
        "timestamps node_ids\n5.0 1\n0.1 3\n0.1 0\n",
        "timestamps population node_ids\n5.0 R 1\n0.1 R 3\n0.1 R 0\n",
    ],
)
def test_tables_of_spikes_are_sorted_by_step_then_cell(tiny, text):
    table(tiny.folder, text)
    assert listed(tiny.plan(REPLAY % "spikes.csv")) == [(1, 0), (1, 3), (50, 1)]


@pytest.mark.parametrize(("units", "factor"), [("ms", 1), (None, 1), ("s", 1e-3)])
def test_sonata_spikes_are_read_in_their_unit(tiny, units, factor):
    sonata(tiny.folder, np.array([5.0, 0.1]) * factor, [1, 3], units)
    assert listed(tiny.plan(REPLAY % "spikes.h5")) == [(1, 3), (50, 1)]


def test_a_time_belongs_to_the_nearest_step(tiny):
    table(tiny.folder, "timestamps,node_ids\n0.3,0\n0.7,0\n0.94,0\n0.96,1\n")
    assert listed(tiny.plan(REPLAY % "spikes.csv")) == [(3, 0), (7, 0), (9, 0), (10, 1)]


def test_spikes_after_the_end_and_doubled_spikes_are_left_out_and_that_is_said(tiny):
    table(tiny.folder, "timestamps,node_ids\n1,0\n1.01,0\n1000,0\n2000,1\n")
    plan = tiny.plan(REPLAY % "spikes.csv")
    assert listed(plan) == [(10, 0)]
    assert plan.notices == (
        "populations.R: 2 of 4 listed spikes come after the end",
        "populations.R: 1 listed spikes fall into the step of another one",
    )


def test_an_empty_list_is_a_silent_population(tiny):
    table(tiny.folder, "timestamps,node_ids\n")
    assert listed(tiny.plan(REPLAY % "spikes.csv")) == []


def test_one_population_of_several_can_be_chosen(tiny):
    table(tiny.folder, "timestamps,population,node_ids\n1,A,0\n2,B,1\n")
    assert listed(tiny.plan(REPLAY % "spikes.csv, spikes_population: B")) == [(20, 1)]
    (problem,) = tiny.refused(REPLAY % "spikes.csv")
    assert "allowed are A, B" in problem
    sonata(tiny.folder, [1.0], [0], population="A")
    sonata(tiny.folder, [2.0], [1], population="B")
    assert listed(tiny.plan(REPLAY % "spikes.h5, spikes_population: B")) == [(20, 1)]


def test_replay_populations_scale_like_all_others(tiny):
    table(tiny.folder, "timestamps,node_ids\n1,7\n")
    assert listed(tiny.plan(REPLAY % "spikes.csv", "scale=2")) == [(10, 7)]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("timestamps,node_ids\n1,4\n", "got the neuron 4.0 in spikes.csv, allowed are 0 to 3"),
        ("timestamps,node_ids\n-1,0\n", "got a negative time in spikes.csv, allowed is zero or more"),
        ("timestamps,node_ids\n1,0.5\n", "got a value in spikes.csv that is not allowed"),
        ("timestamps,node_ids\nnan,0\n", "got a value in spikes.csv that is not allowed"),
        ("timestamps,node_ids\n1,x\n", "got a line in spikes.csv that is not two numbers"),
        ("timestamps,node_ids\n1\n", "got a line in spikes.csv that is not two numbers"),
        ("time,node_ids\n1,0\n", "got spikes.csv without the column `timestamps`"),
    ],
)
def test_what_a_table_cannot_hold_is_refused(tiny, text, message):
    table(tiny.folder, text)
    (problem,) = tiny.refused(REPLAY % "spikes.csv")
    assert problem.startswith(f"populations.R.spikes: {message}")


def test_a_binary_file_is_no_table(tiny):
    (tiny.folder / "runs" / "spikes.csv").write_bytes(b"\xff\xfe\x00")
    assert "which is not a text file" in tiny.refused(REPLAY % "spikes.csv")[0]


def test_an_unknown_unit_of_time_is_refused(tiny):
    sonata(tiny.folder, [1.0], [0], units="fortnight")
    assert "got timestamps in 'fortnight', allowed are ms and s" in tiny.refused(REPLAY % "spikes.h5")[0]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("timestamps,node_ids\n" + "0" * 2_000, "a line in spikes.csv that is longer than 1000 characters"),
        ("timestamps,node_ids\n" + "\n" * 2_000, "more than 1000 empty lines in spikes.csv"),
        (
            "timestamps,node_ids,population\n" + "".join(f"1,0,p{k}\n" for k in range(1_100)),
            "spikes.csv with more than 1000 populations",
        ),
    ],
)
def test_a_table_that_is_made_to_fill_the_memory_is_refused(tiny, text, message):
    table(tiny.folder, text)
    assert message in tiny.refused(REPLAY % "spikes.csv")[0]


def test_bytes_that_are_no_text_are_told_wherever_they_stand(tiny):
    data = b"timestamps,node_ids\n" + b"1,0\n" * 5_000 + b"\xff\n"
    (tiny.folder / "runs" / "spikes.csv").write_bytes(data)
    assert "which is not a text file" in tiny.refused(REPLAY % "spikes.csv")[0]
