"""Whether a program in a terminal has done what it was asked: on a busy machine nobody can tell by the time that has passed."""

from pathlib import Path


def waits(pid: int) -> bool:
    """Whether every thread of a process waits for something to do; one for which no processor has had time yet does not."""
    try:
        states = {_state(thread / "stat") for thread in Path(f"/proc/{pid}/task").iterdir()}
    except (FileNotFoundError, ProcessLookupError):  # one of them has just ended
        return False
    return states == {"S"}


def _state(stat: Path) -> str:
    """The letter behind the name, which may have anything in it."""
    return stat.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[0]
