"""Simulated time: an event loop that never waits, and processes that can be killed between any two of its steps.

Time jumps to the next timer when nothing is ready. Every handle bears the process that made it in its context; those of a dead process are
never run again, not even their `finally`, as after kill -9.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine
from contextvars import Context, ContextVar, copy_context
from heapq import heappop, heappush
from typing import Any, TypeVar

_T = TypeVar("_T")


class PowerCut(BaseException):
    """The process that runs this line is no more; raised where it is in the middle of something that no `await` parts."""


class Process:
    """One simulated process: what it starts, and what that starts, dies with it. `steps` counts what its loop has run."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.alive = True
        self.steps = 0
        self.dies_at = 0
        """Before which step it is killed; 0: not by count."""
        self.kill: Callable[[], None] = self._dead
        self.files: set[int] = set()
        """Open files, which its system closes when it dies: locks end with them."""
        self.context = copy_context()
        self.context.run(_PROCESS.set, self)

    def _dead(self) -> None:
        self.alive = False


_PROCESS: ContextVar[Process | None] = ContextVar("process", default=None)


def current() -> Process:
    """The process whose code runs now."""
    process = _PROCESS.get()
    assert process is not None, "only a simulated process does this"
    return process


class SimTask(asyncio.Task[Any]):
    """A task whose place in a set does not depend on where it lies in memory: the tracker cancels tasks in a set's order."""

    def __init__(self, number: int, coro: Coroutine[Any, Any, Any], loop: "SimLoop", name: str | None, context: Context | None) -> None:
        self.number = number
        super().__init__(coro, loop=loop, name=name, context=context)

    def __hash__(self) -> int:
        return self.number


class SimLoop(asyncio.BaseEventLoop):
    """First come, first served, as asyncio's own; `time` is in simulated seconds."""

    def __init__(self) -> None:  # nothing of asyncio's own is wanted: no selector, no threads
        self._now_s = 0.0
        self._ready: deque[asyncio.Handle] = deque()
        self._later: list[tuple[float, int, asyncio.TimerHandle]] = []
        self._number = 0
        self._tasks: list[SimTask] = []
        self._closed = False
        self.nothing = copy_context()
        """The context of what no process does: the network, the broker, chance."""
        self.faults: list[str] = []
        """What nobody caught, in words."""

    def time(self) -> float:
        return self._now_s

    def get_debug(self) -> bool:
        return False

    def is_running(self) -> bool:
        return not self._closed

    def is_closed(self) -> bool:
        return self._closed

    def call_soon(self, callback: Callable[..., object], *args: Any, context: Context | None = None) -> asyncio.Handle:  # type: ignore[override]
        handle = asyncio.Handle(callback, args, self, context)
        if not self._closed:
            self._ready.append(handle)
        return handle

    call_soon_threadsafe = call_soon  # type: ignore[assignment]  # there are no threads

    def call_later(  # type: ignore[override]
        self, delay: float, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.TimerHandle:
        return self.call_at(self._now_s + delay, callback, *args, context=context)

    def call_at(  # type: ignore[override]
        self, when: float, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.TimerHandle:
        handle = asyncio.TimerHandle(when, callback, args, self, context)
        self._number += 1
        heappush(self._later, (when, self._number, handle))
        return handle

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None: ...

    def create_future(self) -> asyncio.Future[Any]:
        return asyncio.Future(loop=self)

    def create_task(  # type: ignore[override]
        self, coro: Coroutine[Any, Any, _T], *, name: str | None = None, context: Context | None = None
    ) -> asyncio.Task[_T]:
        task = SimTask(len(self._tasks), coro, self, name or "task", context)
        self._tasks.append(task)  # kept, so that no collection of garbage runs the cleanup of a process that was killed
        return task

    def run_in_executor(self, executor: object, func: Callable[..., _T], *args: Any) -> asyncio.Future[_T]:  # type: ignore[override]
        """Done at once: only aiomqtt's connect asks for a thread, and the simulated one does not block."""
        future: asyncio.Future[_T] = self.create_future()
        try:
            future.set_result(func(*args))
        except OSError as error:
            future.set_exception(error)
        return future

    def remove_reader(self, fd: Any) -> bool:
        """The simulated socket is left alone."""
        fd.pause()
        return True

    def add_reader(self, fd: Any, callback: Callable[..., object], *args: Any) -> None:  # type: ignore[override]
        """The simulated socket is read again."""
        fd.resume()

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if self._closed or isinstance(error, PowerCut):
            return
        self.faults.append(f"{context.get('message')}: {error!r}")

    def run_until(self, end_s: float) -> None:
        """Run what is due up to a moment, which it is then."""
        asyncio._set_running_loop(self)
        try:
            while True:
                self._run_ready()
                while self._later and self._later[0][2].cancelled():
                    heappop(self._later)
                if not self._later or self._later[0][0] > end_s:
                    break
                when_s, _, handle = heappop(self._later)
                self._now_s = max(self._now_s, when_s)
                self._ready.append(handle)
        finally:
            asyncio._set_running_loop(None)
        self._now_s = max(self._now_s, end_s)

    def _run_ready(self) -> None:
        ready = self._ready
        while ready:
            handle = ready.popleft()
            if handle.cancelled():
                continue
            process = handle._context.get(_PROCESS)  # type: ignore[attr-defined]
            if process is not None:
                if not process.alive:
                    continue
                process.steps += 1
                if process.steps == process.dies_at:
                    process.kill()
                    continue
            handle._run()

    def close(self) -> None:
        """Nothing runs any more, and nobody is told of what was in the middle of something."""
        self._closed = True
        self._ready.clear()
        self._later.clear()
        for task in self._tasks:
            task._log_destroy_pending = False  # type: ignore[attr-defined]
        self._tasks.clear()
