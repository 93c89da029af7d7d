"""YAML that is small and grows, or is as large as allowed: refused in little memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from neuromod.config.read import MAX_BYTES, MAX_DEPTH, MAX_NODES, MAX_PROBLEMS, MAX_SCALAR
from tests.conftest import REPOSITORY

MOST_MIB = 50


def _laughs(levels: int, width: int) -> str:
    lines = ["l0: &l0 [lol]"]
    lines += [f"l{i}: &l{i} [{', '.join([f'*l{i - 1}'] * width)}]" for i in range(1, levels)]
    return "\n".join(lines)


OVER = MAX_NODES + 10
SMALL: dict[str, str] = {
    "nine levels of aliases": _laughs(9, 9),
    "thirty levels of aliases": _laughs(30, 10),
    "an alias of itself": "a: &a [*a, *a]",
    "an alias in a key": "&a a: 1\n*a : 2",
    "a merge": "a: &a {b: 1}\nc: {<<: *a}",
    "a merge of a merge": "a: &a {<<: *a}",
    "a tag that runs": "a: !!python/object/apply:os.system [touch pwned]",
    "a tag by its full name": "a: !<tag:yaml.org,2002:python/object/new:os.system> [touch pwned]",
    "a tag on a key": "!!python/name:os.system a: 1",
    "a tag on the document": "--- !!python/module:os\na: 1",
    "a binary": "a: !!binary aGVsbG8=",
    "a set": "a: !!set {b, c}",
    "an ordered mapping": "a: !!omap [b: 1]",
    "an include": "a: !include /etc/passwd",
    "the environment": "a: !ENV ${HOME}",
    "a directive that renames tags": "%TAG ! tag:yaml.org,2002:python/\n---\na: !name:os.system x",
    "the same key twice": "a: 1\na: 2",
    "the same key twice, written otherwise": 'a: 1\n"\\x61": 2',
    "the same key ten thousand times": "a: 1\n" * 10_000,
    "fifty documents": "a: 1\n---\n" * 50,
    "deep lists": "a: " + "[" * 10_000,
    "deep mappings": "a: " + "{b: " * 10_000,
    "deep dashes": "- " * 10_000,
    "deep question marks": "? " * 10_000,
    "deep blocks": "\n".join(" " * k + "a:" for k in range(300)),
    "deep quotes": "a: " + "'[" * 5_000,
    "one level too many": "a: " + "[" * MAX_DEPTH + "1" + "]" * MAX_DEPTH,
    "a number of 60,000 digits": "a: " + "9" * 60_000,
    "a number of 60,000 digits after the point": "a: 0." + "9" * 60_000 + "x: ",
    "an exponent of 60,000 digits": "a: 1e" + "9" * 60_000,
    "a hundred thousand blanks": "a:" + " " * 100_000 + "[",
    "a hundred thousand lines": "\n" * 100_000,
    "a key that is too long": "a" * 2_000 + ": 1",
    "a text that is too long": "a: '" + "x" * (MAX_SCALAR + 1) + "'",
    "open quotes": "a: " + '"' * 9_999,
    "open comments": "a: [" + "#" * 10_000,
    "zeros": "a: " + "\0" * 10_000,
    "escapes": 'a: "' + "\\x00" * 10_000 + '"',
    "half characters": 'a: "\\ud800\\udc00"',
    "beyond unicode": 'a: "\\UFFFFFFFF"',
}  # fmt: skip
LARGE: dict[str, str] = {
    "a text of 10 MB": "a: " + "x" * 10_000_000,
    "a list with too many values": "a: [" + "1, " * OVER + "]",
    "lines with too many values": "a:\n" + "- 1\n" * OVER,
    "a mapping with too many keys": "".join(f"k{number}: 1\n" for number in range(OVER)),
    "too many empty lists": "a: [" + "[], " * OVER + "]",
    "too many wrong values": "a: [" + ".nan, " * OVER + "]",
    "one megabyte of comments": "# x\n" * (MAX_BYTES // 4),
    "one megabyte of brackets": "a: " + "[]" * (MAX_BYTES // 2 - 10),
    "one megabyte in one text": "a: '" + "x" * (MAX_BYTES - 10) + "'",
}
WORKER = """
import json, signal, sys
from tests.fuzz import worker
from tests.fuzz.test_bombs import LARGE, SMALL
from neuromod.config.read import parse_tree
from neuromod.errors import ConfigError
signal.signal(signal.SIGPROF, worker._ring)
signal.signal(signal.SIGALRM, worker._ring)
texts = {"SMALL": SMALL, "LARGE": LARGE}[sys.argv[1]]
worker.CPU_SECONDS = float(sys.argv[2])
before = worker.peak_mib()
for name, text in texts.items():
    worker.forget_peak()
    start = worker.peak_mib()
    try:
        with worker.alarm():
            parse_tree(text, "bomb.yaml")
        said = ["accepted"]
    except ConfigError as error:
        said = str(error).splitlines()
    except BaseException as error:
        said = [f"FAULT {error!r}"]
    print(json.dumps([name, said, worker.peak_mib() - start]), flush=True)
"""


@pytest.mark.parametrize(
    ("size", "seconds"), [("SMALL", 2.0), pytest.param("LARGE", 10.0, marks=pytest.mark.slow)]
)
def test_bombs_are_refused_in_sentences_and_little_memory(size: str, seconds: float, tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-c", WORKER, size, str(seconds)],
        cwd=tmp_path, check=False, capture_output=True, text=True,
        env=os.environ | {"PYTHONPATH": str(REPOSITORY)},
    )  # fmt: skip
    assert run.returncode == 0, run.stderr[-2000:]
    found = [json.loads(line) for line in run.stdout.splitlines()]
    assert [name for name, _, _ in found] == list({"SMALL": SMALL, "LARGE": LARGE}[size])
    for name, said, grown in found:
        assert 1 <= len(said) <= MAX_PROBLEMS, (name, said)
        assert all(
            line.startswith("bomb.yaml") and line.isprintable() and len(line) < 700 for line in said
        ), (name, said)
        assert grown <= MOST_MIB, (name, grown)
    assert list(tmp_path.iterdir()) == []
