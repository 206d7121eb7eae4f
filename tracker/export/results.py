"""What every format is made of: the results of some races as they are known, and where they come from.

A file outlives the journal that it was made from: each carries its provenance.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from tracker import views
from tracker.core.field import Field
from tracker.series.of_runner import Series


@dataclass(frozen=True, slots=True)
class Provenance:
    """Whether results are `provisional` or `final`, the digest of the state that they are of, when (UTC ms) and by which version made."""

    state: str
    digest: str
    made_ms: int
    version: str


@dataclass(frozen=True, slots=True)
class Results:
    """A field at its moment `at_ms` (UTC), the races of it that are written, and the series whose word on each runner goes with them.

    `columns` are the titles that were asked for, in their order, for a format that has a choice (none: the format's own).
    """

    field: Field
    at_ms: int
    races: Sequence[str]
    series: Series | None
    provenance: Provenance
    columns: tuple[str, ...] = ()

    def made(self) -> dict[str, str]:
        """The provenance as every file has it: `results`, `digest`, `made` (RFC 3339), `made_by`."""
        known = self.provenance
        made = views.rfc3339(known.made_ms, self.field.event.timezone)
        return {"results": known.state, "digest": known.digest, "made": made, "made_by": f"trail-tracker {known.version}"}
