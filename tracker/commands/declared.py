"""What has changed since results were declared final: the field as it was known then, beside the field as it is.

The desk's word names the results by their digest, so what is shown as declared is proved to be just that.
"""

from collections.abc import Iterable
from pathlib import Path

from tracker.commands.opening import fold
from tracker.core.changes import Turn
from tracker.core.field import Field
from tracker.core.finals import changed_results, finality, results_digest
from tracker.journal import Journal

Changes = dict[str, list[Turn] | None]
"""By race whose final no longer holds: whose results have changed; None: this journal did not hold by then what was declared."""


async def changes_since(path: Path, field: Field, races: Iterable[str]) -> Changes:
    """What of those of some races that were declared final no longer holds in a field of the journal at `path`."""
    known = {race: finality(field, race) for race in races}
    finals = {race: final for race, (final, holds) in known.items() if final is not None and not holds}
    found: Changes = {}
    if not finals:
        return found
    async with await Journal.open(path) as journal:
        for race, final in finals.items():
            then = (await fold(journal, None, final.at_ms)).field
            then.advance(max(final.at_ms, then.now_ms))
            found[race] = changed_results(then, field, race) if results_digest(then, race) == final.results else None
    return found
