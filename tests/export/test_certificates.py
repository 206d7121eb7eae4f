"""`tracker certificate` as readers of PDF and of QR codes that did not write it see it, in four scripts, from several templates."""

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson
import pytest
import typst
import zxingcpp
from PIL import Image
from pypdf import PdfReader

from tests.conftest import Tracker
from tests.export.fonts import needs_fonts
from tests.export.golden import journal_of, race
from tracker.export import certificates, typeset
from tracker.export.results import Results

FINISHERS = ["1", "2", "3", "11", "4"]


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    return journal_of(race(), tmp_path / "race.db")


def texts(path: Path) -> list[str]:
    return [page.extract_text() for page in PdfReader(path).pages]


def png(values: dict[str, Any], ppi: float) -> list[bytes]:
    """The shipped template as a picture a page."""
    data = {"data": orjson.dumps(values).decode()}
    pages = typst.compile(certificates.shipped_template(), format="png", ppi=ppi, sys_inputs=data)
    return pages if isinstance(pages, list) else [pages]


def pictures(results: Results, bibs: Sequence[str], *, draft: bool = False) -> list[Image.Image]:
    values = certificates.values(results, bibs, draft=draft, score=True)
    return [Image.open(io.BytesIO(page)).convert("L") for page in png(values, 120)]


def test_all_who_finished_have_a_page_in_the_order_of_their_places(journal: Path, tmp_path: Path, tracker: Tracker) -> None:
    needs_fonts("Noto Sans", "Noto Sans CJK")
    assert tracker("certificate", journal, "--all", "--draft", "-o", tmp_path / "all.pdf").code == 0
    found = texts(tmp_path / "all.pdf")
    names = ["Élodie Žižkůvka", "Алёна Примерская", "示例 李", "Penalty-Smith", "مثال"]
    assert [name in page for name, page in zip(names, found, strict=True)] == [True] * 5
    assert "bib 11 · Hill Runners · GB" in found[3]
    assert "5:00:00" in found[3]  # with the penalty
    assert [words for words in ("4 of 5", "Place M\n2", "Place O19\n2") if words in found[3]] == ["4 of 5", "Place M\n2", "Place O19\n2"]
    assert all("Golden Hill" in page and "25 June 2022" in page and "DRAFT" in page and "Score" not in page for page in found)


def test_one_finisher_has_one_page_with_the_score_if_asked(journal: Path, tmp_path: Path, tracker: Tracker, golden: Results) -> None:
    out = tmp_path / "one.pdf"
    assert tracker("certificate", journal, "2", "--draft", "--score", "-o", out).code == 0
    [page] = texts(out)
    score = golden.field.score("2")
    assert score is not None
    assert f"Score (estimated)\n{score[0]}" in page
    assert f"digest {golden.provenance.digest}" in page
    assert "results provisional" in page


def test_of_final_results_nothing_is_written_across_the_page(golden: Results) -> None:
    values = certificates.values(golden, ["1"], draft=False, score=False)
    found = typeset.pdf(certificates.shipped_template(), values, 0)
    assert "DRAFT" not in PdfReader(io.BytesIO(found.content)).pages[0].extract_text()


def test_a_name_in_any_script_is_drawn_and_the_qr_code_is_the_digest(golden: Results) -> None:
    needs_fonts("Noto Sans", "Noto Sans Arabic", "Noto Sans CJK")
    bibs = ["1", "2", "3", "4"]
    values = certificates.values(golden, bibs, draft=False, score=True)
    assert typeset.pdf(certificates.shipped_template(), values, 0).unseen == frozenset()
    pages = pictures(golden, bibs)
    assert len(pages) == 4
    for page in pages:
        assert [code.text for code in zxingcpp.read_barcodes(page)] == [golden.provenance.digest]
    width, height = pages[0].size
    names = [page.crop((0, height * 30 // 100, width, height * 40 // 100)) for page in pages]
    assert all(sum(name.histogram()[:100]) > 500 for name in names)
    assert len({name.tobytes() for name in names}) == 4


def test_the_shipped_template_is_printed_and_one_changed_is_taken_with_a_picture_beside_it(
    journal: Path, tmp_path: Path, tracker: Tracker
) -> None:
    printed = tracker("certificate", "--print-template").out
    assert printed.encode() == certificates.shipped_template()
    Image.new("RGB", (8, 8), "red").save(tmp_path / "logo.png")
    mine = tmp_path / "mine.typ"
    mine.write_text(printed.replace('upper("Finisher")', '[Well run #image("logo.png", width: 1cm)]'), encoding="utf-8")
    assert tracker("certificate", journal, "1", "--draft", "--template", mine, "-o", tmp_path / "mine.pdf").code == 0
    [page] = PdfReader(tmp_path / "mine.pdf").pages
    assert "W e l l  r u n" in page.extract_text().replace("\xa0", " ") or "Well run" in page.extract_text()
    assert len(page.images) == 1


@pytest.mark.parametrize("name", ['#panic("out")', '#eval("1/0")', "*bold* $x$ // gone", "</svg><script>"])
def test_a_name_is_never_read_as_markup(name: str, golden: Results) -> None:
    values = certificates.values(golden, ["1"], draft=True, score=True)
    values["runners"][0]["name"] = name
    found = typeset.pdf(certificates.shipped_template(), values, 0)
    assert name in PdfReader(io.BytesIO(found.content)).pages[0].extract_text()


def test_a_name_of_any_length_stays_on_its_page(golden: Results) -> None:
    values = certificates.values(golden, ["1"], draft=False, score=True)
    values["runners"][0]["name"] = "Maximiliana-Konstantina " * 3 + "Longnames"
    [page] = png(values, 60)
    picture = Image.open(io.BytesIO(page)).convert("L")
    width, height = picture.size
    for side in ((26, 0, 54, height), (width - 54, 0, width - 26, height)):  # inside the frame, outside the text
        assert sum(picture.crop((side[0], 40, side[2], height - 40)).histogram()[:200]) == 0


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (["{journal}", "1"], "{journal}: the results of 30k are provisional; certificates are of final results, or --draft"),
        (["{journal}", "5", "--draft"], "{journal}: bib 5 has not finished (it is: withdrawn), so there is no certificate to write"),
        (["{journal}", "8", "--draft"], "{journal}: bib 8 has not finished (it is: disqualified), so there is no certificate to write"),
        (["{journal}", "10", "--draft"], "{journal}: bib 10 has not finished (it is: racing), so there is no certificate to write"),
        (
            ["{journal}", "77", "--draft"],
            "{journal}: has no bib '77' on its roster; tracker status {journal} lists every bib",
        ),
        (
            ["{journal}", "--draft"],
            "a certificate is of a journal and one bib in it, or of all who finished (--all): tracker certificate race.db 212",
        ),
        (
            ["{journal}", "1", "--draft", "--template", "{tmp}/none.typ"],
            "{tmp}/none.typ: there is no such file; tracker certificate --print-template prints one to begin with",
        ),
        (["{journal}", "1", "--draft", "--template", "{tmp}/bad.typ"], "{tmp}/bad.typ: unknown variable: nothing; bad.typ:2:1"),
        (
            ["{journal}", "1", "--draft", "-o", "{tmp}/none/out.pdf"],
            "{tmp}/none/out.pdf: cannot be written (No such file or directory); choose another place",
        ),
    ],
)
def test_an_error_says_what_where_and_what_to_do_in_one_line(
    words: list[str], error: str, journal: Path, tmp_path: Path, tracker: Tracker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bad.typ").write_text("a\n#nothing")
    said = tracker("certificate", *(word.format(tmp=tmp_path, journal=journal) for word in words))
    assert (said.code, said.out, said.err.strip()) == (1, "", "tracker: " + error.format(tmp=tmp_path, journal=journal))
    assert list(tmp_path.glob("**/*.pdf")) == []
