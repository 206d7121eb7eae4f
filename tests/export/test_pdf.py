"""`--format pdf` as a reader of PDF that did not write it sees it: every runner, page numbers, provenance, and no name that is markup."""

import csv
import io
import re
from pathlib import Path

import pytest
from pypdf import PdfReader

from tests.conftest import Tracker
from tests.export.fonts import needs_fonts
from tests.export.golden import hold, journal_of, race, results_of
from tracker.export import FORMATS, pdf_results, typeset
from tracker.export.results import Results
from tracker.export.typeset import TemplateError, Typeset


def pages(content: bytes) -> list[str]:
    """The text of each page; an Arabic name is read from the right, as it stands there."""
    return [page.extract_text() for page in PdfReader(io.BytesIO(content)).pages]


def test_the_list_is_as_it_was(golden: Results) -> None:
    needs_fonts("Noto Sans", "Noto Sans CJK")
    without_pictures = FORMATS["pdf"](golden)
    lines = [line for page in pages(without_pictures) for line in page.splitlines() if "Penalty-Smith" not in line]  # a font may have 🏃
    hold("list.pdf.txt", "\n".join([*lines, ""]).encode())


def test_the_same_state_at_the_same_moment_is_the_same_file(golden: Results) -> None:
    assert FORMATS["pdf"](golden) == FORMATS["pdf"](golden)


def test_the_properties_say_of_which_state_it_is_when_and_by_which_version(golden: Results) -> None:
    found = PdfReader(io.BytesIO(FORMATS["pdf"](golden))).metadata
    assert found is not None
    assert found.title == "Golden Hill: provisional results"
    assert found.author == "trail-tracker 0.0.0"
    assert str(found["/Keywords"]) == f"provisional, {golden.provenance.digest}"
    assert found.creation_date is not None
    assert found.creation_date.timestamp() == golden.provenance.made_ms / 1000


def test_many_runners_take_several_pages_each_with_head_foot_and_number(tmp_path: Path) -> None:
    rows = io.StringIO()
    csv.writer(rows).writerows([("bib", "race", "name"), *((str(bib), "30k", f"Runner {bib}") for bib in range(1, 201))])
    results = results_of(journal_of(race()._replace(roster_csv=rows.getvalue()), tmp_path / "many.db"))
    found = pages(FORMATS["pdf"](results))
    assert len(found) > 2
    for number, page in enumerate(found, 1):
        assert f"page {number} of {len(found)}" in page
        assert "PROVISIONAL RESULTS" in page
        assert results.provenance.digest in page
    assert set(re.findall(r"Runner (\d+)", "\n".join(found))) == {str(bib) for bib in range(1, 201)}


@pytest.mark.parametrize(
    "name", ['#panic("out")', "*bold* _slanted_ $x^2$ // gone", '#read("/etc/passwd")', "[a] ] \\ #{", "@label <label>"]
)
def test_a_name_is_never_read_as_markup(name: str, tmp_path: Path) -> None:
    rows = io.StringIO()
    csv.writer(rows).writerows([("bib", "race", "name"), ("1", "30k", name)])
    [page] = pages(FORMATS["pdf"](results_of(journal_of(race()._replace(roster_csv=rows.getvalue()), tmp_path / "one.db"))))
    assert f"1 1 {name} 4:30:15" in page


def test_a_name_without_end_stays_in_its_column() -> None:
    assert pdf_results.breakable("x" * 60).replace("\u200b", "|") == f"{'x' * 24}|{'x' * 24}|{'x' * 12}"
    assert pdf_results.breakable("Ada Lark") == "Ada Lark"


def test_a_sign_that_no_font_has_is_named_and_the_file_made_all_the_same() -> None:
    template = b"#json(bytes(sys.inputs.data)).name"
    found = typeset.pdf(template, {"name": "A\u0378b"}, 0)
    assert found.unseen == {"\u0378"}
    assert pages(found.content)[0].startswith("A")
    assert typeset.pdf(template, {"name": "Ab"}, 0).unseen == frozenset()


def test_whose_name_it_is_that_no_font_has_is_said() -> None:
    said = pdf_results.unseen_lines(Typeset(b"", frozenset("李")), {"3": "示例 李", "1": "Ada"})
    assert said == [f"no font here can show the name of bib 3: 李 (U+674E); {pdf_results.FONTS}"]
    assert pdf_results.unseen_lines(Typeset(b"", frozenset("李")), {"1": "Ada"}) == [f"no font here can show U+674E; {pdf_results.FONTS}"]
    assert pdf_results.unseen_lines(Typeset(b"", frozenset()), {"3": "示例 李"}) == []


def test_a_template_that_cannot_be_set_says_what_and_where() -> None:
    with pytest.raises(TemplateError, match=r"unknown variable: nothing; .*:2:1"):
        typeset.pdf(b"a\n#nothing", {}, 0)


def test_the_command_writes_it(tmp_path: Path, tracker: Tracker) -> None:
    out = tmp_path / "results.pdf"
    assert tracker("export", journal_of(race(), tmp_path / "race.db"), "--format", "pdf", "-o", out).code == 0
    assert "page 1 of 1" in pages(out.read_bytes())[0]
