"""Every example of docs/read_results.md prints what the results say."""

import re

import numpy as np
import pytest

SECTION = re.compile(r"^## (.+?)\n.*?^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def _spikes(results):
    return len(results.spikes("CELL")[0])


def _samples(results, last):
    times, values = results.report("CELL", "V")
    inside = (times >= 100) & ((times <= 200) if last else (times < 200))
    return values[inside].shape


def _busiest(results):
    return np.bincount(results.spikes("CELL")[1]).max()


def _rate_of_those_that_fired(results):
    counts = np.bincount(results.spikes("CELL")[1])
    return (counts[counts > 0] / (results.duration_ms / 1e3)).mean()


def _rate_of_one(results):
    return np.count_nonzero(results.spikes("CELL")[1] == 3) / (results.duration_ms / 1e3)


def _highest_level(results):
    times, level = results.modulator("dopamine_striatum")
    return level[(times >= 300) & (times <= 400)].max()


def _highest_drive(results):
    return results.drive("dopamine_striatum", "D1")[1].max()


def _kept(results):
    weights, eligibilities = (results.weights("CUE->CELL", name)[1] for name in ("weight", "c"))
    return f"{weights.shape} nS {weights[-1].mean()} {eligibilities[-1].mean()}"


EXPECTED = {
    "neuromod": lambda r: (
        f"{_spikes(r)} spikes, {r.summary()['CELL'].rate_hz} Hz, D1 up to {_highest_drive(r)}"
    ),
    "h5py": _kept,
    "libsonata": lambda r: f"{_spikes(r)} spikes, {_samples(r, last=True)} mV",
    "bmtk": lambda r: f"{_spikes(r)} spikes, {_samples(r, last=False)} mV",
    "pynapple": lambda r: f"{np.unique(r.spikes('CELL')[1]).size} cells, {_rate_of_those_that_fired(r)} Hz",
    "neo and elephant": lambda r: f"{_rate_of_one(r)} Hz",
    "pandas": lambda r: f"{_busiest(r)} spikes of the busiest cell",
    "xarray": lambda r: f"{_highest_level(r)} at most",
}


@pytest.fixture(scope="module")
def examples(repository):
    return dict(SECTION.findall((repository / "docs/read_results.md").read_text()))


def test_every_tool_has_an_example_and_every_example_is_run(examples, repository):
    assert list(examples) == list(EXPECTED)
    assert (repository / "docs/read_results.md").read_text().count("```python") == len(examples)


@pytest.mark.parametrize("tool", EXPECTED)
def test_an_example_prints_what_the_results_say(tool, examples, folder, results, monkeypatch, capsys):
    monkeypatch.chdir(folder)
    exec(compile(examples[tool], f"read_results.md, {tool}", "exec"), {})
    assert capsys.readouterr().out.strip() == EXPECTED[tool](results)


def test_no_example_is_longer_than_a_glance(examples):
    lengths = {tool: sum(bool(line) for line in code.splitlines()) for tool, code in examples.items()}
    assert max(lengths.values()) <= 7
