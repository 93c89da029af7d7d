"""HDF5 files that lie, point elsewhere, or unpack without end; `BAIT` stands for a file outside the project.

The objects that a sealed file must not have are those of `tests.store.test_guarded`; here are whole files, as
a stranger would hand them over: sealed results with something hostile in them, and foreign SONATA files.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np

from neuromod.store.seal import SEAL_SIZE, header, write_image
from tests.store.made_up import write_file
from tests.store.test_guarded import CHANGES, HOSTILE, resealed

Change = Callable[[h5py.File, Path], None]
RESULTS: dict[str, Change] = {}
SONATA: dict[str, Change] = {}
PLENTY = 50_000_000


def results(change: Change) -> Change:
    """A change of a sealed results file, which is sealed again."""
    RESULTS[change.__name__] = change
    return change


def sonata(fill: Change) -> Change:
    """A foreign file of spikes and edges."""
    SONATA[fill.__name__] = fill
    return fill


def _replace(file: h5py.File, name: str, **about: object) -> h5py.Dataset:
    attributes = dict(file[name].attrs)
    del file[name]
    made = file.create_dataset(name, **about)
    made.attrs.update({key: value for key, value in attributes.items() if key != "DIMENSION_LIST"})
    return made


def _bomb(file: h5py.File, name: str, dtype: str) -> None:
    _replace(file, name, shape=(PLENTY,), dtype=dtype, chunks=(1 << 20,), compression="gzip")[:] = 0


@results
def spikes_that_unpack_to_800_megabytes(file: h5py.File, bait: Path) -> None:
    _bomb(file, "spikes/PC/timestamps", "f8")
    _bomb(file, "spikes/PC/node_ids", "i8")


@results
def rates_that_unpack_to_400_megabytes(file: h5py.File, bait: Path) -> None:
    _bomb(file, "neuromod/rates/PC/rate", "f8")


@results
def spikes_that_are_text(file: h5py.File, bait: Path) -> None:
    _replace(file, "spikes/PC/timestamps", data=np.array([b"soon"] * 10))


@results
def spikes_that_are_not_finite(file: h5py.File, bait: Path) -> None:
    file["spikes/PC/timestamps"][:3] = np.nan, np.inf, -np.inf


@results
def spikes_in_two_dimensions(file: h5py.File, bait: Path) -> None:
    _replace(file, "spikes/PC/timestamps", data=np.zeros((5, 5)))


@results
def a_population_of_2_to_the_62(file: h5py.File, bait: Path) -> None:
    file["spikes/PC"].attrs["size"] = 2**62


@results
def a_population_of_less_than_none(file: h5py.File, bait: Path) -> None:
    file["spikes/PC"].attrs["size"] = -5


@results
def a_run_of_2_to_the_62_steps(file: h5py.File, bait: Path) -> None:
    file["neuromod"].attrs["stop_step"] = 2**62


@results
def a_run_of_2_to_the_62_steps_without_rates(file: h5py.File, bait: Path) -> None:
    file["neuromod"].attrs["stop_step"] = 2**62
    del file["neuromod/rates"]


@results
def a_run_of_less_than_no_steps(file: h5py.File, bait: Path) -> None:
    file["neuromod"].attrs["stop_step"] = -3


@results
def a_step_of_1e_minus_300_seconds(file: h5py.File, bait: Path) -> None:
    file["neuromod"].attrs["dt_s"] = 1e-300


@results
def attributes_of_variable_length(file: h5py.File, bait: Path) -> None:
    value = np.empty(1, object)
    value[0] = np.array([1.0, 2.0])
    file["neuromod"].attrs.create("dt_s", value, dtype=h5py.vlen_dtype("f8"))


@results
def attributes_that_are_references(file: h5py.File, bait: Path) -> None:
    file["neuromod"].attrs.create("stop_step", file.ref, dtype=h5py.ref_dtype)


@results
def an_attribute_that_is_a_record(file: h5py.File, bait: Path) -> None:
    file["neuromod/lfp/PV/lfp"].attrs["kind"] = np.zeros(2, [("a", "f8"), ("b", "S9")])


@results
def a_name_that_drives_the_terminal(file: h5py.File, bait: Path) -> None:
    file.move("spikes/PC", "spikes/\x1b[2J\n\x07PC")


@results
def a_name_with_half_a_character(file: h5py.File, bait: Path) -> None:
    h5py.h5g.create(file["spikes"].id, b"\xed\xa0\x80\xff")


@results
def a_link_to_the_bait(file: h5py.File, bait: Path) -> None:
    del file["spikes/PC/timestamps"]
    file["spikes/PC/timestamps"] = h5py.ExternalLink(str(bait), "/spikes/R/timestamps")


@results
def data_in_the_bait(file: h5py.File, bait: Path) -> None:
    _replace(file, "spikes/PC/timestamps", shape=(10,), dtype="f8", external=[(str(bait), 0, 80)])


@results
def a_view_of_the_bait(file: h5py.File, bait: Path) -> None:
    del file["spikes/PC/timestamps"]
    layout = h5py.VirtualLayout((1,), "f8")
    layout[:] = h5py.VirtualSource(str(bait), "spikes/R/timestamps", (1,))
    file.create_virtual_dataset("spikes/PC/timestamps", layout)


@results
def a_filter_nobody_has(file: h5py.File, bait: Path) -> None:
    settings = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    settings.set_chunk((10,))
    settings.set_filter(32_123, h5py.h5z.FLAG_OPTIONAL, (1, 2))
    h5py.h5d.create(file["spikes"].id, b"x", h5py.h5t.NATIVE_DOUBLE, h5py.h5s.create_simple((10,)), settings)


@results
def a_circle_of_groups(file: h5py.File, bait: Path) -> None:
    file["spikes/PC/again"] = file["spikes"]


@results
def twenty_thousand_objects(file: h5py.File, bait: Path) -> None:
    for number in range(20_001):
        h5py.h5g.create(file["spikes"].id, b"%d" % number)


@results
def a_provenance_that_is_no_text(file: h5py.File, bait: Path) -> None:
    _replace(file, "neuromod/plan", data=np.array(b"\xff\xfe\xed\xa0\x80"))


def _columns(file: h5py.File, **given: object) -> None:
    """Spikes and edges; what is not given is right."""
    right = {
        "spikes/R/timestamps": [1.0],
        "spikes/R/node_ids": [0],
        "edges/x/source_node_id": [0],
        "edges/x/target_node_id": [1],
    }
    for name, value in right.items():
        short = name.rsplit("/", 1)[1]
        if short not in given:
            file[name] = value
        elif given[short] is not None:
            file[name] = given[short]


BOTH = (("spikes/R", "timestamps"), ("edges/x", "source_node_id"))


@sonata
def a_column_in_the_bait(file: h5py.File, bait: Path) -> None:
    _columns(file, timestamps=None, source_node_id=None)
    for group, name in BOTH:
        file[group].create_dataset(name, (1,), "i8", external=[(str(bait), 0, 8)])


@sonata
def a_column_linked_to_the_bait(file: h5py.File, bait: Path) -> None:
    _columns(file, timestamps=None, source_node_id=None)
    for group, name in BOTH:
        file[group][name] = h5py.ExternalLink(str(bait), f"/{group}/{name}")


@sonata
def a_soft_link(file: h5py.File, bait: Path) -> None:
    _columns(file, timestamps=None, source_node_id=None)
    for group, name in BOTH:
        file[f"{group}/{name}"] = h5py.SoftLink("/nowhere")


@sonata
def a_group_linked_to_the_bait(file: h5py.File, bait: Path) -> None:
    file["spikes"] = h5py.ExternalLink(str(bait), "/spikes")
    file["edges"] = h5py.ExternalLink(str(bait), "/edges")


@sonata
def a_column_that_views_the_bait(file: h5py.File, bait: Path) -> None:
    _columns(file, timestamps=None, source_node_id=None)
    for group, name in BOTH:
        layout = h5py.VirtualLayout((1,), "i8")
        layout[:] = h5py.VirtualSource(str(bait), f"{group}/{name}", (1,))
        file[group].create_virtual_dataset(name, layout)


@sonata
def columns_of_1_petabyte(file: h5py.File, bait: Path) -> None:
    _columns(file, timestamps=None, source_node_id=None)
    for group, name in BOTH:
        file[group].create_dataset(name, (1 << 47,), "i8", chunks=(1 << 20,))


@sonata
def columns_that_are_claimed_and_empty(file: h5py.File, bait: Path) -> None:
    _columns(file, timestamps=None, node_ids=None, source_node_id=None, target_node_id=None)
    for name in (
        "spikes/R/timestamps",
        "spikes/R/node_ids",
        "edges/x/source_node_id",
        "edges/x/target_node_id",
    ):
        file.create_dataset(name, (100_000_000,), "i8", chunks=(1 << 20,))


@sonata
def columns_that_unpack_to_400_megabytes(file: h5py.File, bait: Path) -> None:
    _columns(file, timestamps=None, node_ids=None, source_node_id=None, target_node_id=None)
    for name in (
        "spikes/R/timestamps",
        "spikes/R/node_ids",
        "edges/x/source_node_id",
        "edges/x/target_node_id",
    ):
        file.create_dataset(name, (PLENTY,), "i8", chunks=(1 << 20,), compression="gzip")[:] = 0


@sonata
def columns_of_variable_length(file: h5py.File, bait: Path) -> None:
    _columns(file, timestamps=["a"], source_node_id=["a"])


@sonata
def columns_that_are_records(file: h5py.File, bait: Path) -> None:
    record = np.zeros(1, [("a", "f8"), ("b", "i4")])
    _columns(file, timestamps=record, source_node_id=record)


@sonata
def a_unit_that_is_a_list(file: h5py.File, bait: Path) -> None:
    _columns(file, source_node_id=np.array([0.5]))
    file["spikes/R/timestamps"].attrs["units"] = np.array([b"ms", b"\xff"])


@sonata
def a_unit_of_variable_length(file: h5py.File, bait: Path) -> None:
    _columns(file, source_node_id=[-1])
    file["spikes/R/timestamps"].attrs["units"] = "\ud7ffms" * 5_000


@sonata
def groups_where_columns_belong(file: h5py.File, bait: Path) -> None:
    _columns(file, timestamps=None, source_node_id=None)
    for group, name in BOTH:
        file.create_group(f"{group}/{name}")


@sonata
def names_that_drive_the_terminal(file: h5py.File, bait: Path) -> None:
    for name in ("spikes/\x1b[2J\nR", "spikes/S", "edges/\x1b[2J\nx", "edges/y"):
        file.create_group(name)


def write_all(folder: Path, bait: Path) -> dict[str, Path]:
    """Every hostile file, written into `folder`."""
    made = {name: _result(folder, name, change, bait) for name, change in RESULTS.items()}
    made |= {f"sealed {name}": _write(folder, name, write_image(fill)) for name, fill in HOSTILE.items()}
    made |= {
        f"changed {k}": resealed(_fresh(folder, f"changed{k}"), change) for k, change in enumerate(CHANGES)
    }
    made |= {name: _foreign(folder, name, fill, bait) for name, fill in SONATA.items()}
    whole = _fresh(folder, "whole").read_bytes()
    body = b"\x89HDF\r\n\x1a\n" + bytes(range(256)) * 20
    rest = {
        "empty": b"",
        "no HDF5 at all": b"PK\x03\x04" + body,
        "the first bytes of HDF5": whole[SEAL_SIZE : SEAL_SIZE + 8],
        "rubbish behind the first bytes": body,
        "cut in the middle": whole[: len(whole) // 2],
        "cut within the seal": whole[:100],
        "a seal alone": header(SEAL_SIZE, hashlib.sha256(b"").digest()),
        "sealed rubbish": _sealed(body),
        "sealed and cut": _sealed(whole[SEAL_SIZE : len(whole) // 2]),
        "sealed with zeros in it": _sealed(whole[SEAL_SIZE:600] + bytes(3000) + whole[3600:]),
        "a pickle": b"cos\nsystem\n(S'touch pwned'\ntR.",
    }
    return made | {name: _write(folder, name, data) for name, data in rest.items()}


def _result(folder: Path, name: str, change: Change, bait: Path) -> Path:
    return resealed(_fresh(folder, name), lambda file: change(file, bait))


def _fresh(folder: Path, name: str) -> Path:
    """A copy of a good results file."""
    if not (folder / "good").exists():
        write_file(folder / "good")
    path = folder / f"{name.replace(' ', '_')}.h5"
    path.write_bytes((folder / "good" / "results.h5").read_bytes())
    return path


def _foreign(folder: Path, name: str, fill: Change, bait: Path) -> Path:
    path = folder / f"{name}.h5"
    with h5py.File(path, "w") as file:
        fill(file, bait)
    return path


def _write(folder: Path, name: str, data: bytes) -> Path:
    path = folder / f"{name.replace(' ', '_')}.h5"
    path.write_bytes(data)
    return path


def _sealed(body: bytes) -> bytes:
    return header(SEAL_SIZE + len(body), hashlib.sha256(body).digest()) + body
