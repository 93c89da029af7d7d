"""Run directories: a new number each time, an empty one when named, and one run at a time in each."""

import os
import platform
import subprocess
import sys

import pytest

from neuromod.errors import OutputError, StorageError
from neuromod.store.directory import new_run_directory
from neuromod.store.lock import DirectoryLock

HOLD = (
    "import sys, time; from pathlib import Path; from neuromod.store.directory import new_run_directory\n"
    "while not Path(sys.argv[2]).exists(): time.sleep(0.001)\n"
)


def processes(code, count, *arguments):
    command = [sys.executable, "-c", HOLD + code, *map(str, arguments)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL, "text": True}
    return [subprocess.Popen(command, **pipes) for _ in range(count)]


def test_each_run_gets_the_next_number(tmp_path):
    names = []
    for _ in range(3):
        with new_run_directory(None, "demo", tmp_path / "runs") as directory:
            names.append(os.fspath(directory))
    assert names == [str(tmp_path / "runs" / "demo" / f"00{k}") for k in (1, 2, 3)]


def test_a_number_is_never_used_twice_and_other_names_do_not_count(tmp_path):
    for name in ("007", "notes", "1000"):
        (tmp_path / "demo" / name).mkdir(parents=True)
    with new_run_directory(None, "demo", tmp_path) as directory:
        assert directory.path.name == "1001"


def test_processes_at_once_get_different_numbers(tmp_path):
    code = "for _ in range(20): print(new_run_directory(None, 'demo', Path(sys.argv[1])).path.name)"
    started = processes(code, 4, tmp_path, tmp_path / "go")
    (tmp_path / "go").touch()
    names = [name for process in started for name in process.communicate()[0].split()]
    assert sorted(names) == [f"{k:03d}" for k in range(1, 81)]


def test_of_processes_at_once_in_one_named_directory_one_wins(tmp_path):
    code = "run = new_run_directory(Path(sys.argv[1]), ''); print('won', flush=True); sys.stdin.read()"
    started = processes(code, 6, tmp_path / "out", tmp_path / "go")
    (tmp_path / "go").touch()
    others = [process for process in started if process.stdout.readline() != "won\n"]
    assert len(others) == 5
    for process in started:
        process.communicate()


def test_a_named_directory_may_be_new_or_empty(tmp_path):
    with new_run_directory(tmp_path / "deep" / "new", "demo") as directory:
        assert directory.path == tmp_path / "deep" / "new"
    with new_run_directory(tmp_path / "deep" / "new", "demo") as directory:
        assert directory.path.is_dir()


def test_a_directory_with_content_is_refused_and_stays_as_it_is(tmp_path):
    (tmp_path / "results.h5").write_text("precious")
    with pytest.raises(OutputError, match="is not empty") as caught:
        new_run_directory(tmp_path, "demo")
    assert caught.value.exit_code == 73
    assert (tmp_path / "results.h5").read_text() == "precious"
    DirectoryLock(tmp_path).release()


@pytest.mark.parametrize("name", ["file", "file/below"])
def test_a_file_in_the_way_is_one_sentence(name, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match=r"cannot create the directory .*file") as caught:
        new_run_directory(tmp_path / name, "demo")
    assert "\n" not in str(caught.value)


def test_a_refusal_of_the_system_is_an_access_error(tmp_path):
    tmp_path.chmod(0o500)
    code = (
        "import os; from neuromod.errors import AccessError\n"
        "if os.geteuid() == 0: os.seteuid(65534)\n"
        "try: new_run_directory(Path(sys.argv[1]) / 'new', 'demo')\n"
        "except AccessError as error: print(error)"
    )
    [refused] = processes(code, 1, tmp_path, tmp_path)
    assert refused.communicate()[0] == f"cannot create the directory {tmp_path / 'new'}: permission denied\n"


def test_a_second_run_is_refused_with_the_holder(tmp_path):
    with (
        new_run_directory(tmp_path / "out", "demo"),
        pytest.raises(OutputError, match=f"in use by process {os.getpid()} on {platform.node()}"),
    ):
        new_run_directory(tmp_path / "out", "demo")


def test_a_lock_ends_with_its_holder_however_that_dies(tmp_path):
    code = "run = new_run_directory(Path(sys.argv[1]), ''); print('won', flush=True); sys.stdin.read()"
    [holder] = processes(code, 1, tmp_path / "out", tmp_path)
    assert holder.stdout.readline() == "won\n"
    with pytest.raises(OutputError, match=f"process {holder.pid} "):
        DirectoryLock(tmp_path / "out")
    holder.kill()
    holder.communicate()
    with DirectoryLock(tmp_path / "out") as lock:
        assert lock.descriptor >= 0


def test_a_lock_that_is_a_link_is_refused_and_its_target_stays_as_it_is(tmp_path):
    (tmp_path / "precious").write_text("precious")
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / ".lock").symlink_to(tmp_path / "precious")
    with pytest.raises(StorageError, match="cannot lock"):
        new_run_directory(tmp_path / "run", "x")
    assert (tmp_path / "precious").read_text() == "precious"
