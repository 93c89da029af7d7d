"""Seals: every change of a file is found, and plain HDF5 readers do not notice the seal."""

import os
import time
from pathlib import Path

import h5py
import numpy as np
import pytest

from neuromod.errors import DamagedDataError, StorageError
from neuromod.store.seal import SEAL_SIZE, check_image, verify, write_image


def build():
    def fill(file):
        file.attrs["a"] = "text"
        file.create_dataset("x", data=np.arange(500.0), compression="gzip")
        file.create_group("g", track_order=True)["y"] = np.zeros(100)

    return write_image(fill)


IMAGE = build()


def is_refused(image):
    with pytest.raises(DamagedDataError) as caught:
        check_image(image, "a.h5")
    return str(caught.value).startswith("a.h5: ")


def test_a_sealed_file_is_plain_hdf5(tmp_path):
    path = tmp_path / "a.h5"
    path.write_bytes(IMAGE)
    assert verify(path) == len(IMAGE)
    with h5py.File(path) as file:
        assert file.userblock_size == SEAL_SIZE
        assert file["x"][3] == 3


def test_the_same_content_gives_the_same_bytes_later_too():
    time.sleep(1.1)
    assert build() == IMAGE


def test_a_flip_of_any_bit_is_found():
    rng = np.random.default_rng(1)
    places = {*range(SEAL_SIZE), *rng.integers(SEAL_SIZE, len(IMAGE), 500).tolist()}
    for place in places:
        image = bytearray(IMAGE)
        image[place] ^= 1 << int(rng.integers(8))
        assert is_refused(bytes(image))


def test_a_cut_or_an_extension_is_found():
    for length in {0, 1, 8, 511, 512, 513, *range(0, len(IMAGE), 97), len(IMAGE) - 1}:
        assert is_refused(IMAGE[:length])
    assert is_refused(IMAGE + b"\0")


def test_zeroed_and_swapped_blocks_are_found():
    for start in range(0, len(IMAGE) - 512, 512):
        zeroed = IMAGE[:start] + bytes(512) + IMAGE[start + 512 :]
        if zeroed != IMAGE:
            assert is_refused(zeroed)
    assert is_refused(IMAGE[:512] + IMAGE[1024:1536] + IMAGE[512:1024] + IMAGE[1536:])


def test_a_damaged_file_on_disk_is_named(tmp_path):
    path = tmp_path / "a.h5"
    path.write_bytes(IMAGE[:-1])
    with pytest.raises(DamagedDataError, match=r"a\.h5: damaged, it has \d+ bytes"):
        verify(path)
    path.write_bytes(b"name: a config\n")
    with pytest.raises(DamagedDataError, match="not a file written by neuromod"):
        verify(path)


def test_a_missing_file_is_one_sentence(tmp_path):
    with pytest.raises(StorageError, match=r"cannot read .*: no such file or directory"):
        verify(tmp_path / "none.h5")


def test_a_pipe_and_a_device_are_refused_without_waiting(tmp_path):
    os.mkfifo(tmp_path / "pipe.h5")
    for path in (tmp_path / "pipe.h5", Path("/dev/zero")):
        with pytest.raises(DamagedDataError, match="not a regular file"):
            verify(path)
