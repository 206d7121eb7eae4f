"""`--format utmb`: the results of one race for the UTMB Index, as the ITRA's sheet and by its rules.

The exact list of columns is not public: an organiser is told it, and `--columns` writes it.
"""

from tracker.export.itra import RULES, TEMPLATE, WRITTEN, write_sheet
from tracker.export.receivers import Refusal, refusals
from tracker.export.results import Results


def write(results: Results) -> bytes:
    """The one race as .xlsx, with the titles of `results.columns` or of the ITRA's template. ValueError when there are several races."""
    return write_sheet(results, TEMPLATE)


def refused(results: Results) -> list[Refusal]:
    """What would be refused, by the ITRA's rules."""
    return refusals(results, RULES, WRITTEN)
