"""Who is to be judged again when the clock gets there: a cutoff strikes, or somebody becomes overdue.

Moments that lie close together wait together, so that a large field has few of them; nobody is woken before his own moment has come.
"""

from heapq import heappop, heappush

from tracker.core.race_state import Runner

_TOGETHER_MS = 10_000


class Due:
    """The moments ahead. A runner's are his `due_ms` and `overdue_ms`; one that he does not have any more wakes nobody."""

    def __init__(self) -> None:
        self._waiting: dict[int, list[Runner]] = {}
        self._spans: list[int] = []

    def put(self, due_ms: int, runner: Runner) -> None:
        """The clock will change the runner's verdict at `due_ms`."""
        span = due_ms // _TOGETHER_MS
        waiting = self._waiting.get(span)
        if waiting is None:
            heappush(self._spans, span)
            waiting = self._waiting[span] = []
        waiting.append(runner)

    def take(self, now_ms: int) -> list[Runner]:
        """Those of whom a moment has come; they are not told again of that one."""
        come: list[Runner] = []
        now_span = now_ms // _TOGETHER_MS
        while self._spans and self._spans[0] <= now_span:
            span = heappop(self._spans)
            waiting = self._waiting.pop(span)
            for runner in waiting:
                due_ms, overdue_ms = runner.due_ms, runner.overdue_ms
                if (due_ms is not None and due_ms <= now_ms) or (overdue_ms is not None and overdue_ms <= now_ms):
                    come.append(runner)
            if span == now_span:  # the rest of it lies ahead
                later = [runner for runner in waiting if _in_span(runner.due_ms, span, now_ms) or _in_span(runner.overdue_ms, span, now_ms)]
                if later:
                    heappush(self._spans, span)
                    self._waiting[span] = later
                break
        return come


def _in_span(due_ms: int | None, span: int, now_ms: int) -> bool:
    return due_ms is not None and due_ms > now_ms and due_ms // _TOGETHER_MS == span
