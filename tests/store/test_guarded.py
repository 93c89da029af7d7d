"""Files from strangers: a seal that holds is not enough, and nothing outside the file is ever read."""

import threading

import h5py
import numpy as np
import pytest

from neuromod.errors import DamagedDataError
from neuromod.store import guarded
from neuromod.store.guarded import open_guarded
from neuromod.store.reader import open_results
from neuromod.store.seal import write_image
from tests.store.made_up import WEIGHTS, write_file

HOSTILE = {}


def hostile(fill):
    HOSTILE[fill.__name__] = fill
    return fill


@hostile
def external_link(file):
    file["x"] = h5py.ExternalLink("/etc/other.h5", "/secret")


@hostile
def soft_link(file):
    file["y"] = np.zeros(3)
    file["x"] = h5py.SoftLink("/y")


@hostile
def dangling_link_below_a_group(file):
    file.create_group("a/b")["x"] = h5py.SoftLink("/nothing")


@hostile
def external_storage(file):
    file.create_dataset("x", (10,), "u1", external=[("/etc/passwd", 0, 10)])


@hostile
def virtual_dataset(file):
    layout = h5py.VirtualLayout((10,), "f8")
    layout[:] = h5py.VirtualSource("/etc/other.h5", "x", (10,))
    file.create_virtual_dataset("x", layout)


@hostile
def unallocated_size(file):
    file.create_dataset("x", (1 << 40,), "f8", chunks=(1 << 20,))


@hostile
def unallocated_compressed_size(file):
    data = file.create_dataset("x", (1 << 40,), "f8", chunks=(1 << 20,), compression="gzip")
    data[0] = 1


@hostile
def contiguous_without_data(file):
    file.create_dataset("x", (1 << 40,), "f8")


@hostile
def texts_of_variable_length(file):
    file["x"] = ["a", "bc"]


@hostile
def arrays_of_variable_length(file):
    file.create_dataset("x", (2,), h5py.vlen_dtype("f8"))


@hostile
def references(file):
    file.create_dataset("x", (1,), h5py.ref_dtype)[0] = file.ref


@hostile
def compound(file):
    file["x"] = np.zeros(2, [("a", "f8"), ("b", "i4")])


@hostile
def opaque(file):
    file["x"] = np.void(b"code")


@hostile
def named_type(file):
    file["x"] = np.dtype("f8")


@hostile
def other_filter(file):
    file.create_dataset("x", data=np.zeros(100), compression="lzf")


@hostile
def empty_space(file):
    file["x"] = h5py.Empty("f8")


@hostile
def very_deep(file):
    file.create_group("/".join("abcdefghijklmnopqrst"))


def sealed(tmp_path, fill):
    path = tmp_path / "foreign.h5"
    path.write_bytes(write_image(fill))
    return path


@pytest.mark.parametrize("name", HOSTILE)
def test_a_sealed_file_with_foreign_objects_is_refused_in_one_line(name, tmp_path):
    with pytest.raises(DamagedDataError, match="which neuromod does not write") as caught:
        open_guarded(sealed(tmp_path, HOSTILE[name]))
    assert "\n" not in str(caught.value)


def test_a_group_that_contains_itself_is_walked_once(tmp_path):
    def fill(file):
        group = file.create_group("a")
        group["self"] = group
        group["x"] = np.zeros(3)

    with open_guarded(sealed(tmp_path, fill)) as file:
        assert list(file["a"]) == ["self", "x"]


def test_a_flood_of_objects_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(guarded, "MAX_OBJECTS", 20)
    with pytest.raises(DamagedDataError, match="more than 20 objects"):
        open_guarded(sealed(tmp_path, lambda file: [file.create_group(str(k)) for k in range(30)]))


def test_an_unsealed_hdf5_file_is_refused(tmp_path):
    path = tmp_path / "foreign.h5"
    with h5py.File(path, "w") as file:
        file["x"] = 1
    with pytest.raises(DamagedDataError, match="not a file written by neuromod"):
        open_guarded(path)


def resealed(path, change):
    """The results file, changed and sealed again."""

    def fill(file):
        with h5py.File(path) as source:
            for name in source:
                source.copy(name, file)
            file.attrs.update(source.attrs)
        change(file)

    image = write_image(fill)
    path.write_bytes(image)
    return path


def missing(name):
    return lambda file: file.__delitem__(name)


def attribute(where, name, value):
    return lambda file: file[where].attrs.__setitem__(name, value)


def stranger(file):
    file["spikes/PC/node_ids"][0] = 40


def shorter(file):
    file["spikes/PC/node_ids"].resize((5,))


def backwards(file):
    file["spikes/PC/timestamps"][:2] = 5.0, 4.0


def endless(file):
    file["spikes/PC/timestamps"][-1] = np.inf


def renamed(file):
    file.move("spikes/PC", "spikes/\x1b[2J")


CHANGES = [
    missing("neuromod"),
    missing("spikes"),
    missing("spikes/PC/timestamps"),
    missing("report/PC_V/neuron"),
    missing("neuromod/lfp/PV/lfp"),
    missing(f"neuromod/weights/{WEIGHTS}/c"),
    attribute(f"neuromod/weights/{WEIGHTS}/weight", "valid_min", "low"),
    attribute(f"neuromod/weights/{WEIGHTS}", "auxiliary_signals", "../../../spikes"),
    attribute("neuromod", "dt_s", -1.0),
    attribute("neuromod", "dt_s", "soon"),
    attribute("neuromod", "stop_step", "late"),
    attribute("neuromod", "layout_version", 2),
    attribute("spikes/PC", "size", 1.5),
    attribute("neuromod/lfp/PV/lfp", "kind", "magic"),
    attribute("neuromod/lfp/PV/lfp", "every_steps", 0),
    attribute("neuromod/lfp/PV/lfp", "owner", 3),
    attribute("neuromod", "dt_s", 1e-300),
    attribute("neuromod", "stop_step", -3),
    attribute("neuromod", "stop_step", 2**62),
    attribute("spikes/PC", "size", 2**62),
    attribute("spikes/PC", "size", -5),
    attribute("neuromod/lfp/PV/lfp", "owner", "\x1b[2J"),
    stranger,
    shorter,
    backwards,
    endless,
    renamed,
]


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_results_file_is_refused_in_one_line(change, tmp_path):
    path = resealed(write_file(tmp_path), change)
    with pytest.raises(DamagedDataError) as caught, open_results(path) as results:
        results.summary()
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("change", CHANGES)
def test_an_error_that_is_kept_locks_no_other_thread_out_of_hdf5(change, tmp_path):
    path = resealed(write_file(tmp_path), change)
    with pytest.raises(DamagedDataError) as kept, open_results(path) as results:
        results.summary()
    free = []

    def take():
        free.append(h5py._objects.phil.acquire(blocking=False))
        if free[0]:
            h5py._objects.phil.release()

    other = threading.Thread(target=take)
    other.start()
    other.join()
    assert free == [True], kept.value
