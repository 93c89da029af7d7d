"""The functions for notebooks: run a config, open its results, also while it runs."""

import re
import subprocess
import sys
import threading
import time

import numpy as np
import pytest

import neuromod
from neuromod.errors import ConfigError, StorageError

SMALL = """
neuromod: 1
name: small
duration: 200 ms
populations:
  SOURCE: {neuron: poisson_cell, size: 20, parameters: {rate: 50 Hz}}
"""


@pytest.fixture
def config(tmp_path):
    (tmp_path / "small.yaml").write_text(SMALL)
    return tmp_path / "small.yaml"


def test_the_package_offers_these_names_and_no_other():
    assert sorted(neuromod.__all__) == ["__version__", "open_results", "resume", "run"]
    assert callable(neuromod.run)
    assert callable(neuromod.open_results)
    assert callable(neuromod.resume)
    with pytest.raises(AttributeError, match="no attribute 'simulate'"):
        _ = neuromod.simulate


def test_importing_the_package_loads_nothing_of_it_but_the_version():
    code = "import neuromod, sys; print(*(m for m in sys.modules if m.startswith(('neuromod', 'numpy'))))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) == {"neuromod", "neuromod.version"}


def test_settings_reach_the_run(config, tmp_path):
    settings = {"duration": "100 ms", "populations.SOURCE.size": 7, "seed": 3}
    with neuromod.run(config, set=settings, output=tmp_path / "run") as results:
        assert results.finished
        assert results.duration_ms == 100
        assert results.populations == {"SOURCE": 7}
        assert results.provenance().seed == 3
        assert results.path == tmp_path / "run" / "results.h5"


def test_both_backends_give_the_same_spikes(config, tmp_path):
    settings = {"duration": "50 ms"}
    found = [
        neuromod.run(config, set=settings, output=tmp_path / name, backend=name)
        for name in ("cpp", "runtime")
    ]
    (times, cells), (other_times, other_cells) = (results.spikes("SOURCE") for results in found)
    assert len(times)
    assert np.array_equal(times, other_times)
    assert np.array_equal(cells, other_cells)


def test_what_is_wrong_is_an_error_of_this_package(config, tmp_path):
    with pytest.raises(ConfigError, match=r"populations\.SOURCE\.size: got -1"):
        neuromod.run(config, set={"populations.SOURCE.size": -1})
    with pytest.raises(StorageError):
        neuromod.open_results(tmp_path)


def test_a_run_under_way_opens_with_what_it_has_so_far(config, tmp_path):
    directory = tmp_path / "long"
    settings = {"duration": "20 s", "populations.SOURCE.size": 500}
    worker = threading.Thread(
        target=neuromod.run, args=(config,), kwargs={"set": settings, "output": directory}
    )
    worker.start()
    seen = None
    while worker.is_alive() and seen is None:
        time.sleep(0.01)
        if any((directory / "segments").glob("*.h5")) and not (directory / "results.h5").exists():
            with neuromod.open_results(directory) as results:
                seen = results.finished, results.duration_ms, results.spikes("SOURCE")
    worker.join()
    finished, duration, (times, cells) = seen
    with neuromod.open_results(directory) as whole:
        all_times, all_cells = whole.spikes("SOURCE")
    assert (finished, whole.finished) == (False, True)
    assert 0 < duration <= 20_000
    assert np.array_equal(times, all_times[: len(times)])
    assert np.array_equal(cells, all_cells[: len(cells)])


def test_the_page_about_it_runs_as_it_stands(repository, tmp_path, monkeypatch, capsys):
    blocks = re.findall(r"```python\n(.*?)```", (repository / "docs/python.md").read_text(), re.DOTALL)
    (tmp_path / "configs").symlink_to(repository / "configs")
    monkeypatch.chdir(tmp_path)
    scope = {}
    for block in blocks:
        exec(compile(block, "docs/python.md", "exec"), scope)
    assert len(blocks) == 4
    assert len(scope["times"]) == len(scope["dopamine"])
    assert scope["weights"].shape[1] > 0
    said = capsys.readouterr().out
    assert "True 300.0 ms of CA1_PYR" in said
    assert said.endswith("400.0\n")
