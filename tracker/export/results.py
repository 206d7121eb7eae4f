"""What every format is made of: the results of some races as they are known, and where they come from.

A file outlives the journal that it was made from: each carries its provenance.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.metadata import version

from tracker import views
from tracker.clock import wall_ms
from tracker.core.field import Field
from tracker.core.finals import finality
from tracker.core.soundness import digest
from tracker.series.of_runner import Series


@dataclass(frozen=True, slots=True)
class Provenance:
    """Whether results are `provisional` or `final`, the digest of the state that they are of, when (UTC ms) and by which version made.

    `reason`: why they are provisional although they were declared final; empty: they were not.
    """

    state: str
    digest: str
    made_ms: int
    version: str
    reason: str = ""

    @classmethod
    def of(cls, field: Field, races: Iterable[str]) -> "Provenance":
        """Of results of some races of a field that are made now: final only if those of each of the races are."""
        known = {race: finality(field, race) for race in races}
        lost = [f"{race} was declared final by {one.final.author}" for race, one in known.items() if one.final and not one.holds]
        state = "final" if known and all(one.holds for one in known.values()) else "provisional"
        reason = f"{'; '.join(lost)}; a fact that came later changed it" if lost else ""
        return cls(state, digest(field), wall_ms(), version("trail-tracker"), reason)


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
        """The provenance as every file has it: `results` (`provisional: `, and the reason, of what was final), `digest`, `made` (RFC 3339),
        `made_by`.
        """
        known = self.provenance
        state = f"{known.state}: {known.reason}" if known.reason else known.state
        made = views.rfc3339(known.made_ms, self.field.event.timezone)
        return {"results": state, "digest": known.digest, "made": made, "made_by": f"trail-tracker {known.version}"}
