"""Results for others, one format a file. Each is a function from a state to the bytes of one file."""

from collections.abc import Callable

from tracker.core.field import Field
from tracker.export import csv_results, json_results
from tracker.series.of_runner import Series

FORMATS: dict[str, Callable[[Field, int, list[str], Series | None], bytes]] = {"csv": csv_results.write, "json": json_results.write}
"""Format → (field, its moment in UTC ms, races to write, the series whose word on each runner goes with them, if any) → the file."""
