"""When the terminal's bell is to ring: once, as something new is to be acted on, in the race or its journal. Pure, without Textual."""

from tracker.dashboard.scene import Scene
from tracker.fold import Fold


class Bell:
    """Knows what was to be acted on when somebody last looked. What a dashboard finds as it opens calls nobody."""

    def __init__(self) -> None:
        self._of: Fold | None = None
        self._open: frozenset[str] = frozenset()

    def is_due(self, scene: Scene) -> bool:
        """Whether to ring now. Never in a replay, which is no news; nor in a race that is played fast, where it would ring all the time."""
        fold = scene.fold
        if fold is None or not scene.source.live:
            return False
        same, before = fold is self._of, self._open
        self._of, self._open = fold, scene.source.troubles | {alert.id for alert in scene.to_act_on(fold)}
        return same and scene.source.clock.speed <= 1 and bool(self._open - before)
