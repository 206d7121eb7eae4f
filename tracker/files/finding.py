"""What is wrong in a file that an organiser wrote, in a sentence for the person who must act.

Only the shape of a finding lives here; what is found is said by the modules that read.
"""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """A fault keeps the file from being used; a doubt is for a person to look at."""

    FAULT = "fault"
    DOUBT = "doubt"


@dataclass(frozen=True, slots=True)
class Finding:
    """`where` is the file and the place in it, `what` was found there, `do` is what to do about it; printed in one line."""

    severity: Severity
    where: str
    what: str
    do: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}. {self.do}."


class FileError(Exception):
    """A file that cannot be used. `faults` is every fault of it; `str` is one line a fault."""

    def __init__(self, faults: tuple[Finding, ...]) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.faults = faults


def fault(where: str, what: str, do: str) -> Finding:
    """A finding that keeps the file from being used."""
    return Finding(Severity.FAULT, where, what, do)


def doubt(where: str, what: str, do: str) -> Finding:
    """A finding for a person to look at."""
    return Finding(Severity.DOUBT, where, what, do)
