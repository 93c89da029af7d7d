"""The page of a report: whole, self-contained, and safe whatever a file says."""

import io
import re
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.image import imread

import neuromod.report.page as page_module
from neuromod.report.build import build
from neuromod.report.content import Image, Report, Section, Table, Text
from neuromod.report.images import MAX_PAGE_BYTES, Images
from neuromod.report.page import printable, render, write
from neuromod.store.reader import open_results
from tests.report.made_up import RECORDED, made_up
from tests.report.markup import decoded, parse

SECTIONS = ["health", "circuit", "activity", "rhythms", "events", "modulators", "weights", "origin"]
FIGURES = [
    "circuit",
    "connections",
    "overview",
    "rates",
    "rhythms_PYR",
    "rhythms_PV",
    "coherence",
    "event cue",
    "event reward",
    "modulators",
    "learning",
]
HOSTILE = [
    "<script>document.title='owned'<\x5c/script>",
    '"><img src=x onerror=alert(1)>',
    "'><svg onload=alert(1)>",
    "</pre></td></table><h1>",
    "<!-- ",
    "<![CDATA[",
    "&lt;b&gt; &amp; &#x3c;",
    "{{ 7*7 }} {% raw %} {# #}",
    "$\\frac{1}{0}$ $",
    "${x_{",
    "javascript:alert(1)",
    "\u202egnp.exe \u2066",
    "\x1b[2J\x07",
    "脳🧠́",
    "line\nbreak\ttab",
    "x" * 5000,
]


@pytest.fixture(scope="module")
def seen(page):
    return parse(page.read_text())


def test_the_page_is_well_formed_and_opens_with_a_verdict(seen):
    assert seen.faults == []
    assert seen.names[:3] == ["html", "head", "meta"]
    (verdict,) = [a for a in seen.all("p") if a.get("id") == "verdict"]
    assert verdict["class"] == "verdict look"
    assert "Sound, but 2 of 9 checks ask for a look." in seen.text
    assert "1 of 2 populations do not: PV 1" in seen.text


def test_every_section_has_a_heading_and_a_link_to_it(seen):
    assert [a["id"] for a in seen.all("section")] == SECTIONS
    assert [a["href"] for a in seen.all("a")] == [f"#{name}" for name in SECTIONS]
    named = [a["id"] for _, a in seen.tags if "id" in a]
    assert len(named) == len(set(named))


def test_every_figure_is_there_whole_with_a_caption(seen):
    images = seen.all("img")
    assert [image["alt"] for image in images] == FIGURES
    assert seen.names.count("figcaption") == seen.names.count("figure") == len(FIGURES)
    for image in images:
        kind, content = decoded(image["src"])
        if kind == "image/svg+xml":
            root = ElementTree.fromstring(content)
            assert root.tag.endswith("svg")
        else:
            assert kind == "image/png"
            assert imread(io.BytesIO(content)).size
        assert int(image["width"]) > 100
        assert int(image["height"]) > 100


def test_what_a_reader_looks_for_is_said(seen):
    for words in (
        "a book",
        "made up",
        "0123456789ab",
        "DA->PYR",
        "dopamine",
        "theta_height (dB)",
        "evidence",
    ):
        assert words in seen.text


def test_nothing_runs_and_nothing_is_fetched(seen, page):
    assert not {"script", "iframe", "object", "embed", "link", "form", "base", "svg"} & set(seen.names)
    assert not [name for _, a in seen.tags for name in a if name.startswith("on")]
    policy = next(a for a in seen.all("meta") if a.get("http-equiv"))["content"]
    assert policy.startswith("default-src 'none'; img-src data:;")
    assert "script-src" not in policy
    without_images = re.sub(r'src="data:[^"]*"', "", page.read_text())
    assert not re.search(r"(https?:)?//(?!\s)|url\(|@import", without_images.split("<body>")[0])
    assert all(a["src"].startswith("data:image/") for a in seen.all("img"))


def test_images_name_no_other_file(seen):
    for image in seen.all("img"):
        kind, content = decoded(image["src"])
        if kind == "image/svg+xml":
            links = re.findall(rb'href="([^"]*)"', content)
            assert all(link.startswith((b"#", b"data:image/png;base64,")) for link in links)
            assert b"<script" not in content


def test_the_page_is_small_and_equal_runs_have_equal_pages(page, run, built, tmp_path):
    assert page.stat().st_size < MAX_PAGE_BYTES / 3
    assert write(built.report, tmp_path / "again.html").read_bytes() == page.read_bytes()


PRINTABLE = [text for text in HOSTILE if text.isprintable()]
"""What the names of recorded things may be: the store refuses others."""


def hostile(first):
    """Something hostile in each name; in those of objects of HDF5 without the signs that it cannot have."""

    def rename(text):
        free = text not in RECORDED
        words = (HOSTILE if free else PRINTABLE)[
            (first + sum(map(ord, text))) % len(HOSTILE if free else PRINTABLE)
        ]
        return f"{words if free else words.replace('/', '|').replace('.', ' ')} {text}"

    return rename


@pytest.mark.usefixtures("_small_maps")
@pytest.mark.parametrize(
    "first", [0, *(pytest.param(k, marks=pytest.mark.slow) for k in range(1, len(HOSTILE)))]
)
def test_names_of_any_kind_change_nothing_but_the_words(first, seen, tmp_path):
    """Each name has another of the hostile texts, and with every `first` all have others."""
    with open_results(made_up(tmp_path / "run", hostile(first))) as results:
        html = render(build(results).report)
    assert len(html.encode()) < MAX_PAGE_BYTES
    found = parse(html)
    assert found.faults == []
    assert found.names == seen.names
    assert [list(a) for _, a in found.tags] == [list(a) for _, a in seen.tags]


@pytest.mark.parametrize("text", HOSTILE)
def test_every_place_for_a_text_shows_it_as_text(text):
    def report(word):
        table = Table((word, "b"), [(word, word)], word, word)
        image = Image(word, "data:image/png;base64,", 1, 1, word, vector=False)
        section = Section("one", word, [word], [image], [table, Table(("a",), [(word,)])], [Text(word, word)])
        return Report(word, word, "ok", word, [(word, word)], [section], word)

    found, usual = parse(render(report(text))), parse(render(report("usual")))
    assert found.faults == []
    assert found.names == usual.names
    assert [list(a) for _, a in found.tags] == [list(a) for _, a in usual.tags]
    assert found.all("img")[0]["alt"] == printable(text)
    assert " ".join(str(printable(text)).split()) in found.text


def test_what_cannot_be_printed_is_shown_by_its_code():
    assert printable("a\u202eb\x00c\ud800\n") == "a\\u202eb\\x00c\\ud800\n"
    assert printable(3) == 3


def test_images_beyond_the_budget_are_left_out_and_said(built):
    figure = Figure(figsize=(2, 2))
    figure.subplots().plot([0, 1])
    images = Images(budget=30_000)
    added = [images.add("one", figure, "A caption.") for _ in range(4)]
    assert added[0].uri
    assert not added[-1].uri
    section = Section("one", "One", (), added)
    page = parse(render(Report("t", "", "ok", "s", (), [section])))
    assert "Left out, since the page would have become too large" in page.text


def test_a_figure_with_very_many_points_becomes_a_bitmap():
    figure = Figure(figsize=(2, 2))
    rng = np.random.default_rng(0)
    figure.subplots().scatter(*rng.random((2, 30_000)), s=1)
    assert Images().add("many", figure, "").uri.startswith("data:image/png;")


@pytest.mark.parametrize(
    ("texts", "words"),
    [(1, "did not fit"), (2000, "Long texts did not fit"), (8000, "Texts and tables did not fit")],
)
def test_a_file_full_of_text_still_has_a_page_of_bounded_size(texts, words, tmp_path, monkeypatch):
    monkeypatch.setattr(page_module, "MAX_PAGE_BYTES", 60_000)
    tables = [Table(["a"], [["\x00" * texts]] * (100 if texts == 8000 else 1), "", "")]
    section = Section("one", "One", (), (), tables, [Text("config", "\x00" * 10 * texts)])
    path = write(Report("t", "d", "ok", "s", (), [section]), tmp_path / "page.html")
    assert path.stat().st_size < 60_000
    assert (words in path.read_text()) == (texts > 1)


def test_long_cells_and_tables_are_cut():
    table = Table(["a"], [["x" * 10_000]] * 1000)
    assert (len(table.shown), table.left) == (200, 800)
    assert {len(cell) for row in table.shown for cell in row} == {300}
