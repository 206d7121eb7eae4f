"""A recorded race in every format of the results: time and peak memory, beside the format's library writing the same rows alone.

A format that is added is measured at once; what it is measured beside is a line in `_ALONE`.
"""

import csv
import gc
import io
import re
import sys
from collections.abc import Callable
from ctypes import CDLL
from functools import partial
from importlib.resources import files
from pathlib import Path
from string import Template
from time import perf_counter

import orjson
import typst

from benchmarks.measuring import Row, Scale, Timed, compare, quiet
from simulators.replay import recorded
from tracker.core.field import Field
from tracker.core.soundness import digest
from tracker.export import FORMATS, pdf_results
from tracker.export.results import Provenance, Results
from tracker.files.event import read_event
from tracker.files.roster import read_roster
from tracker.wire import Offline, Wire

_FOLDER = Path(__file__).parents[2] / "shared" / "data" / "utmb-2024"
_COURSE = Path(__file__).parents[1] / "courses" / "utmb-2024.toml"
_MOST_TIMES = 3.0
_MB = 1_000_000


def _csv(_: Results, content: bytes) -> tuple[str, Callable[[], object]]:
    rows = list(csv.reader(io.StringIO(content.decode())))

    def alone() -> bytes:
        out = io.StringIO()
        csv.writer(out, lineterminator="\n").writerows(rows)
        return out.getvalue().encode()

    return "csv", alone


def _json(_: Results, content: bytes) -> tuple[str, Callable[[], object]]:
    return "orjson", partial(orjson.dumps, orjson.loads(content), option=orjson.OPT_INDENT_2)


def _html(_: Results, content: bytes) -> tuple[str, Callable[[], object]]:
    page = content.decode()
    found = re.search(r'id="results">(.*?)</script>', page)
    assert found is not None
    data, around = orjson.loads(found[1]), Template("$before$data$after")
    before, after = page[: found.start(1)], page[found.end(1) :]
    return "orjson, Template", lambda: around.substitute(before=before, data=orjson.dumps(data).decode(), after=after).encode()


def _pdf(results: Results, _: bytes) -> tuple[str, Callable[[], object]]:
    template = files("tracker.export").joinpath("results.typ").read_bytes()
    data = {"data": orjson.dumps(pdf_results.values(results)).decode()}
    return "typst", lambda: typst.compile(template, format="pdf", pdf_standards="a-2b", pdf_tags=False, sys_inputs=data)


_ALONE = {"csv": _csv, "json": _json, "html": _html, "pdf": _pdf}
"""Format → the name of its library, and what writes with it alone what stands in the format's file."""


async def measure(scale: Scale) -> list[Row]:
    """A row a format. One whose library is not named has no bound."""
    if not _FOLDER.is_dir():
        print(f"export: no recorded race in {_FOLDER}, nothing measured", file=sys.stderr)
        return []
    results = _results()
    return [await _row(scale.rounds, name, write, results) for name, write in FORMATS.items()]


async def _row(rounds: int, name: str, write: Callable[[Results], bytes], results: Results) -> Row:
    content, peak_mb = _peak(partial(write, results))
    what = f"export, UTMB 2024, {name}"
    library, alone = _ALONE[name](results, content) if name in _ALONE else ("", partial(write, results))
    found = await compare(rounds, _timed(partial(write, results)), _timed(alone))
    figure = f"{found.seconds * 1000:,.0f} ms, {len(content) / _MB:.1f} MB, {peak_mb:,.0f} MB of memory"
    if not library:
        return Row(what, figure)
    beside = f"{library}: {found.baseline_s * 1000:,.0f} ms"
    return Row(what, figure, beside, found.times, f"<= {_MOST_TIMES:g}", found.times <= _MOST_TIMES)


def _timed(work: Callable[[], object]) -> Timed:
    async def timed() -> float:
        with quiet():
            began_s = perf_counter()
            work()
            return perf_counter() - began_s

    return timed


def _peak(work: Callable[[], bytes]) -> tuple[bytes, float]:
    """What the work returns, and by how many MB the process grew at most meanwhile."""
    gc.collect()
    CDLL(None).malloc_trim(0)  # what was freed before is not there to be used again unseen
    Path("/proc/self/clear_refs").write_text("5")  # the high-water mark from now on
    before_kb = _status_kb("VmRSS")
    content = work()
    return content, (_status_kb("VmHWM") - before_kb) * 1024 / _MB


def _status_kb(name: str) -> int:
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith(f"{name}:"))
    return int(line.split()[1])


def _results() -> Results:
    event = read_event(_COURSE.read_text(encoding="utf-8"), str(_COURSE))
    recording = recorded(_FOLDER, event)
    wire, field = Wire(event.id), Field(event, read_roster(recording.roster_csv, "roster.csv", event))
    told = [wire.decode(emission.topic, emission.payload) for emission in recording.emissions]
    facts = [fact for fact in told if not isinstance(fact, Offline)]
    field.extend(facts)
    at_ms = max(event.last_limit_ms, *(fact.at_ms for fact in facts)) + 1
    field.advance(at_ms)
    return Results(field, at_ms, [race.id for race in event.races], None, Provenance("provisional", digest(field), at_ms, "0"))
