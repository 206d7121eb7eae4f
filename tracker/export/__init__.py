"""Results for others, one format a file. Each is a function from results to the bytes of one file.

Who takes results has rules: a format for such a receiver says what of the results he would refuse. A format's file, and its library, is
loaded when it is first asked for.
"""

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tracker.export.receivers import Refusal
    from tracker.export.results import Results


def _write(module: str) -> "Callable[[Results], bytes]":
    def write(results: "Results") -> bytes:
        written: bytes = import_module(f"tracker.export.{module}").write(results)
        return written

    return write


def _refused(module: str) -> "Callable[[Results], list[Refusal]]":
    def refused(results: "Results") -> "list[Refusal]":
        found: list[Refusal] = import_module(f"tracker.export.{module}").refused(results)
        return found

    return refused


FORMATS: "dict[str, Callable[[Results], bytes]]" = {
    "csv": _write("csv_results"),
    "json": _write("json_results"),
    "html": _write("html_results"),
    "pdf": _write("pdf_results"),
    "parquet": _write("parquet_results"),
    "itra": _write("itra"),
    "utmb": _write("utmb"),
    "ultrasignup": _write("ultrasignup"),
    "runsignup": _write("runsignup"),
    "splits-csv": _write("splits_csv"),
    "opensplittime": _write("opensplittime"),
    "iof-xml": _write("iof_xml"),
    "livetrail-json": _write("livetrail_json"),
}
"""Format → what writes it."""
REFUSED: "dict[str, Callable[[Results], list[Refusal]]]" = {name: _refused(name) for name in ("itra", "utmb", "ultrasignup", "runsignup")}
"""Format → what its receiver would refuse. Each takes one race a file; for the others there is nothing to refuse."""
WITH_COLUMNS = ("itra", "utmb")
"""The formats whose columns can be chosen."""
