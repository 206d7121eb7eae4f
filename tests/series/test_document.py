"""docs/series.md has a row for every sentence of the series' page, and names the rule and the tests that are there."""

import re
from importlib import import_module
from pathlib import Path

import pytest

from tracker.series.qualification import QUALIFIED, Verdict

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs" / "series.md").read_text(encoding="utf-8")
SEED = ROOT.parent / "shared" / "seeds" / "series-elite-rules.txt"
ROWS = [tuple(cell.strip() for cell in row) for row in re.findall(r"^\| (\d+) \|(.*)\|(.*)\|(.*)\|$", DOCUMENT, re.MULTILINE)]
TESTS = {
    name: docstring
    for path in (ROOT / "tests" / "series").glob("test_*.py")
    for name, docstring in re.findall(r'^def (test_\w+)\([^)]*\) -> None:\n(?:    """(.*?)""")?', path.read_text("utf-8"), re.MULTILINE)
}


@pytest.mark.parametrize(("line", "sentence", "rule", "tests"), ROWS, ids=[f"{row[0]} {row[1][:20]}" for row in ROWS])
def test_a_row_names_a_rule_that_exists_and_tests_that_quote_its_line(line: str, sentence: str, rule: str, tests: str) -> None:
    if rule.startswith("no rule"):
        assert tests == ""
        return
    module, _, name = rule.strip("`").partition(".")
    assert hasattr(import_module(f"tracker.series.{module}"), name)
    named = re.findall(r"`(test_\w+)`", tests)
    assert named
    for test in named:
        quoted = TESTS[test]
        assert not quoted or int(line) in _lines_of(quoted), f"{test} quotes another line"


def _lines_of(docstring: str) -> set[int]:
    """The lines that a docstring is of: `Seed 9: …`, `Seed 48 and 54: …`, `Seed 48 to 51 and 54 to 57: …`."""
    head = docstring.split(":", maxsplit=1)[0]
    ranges = [range(int(first), int(last or first) + 1) for first, last in re.findall(r"(\d+)(?: to (\d+))?", head)]
    return {line for one in ranges for line in one}


def test_every_test_of_a_sentence_is_in_the_table() -> None:
    named = set(re.findall(r"`(test_\w+)`", DOCUMENT))
    of_sentences = {name for name, docstring in TESTS.items() if docstring.startswith("Seed ")}
    assert len(of_sentences) > 35
    assert of_sentences - named == set()


def test_every_line_of_the_page_has_its_row_and_every_row_begins_as_a_sentence_of_its_line() -> None:
    if not SEED.exists():
        pytest.skip("the series' page is not beside the checkout")
    page = {number: " ".join(text.split()) for number, text in enumerate(SEED.read_text(encoding="utf-8").splitlines(), 1) if text.strip()}
    assert {int(line) for line, *_ in ROWS} == set(page)
    for line, sentence, _, _ in ROWS:
        begins, rest = sentence.partition(" …")[0], page[int(line)]
        assert begins in rest, f"line {line} has no {begins!r}"
        page[int(line)] = rest[rest.index(begins) + len(begins) :]


def test_the_table_of_results_names_each_one_and_no_other() -> None:
    table = DOCUMENT.split("| result | meaning |")[1].split("\n\n")[0]
    told = [line.split("|")[1].strip() for line in table.splitlines()[2:]]
    assert told == ["qualified by rank, by score, by second chance", *(str(verdict) for verdict in Verdict if verdict not in QUALIFIED)]
