"""`neuromod analyse`: what it prints and writes, and what it refuses."""

import json
from pathlib import Path

import numpy as np
import pytest

from neuromod.cli.errors import main
from neuromod.store.analysis import about_analysis, digest_of_results
from neuromod.store.layout import Layout, SegmentData, Signal, SpikeSource
from neuromod.store.provenance import PopulationInfo, Provenance
from neuromod.store.results import write_results
from neuromod.store.segments import write_segment
from tests.analysis.planted import coupled

LFP = Signal("lfp", "A", "lfp", "pA", "LFP proxy", 10, 1)


def finished(folder: Path, seconds: int) -> Path:
    """A run whose field has gamma nested in theta, and whose spikes come anywhere."""
    layout = Layout(1e-4, (SpikeSource("A", 5),), (LFP,))
    rng = np.random.default_rng(0)
    steps = np.sort(rng.choice(seconds * 10_000, 50 * seconds, replace=False))
    spikes = steps.astype(np.int64), rng.integers(0, 5, steps.size).astype(np.int32)
    field = 100 + coupled(rng, seconds, noise=0.3)[:, None]
    folder.mkdir()
    write_segment(folder, 0, layout, SegmentData(0, seconds * 10_000, {"A": spikes}, {LFP.key: field}))
    about = Provenance("", "", "", "0123", {}, 7, populations={"A": PopulationInfo(5, "here", "adex")})
    write_results(folder, layout, about)
    return folder


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> Path:
    return finished(tmp_path_factory.mktemp("analysed") / "run", 12)


def refused(capsys, *words: str) -> tuple[int, str]:
    """Code and the one line on stderr."""
    code = main(["analyse", *words])
    (line,) = capsys.readouterr().err.splitlines()
    return code, line


def test_the_text_names_field_and_populations_with_units(run, capsys):
    assert main(["analyse", str(run)]) == 0
    text = capsys.readouterr().out
    assert "theta (Hz)" in text
    assert "rate (Hz)" in text
    assert text.splitlines()[-1] == str(run / "analysis.h5")


def test_the_file_stands_beside_the_results_and_says_what_it_is_of(run, capsys):
    assert (
        main(["analyse", str(run / "results.h5"), "--json", "--seed", "3", "--band", "ripple=120-200"]) == 0
    )
    data = json.loads(capsys.readouterr().out)
    about = about_analysis(run / "analysis.h5")
    assert about["results_sha256"] == digest_of_results(run / "results.h5")
    assert about["seed"] == 7
    assert about["parameters"] == data["parameters"]
    assert (about["parameters"]["seed"], about["parameters"]["band_ripple"]) == (3, "120-200 Hz")
    assert data["fields"][0]["theta"] == pytest.approx(7, abs=0.5)
    assert data["fields"][0]["power_ripple"] > 0


def test_figures_are_drawn_when_asked_for(run, capsys, tmp_path):
    assert main(["analyse", str(run), "--plot", "--json", "-o", str(tmp_path / "a.h5")]) == 0
    files = [Path(name) for name in json.loads(capsys.readouterr().out)["files"]]
    assert [path.name for path in files] == ["a.h5", "rhythms_A.png", "rhythms_A.pdf"]
    assert all(path.stat().st_size for path in files)


def test_a_short_run_has_everything_but_the_index(tmp_path, capsys):
    assert main(["analyse", str(finished(tmp_path / "short", 6)), "--json"]) == 0
    (field,) = json.loads(capsys.readouterr().out)["fields"]
    assert field["mi"] is None
    assert field["no_mi_because"] == "5 s recorded, 10 s needed"
    assert field["theta"] is not None


@pytest.mark.parametrize(
    ("words", "part"),
    [
        (["--theta", "12-4"], "--theta: got 12-4, needed are two ascending frequencies such as 4-12"),
        (["--gamma", "fast"], "--gamma: got fast"),
        (["--band", "120-200"], "--band: got 120-200, needed is a name and two frequencies"),
        (["--surrogates", "20"], "surrogates: got 20, need 200 or more"),
        (["--from", "10"], "window: got 10 to 12 s of a run of 12 s"),
        (["--gamma", "30-600"], "allowed is less than 500 Hz"),
    ],
)
def test_options_that_make_no_sense_are_refused_in_one_line(run, capsys, words, part):
    code, line = refused(capsys, str(run), *words)
    assert code == 2
    assert part in line


def test_the_results_are_never_written_over(run, capsys):
    code, line = refused(capsys, str(run), "-o", str(run / "results.h5"))
    assert code == 2
    assert "which is the results file" in line


def test_what_cannot_be_read_or_written_has_its_code(run, capsys, tmp_path):
    assert refused(capsys, str(tmp_path))[0] == 74
    assert refused(capsys, str(run), "-o", str(tmp_path / "missing/a.h5"))[0] == 74
    broken = tmp_path / "results.h5"
    broken.write_text("no HDF5")
    assert refused(capsys, str(broken))[0] == 65
