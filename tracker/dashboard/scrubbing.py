"""Between the race as it is now and its replay: which of the two a scene shows, one step after the other. No Textual here."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from tracker.dashboard.guard import alone
from tracker.dashboard.replay import Replay
from tracker.dashboard.scene import Scene
from tracker.dashboard.tail import DashboardError, Tail


class Scrubbing:
    """Takes a scene to its tail's past and back; `show` is called whenever there is something else to see. One fold is made at a time."""

    def __init__(self, scene: Scene, tail: Tail, show: Callable[[], None]) -> None:
        self.scene = scene
        self.tail = tail
        self._show = show
        self._replay: Replay | None = None
        self._going: asyncio.Task[None] | None = None

    async def step(self, step_ms: int) -> None:
        """Back by a step (below 0), or on; past the end the race is shown as it is now. DashboardError when nothing can be replayed."""
        if self._replay is None:
            if step_ms > 0:
                return
            self._replay = await Replay.begin(self.tail)
        replay = self._replay
        if replay is None:
            raise DashboardError(f"{self.tail.path}: nothing has come yet that could be replayed; wait for the first fact")
        if not replay.aim(step_ms):
            await self.leave()
            return
        self.scene.source = replay
        self._show()
        if self._going is None:
            self._going = asyncio.create_task(self._go(replay))

    async def leave(self) -> bool:
        """Show the race as it is now; False: it is shown already."""
        await self.close()
        replayed, self._replay = self._replay is not None, None
        self.scene.source = self.tail
        if replayed:
            self._show()
        return replayed

    async def close(self) -> None:
        """Stop on the way, wherever that is."""
        going = self._going
        if going is not None:
            going.cancel()
            with suppress(asyncio.CancelledError):
                await going

    async def arrived(self) -> None:
        """Wait until the moment that was asked for is shown."""
        if self._going is not None:
            await self._going

    async def _go(self, replay: Replay) -> None:
        def fail(failure: str) -> None:
            replay.trouble = failure

        try:
            while not replay.arrived and not replay.trouble:
                with alone(fail):
                    try:
                        await replay.go()
                    except DashboardError as error:
                        fail(str(error))
                self._show()
        finally:
            self._going = None
