"""The wheel holds everything: it works from any folder, without the checkout."""

import os
import subprocess
import sys
import zipfile

import pytest


@pytest.fixture(scope="module")
def wheel(tmp_path_factory, repository):
    """The wheel, built without network."""
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    options = ["--no-deps", "--no-build-isolation", "--no-index", "-w", str(folder)]
    subprocess.run([*pip, "wheel", str(repository), *options], check=True, capture_output=True)
    return next(folder.glob("neuromod_sim-*.whl"))


def test_the_wheel_carries_models_configs_and_native_code(wheel, repository):
    names = set(zipfile.ZipFile(wheel).namelist())
    shipped = [*repository.glob("models/**/*.yaml"), *repository.glob("configs/**/*.yaml")]
    expected = {f"neuromod/_shipped/{path.relative_to(repository)}" for path in shipped}
    expected |= {
        str(path.relative_to(repository)) for path in repository.glob("neuromod/program/native/*.?pp")
    }
    expected |= {"neuromod/py.typed", "neuromod/report/page.html"}
    assert sorted(expected - names) == []
    assert not any(name.startswith(("tests/", "benchmarks/", "docs/")) for name in names)


def test_the_unpacked_wheel_finds_its_models_and_configs(wheel, tmp_path):
    site = tmp_path / "site"
    zipfile.ZipFile(wheel).extractall(site)
    code = """if True:
        import sys
        import neuromod
        from neuromod.cli.errors import main
        from neuromod.library.shipped import configs_root
        assert neuromod.__file__.startswith(sys.argv[1]), neuromod.__file__
        assert str(configs_root()).startswith(sys.argv[1]), configs_root()
        sys.exit(main(["validate", str(configs_root() / "quickstart.yaml")]))
    """
    environment = os.environ | {"PYTHONPATH": str(site)}
    done = subprocess.run(
        [sys.executable, "-c", code, str(site)],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("OK: ")
