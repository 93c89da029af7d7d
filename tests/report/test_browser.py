"""The page in a browser: headless Chromium shows every figure, runs nothing, and complains of nothing."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from html import unescape

import pytest
from matplotlib.image import imread

from tests.report.test_page import FIGURES

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
BROWSER = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
SEEN = """<script>addEventListener('load', () => {
  const seen = [...document.images].map(i => [i.alt, i.complete && i.naturalWidth > 0, i.clientWidth]);
  const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
  document.body.innerHTML = ''; document.title = JSON.stringify({seen, wide});
});</script></body>"""
POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy"[^>]*>')

pytestmark = [
    pytest.mark.skipif(
        BROWSER is None,
        reason="no Chromium found: install it or name one in CHROMIUM to see the page in a browser",
    ),
    pytest.mark.xdist_group("browser"),
]


def opened(path, folder, *options: str) -> subprocess.CompletedProcess[str]:
    command = [str(BROWSER), "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"]
    command += [f"--user-data-dir={folder / 'profile'}", "--window-size=1200,900", "--enable-logging=stderr"]
    done = subprocess.run(
        [*command, *options, path.as_uri()], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done


def title(dom: str) -> str:
    return unescape(re.search(r"<title>(.*?)</title>", dom, re.DOTALL)[1])


def test_every_figure_is_seen_and_the_page_is_not_wider_than_the_window(page, tmp_path):
    """A copy of the page, with a script that says what was loaded and without the policy that forbids it."""
    copy = tmp_path / "asked.html"
    copy.write_text(POLICY.sub("", page.read_text()).replace("</body>", SEEN))
    found = json.loads(title(opened(copy, tmp_path, "--dump-dom").stdout))
    assert [name for name, _, _ in found["seen"]] == FIGURES
    assert [name for name, loaded, width in found["seen"] if not loaded or width < 200] == []
    assert found["wide"] <= 0


def test_a_script_in_the_page_would_not_run(page, tmp_path):
    copy = tmp_path / "attacked.html"
    copy.write_text(page.read_text().replace("</body>", SEEN))
    done = opened(copy, tmp_path, "--dump-dom")
    assert title(done.stdout) == "made up"
    assert "Content Security Policy" in done.stderr


def test_the_page_itself_is_shown_without_a_complaint(page, tmp_path):
    picture = tmp_path / "shown.png"
    done = opened(page, tmp_path, f"--screenshot={picture}")
    assert "CONSOLE" not in done.stderr
    pixels = imread(picture)
    assert pixels.shape[:2] == (900, 1200)
    assert pixels[..., :3].std() > 0.05
