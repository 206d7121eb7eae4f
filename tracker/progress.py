"""A progress bar on stderr for work that takes over a second, and nothing where stderr is no terminal."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

_AFTER_S = 1.0


@contextmanager
def progress(label: str, total: int | None) -> Iterator[Callable[[int], None]]:
    """Yields what is to be called with each step's size; the bar appears once the work has taken a second."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda _: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    bar = Progress(*columns, console=console, transient=True)
    task = bar.add_task(label, total=total)
    began_s, shown = monotonic(), False

    def step(count: int) -> None:
        nonlocal shown
        bar.advance(task, count)
        if not shown and monotonic() - began_s > _AFTER_S:
            shown = True
            bar.start()

    try:
        yield step
    finally:
        if shown:
            bar.stop()
