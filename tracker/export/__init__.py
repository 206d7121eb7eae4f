"""Results for others, one format a file. Each is a function from results to the bytes of one file."""

from collections.abc import Callable

from tracker.export import csv_results, json_results
from tracker.export.results import Results

FORMATS: dict[str, Callable[[Results], bytes]] = {"csv": csv_results.write, "json": json_results.write}
"""Format → what writes it."""
