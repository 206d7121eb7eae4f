"""Results for others, one format a file. Each is a function from results to the bytes of one file.

Who takes results has rules: a format for such a receiver says what of the results he would refuse.
"""

from collections.abc import Callable

from tracker.export import (
    csv_results,
    html_results,
    iof_xml,
    itra,
    json_results,
    livetrail_json,
    opensplittime,
    parquet_results,
    pdf_results,
    runsignup,
    splits_csv,
    ultrasignup,
    utmb,
)
from tracker.export.receivers import Refusal
from tracker.export.results import Results

FORMATS: dict[str, Callable[[Results], bytes]] = {
    "csv": csv_results.write,
    "json": json_results.write,
    "html": html_results.write,
    "pdf": pdf_results.write,
    "parquet": parquet_results.write,
    "itra": itra.write,
    "utmb": utmb.write,
    "ultrasignup": ultrasignup.write,
    "runsignup": runsignup.write,
    "splits-csv": splits_csv.write,
    "opensplittime": opensplittime.write,
    "iof-xml": iof_xml.write,
    "livetrail-json": livetrail_json.write,
}
"""Format → what writes it."""
REFUSED: dict[str, Callable[[Results], list[Refusal]]] = {
    "itra": itra.refused,
    "utmb": utmb.refused,
    "ultrasignup": ultrasignup.refused,
    "runsignup": runsignup.refused,
}
"""Format → what its receiver would refuse. Each takes one race a file; for the others there is nothing to refuse."""
WITH_COLUMNS = ("itra", "utmb")
"""The formats whose columns can be chosen."""
