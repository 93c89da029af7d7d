"""Commits: whatever happens, there is a whole file under the name, and a failure is one sentence."""

import errno
import resource
import signal
import subprocess
import sys
import time
from itertools import count

import numpy as np
import pytest

from neuromod.errors import AccessError, StorageError
from neuromod.store.atomic import commit, commit_hdf5, sweep
from neuromod.store.seal import verify, write_image
from tests.store.disks import Died, Dying, Forgetful, Full, Watched, failing


def content(value):
    """What fills a file of about 300 kB."""

    def fill(file):
        for name in "abc":
            file.create_dataset(name, data=np.full(12_000, value), chunks=(1_000,))

    return fill


def as_image(path, value, **disk):
    commit(path, write_image(content(value)), **disk)


def as_file(path, value, **disk):
    def fill(file):
        content(value)(file)
        yield

    commit_hdf5(path, fill, **disk)


def wait_for(path, process):
    """Until the process has made the file; it must not end before."""
    while not path.exists():
        assert process.poll() is None
        time.sleep(0.005)


WAYS = pytest.mark.parametrize("write", [as_image, as_file])


@pytest.fixture
def old(tmp_path):
    """A committed file, and its bytes."""
    path = tmp_path / "kept.h5"
    as_image(path, 1)
    return path, path.read_bytes()


@WAYS
def test_what_is_committed_is_there_and_nothing_else(write, tmp_path):
    write(tmp_path / "new.h5", 2)
    verify(tmp_path / "new.h5")
    assert [entry.name for entry in tmp_path.iterdir()] == ["new.h5"]


def test_both_ways_write_the_same_bytes(tmp_path):
    as_image(tmp_path / "image", 3)
    as_file(tmp_path / "file", 3)
    assert (tmp_path / "image").read_bytes() == (tmp_path / "file").read_bytes()


def test_any_bytes_can_be_committed(tmp_path):
    commit(tmp_path / "run.json", b'{"seed": 1}')
    assert (tmp_path / "run.json").read_bytes() == b'{"seed": 1}'


@WAYS
def test_the_name_comes_after_the_content_and_the_directory_last(write, tmp_path):
    disk = Watched(lambda k, operation: None)
    write(tmp_path / "new.h5", 2, disk=disk)
    assert disk.trace[0] == "create"
    assert set(disk.trace[1:-3]) <= {"write", "truncate"}
    assert disk.trace[-4] == "write"
    assert disk.trace[-3:] == ["sync", "rename", "sync_directory"]


@WAYS
def test_a_failure_of_any_operation_before_the_rename_leaves_the_old_file(write, old):
    path, before = old
    sentences = set()
    for at in count():
        disk = failing(at)
        try:
            write(path, 2, disk=disk)
        except StorageError as error:
            sentences.add(str(error))
            assert [entry.name for entry in path.parent.iterdir()] == ["kept.h5"]
            if disk.trace[-1] != "sync_directory":
                assert path.read_bytes() == before
        else:
            break
    assert at > 4
    assert sentences == {f"cannot write {path}: input/output error"}
    verify(path)


@WAYS
def test_death_before_any_operation_leaves_the_old_or_the_new_file(write, old):
    path, before = old
    as_image(path.with_name("after.h5"), 2)
    after = path.with_name("after.h5").read_bytes()
    for at in count():
        try:
            write(path, 2, disk=Dying(at))
        except Died:
            assert path.read_bytes() in (before, after)
        else:
            break
        assert len(sweep(path.parent)) <= 1
        assert {entry.name for entry in path.parent.iterdir()} == {"kept.h5", "after.h5"}
        as_image(path, 1)
    assert at > 4


@WAYS
@pytest.mark.parametrize("room", [0, 100, 600, 50_000, 250_000])
def test_a_full_disk_is_one_sentence_and_harms_nothing(write, room, old):
    path, before = old
    with pytest.raises(StorageError, match=r"cannot write .*: no space left on device") as caught:
        write(path, 2, disk=Full(room))
    assert caught.value.exit_code == 74
    assert path.read_bytes() == before
    assert len(list(path.parent.iterdir())) == 1


def test_bytes_that_reach_the_disk_changed_are_found(old):
    path, before = old
    with pytest.raises(StorageError, match="read back"):
        as_image(path, 2, disk=Forgetful())
    assert path.read_bytes() == before


def test_an_error_in_what_fills_the_file_is_passed_on(old):
    path, before = old

    def fill(file):
        yield
        file["x"] = np.zeros(10)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        commit_hdf5(path, fill)
    assert path.read_bytes() == before
    assert len(list(path.parent.iterdir())) == 1


@pytest.mark.parametrize("number", [errno.EACCES, errno.EPERM, errno.EROFS])
def test_a_refusal_of_the_system_is_an_access_error(number, tmp_path):
    with pytest.raises(AccessError) as caught:
        as_image(tmp_path / "new.h5", 1, disk=failing(0, number))
    assert caught.value.exit_code == 77


def test_a_missing_directory_is_one_sentence(tmp_path):
    with pytest.raises(StorageError, match="no such file or directory"):
        commit(tmp_path / "none" / "new.h5", b"")


def test_a_killed_writer_leaves_a_whole_file(tmp_path):
    path = tmp_path / "kept.h5"
    code = (
        "import sys; from pathlib import Path; from neuromod.store.atomic import commit\n"
        "from neuromod.store.seal import write_image; import numpy as np\n"
        "image = write_image(lambda file: file.create_dataset('x', data=np.arange(500_000.0)))\n"
        "while True: commit(Path(sys.argv[1]), image)"
    )
    for pause in (0.0, 0.004, 0.009, 0.016):
        writer = subprocess.Popen([sys.executable, "-c", code, str(path)])
        wait_for(path, writer)
        time.sleep(pause)
        writer.send_signal(signal.SIGKILL)
        writer.wait()
        verify(path)
    sweep(tmp_path)
    assert [entry.name for entry in tmp_path.iterdir()] == ["kept.h5"]


def test_an_interrupted_writer_tidies_up_and_does_not_crash(tmp_path):
    path = tmp_path / "kept.h5"
    code = (
        "import sys; from pathlib import Path; import numpy as np\n"
        "from neuromod.store.atomic import commit_hdf5\n"
        "def fill(file):\n"
        "    for k in range(40):\n"
        "        file.create_dataset(str(k), data=np.arange(20_000.), chunks=(100,)); yield\n"
        "try:\n"
        "    while True: commit_hdf5(Path(sys.argv[1]), fill)\n"
        "except KeyboardInterrupt: print('interrupted')"
    )
    for pause in (0.0, 0.011, 0.023, 0.037):
        path.unlink(missing_ok=True)
        writer = subprocess.Popen([sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE, text=True)
        wait_for(path, writer)
        time.sleep(pause)
        writer.send_signal(signal.SIGINT)
        assert writer.communicate()[0] == "interrupted\n"
        assert writer.returncode == 0
        assert [entry.name for entry in tmp_path.iterdir()] == ["kept.h5"]
        verify(path)


def test_a_limit_of_the_file_size_is_met_anywhere_without_harm(old):
    path, before = old
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    for size in range(0, len(before), len(before) // 40):
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
        try:
            with pytest.raises(StorageError, match="file too large"):
                as_file(path, 2)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        assert path.read_bytes() == before
    assert len(list(path.parent.iterdir())) == 1
