"""One runner in full, as a screen that follows the race and stays with its runner."""

from time import monotonic

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import VerticalScroll

from tracker.core.race_state import RaceState
from tracker.dashboard.following import Following
from tracker.dashboard.pace import middle_ms, pace_plot
from tracker.dashboard.panel import Panel
from tracker.dashboard.runner_lines import runner_text
from tracker.dashboard.scene import Scene
from tracker.files.times import MINUTE_MS
from tracker.fold import Fold

_PLOT_LINES = 12
_MIDDLE_AGE_S = 60


class RunnerScreen(Following):
    """What is known of the bib that was chosen."""

    CSS = """
    RunnerScreen #runner { height: auto; text-wrap: wrap; padding: 0 0 1 0; }
    RunnerScreen #pace { height: auto; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._middle: list[int | None] = []
        self._middle_of: tuple[RaceState, int, int] | None = None

    def body(self) -> ComposeResult:
        """The runner, as long as the text is."""
        with VerticalScroll(id="runner-body"):
            yield Panel(id="runner")
            yield Panel(id="pace")

    def take_keys(self) -> None:
        """The text has the keys that scroll."""
        self.query_one("#runner-body").focus()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Beside a runner stands his own race, and no key leads to another."""
        is_his = self.scene is not None and (fold := self.scene.fold) is not None and self.scene.bib in fold.field.runners
        return not (action == "race" and is_his) and super().check_action(action, parameters)

    def follow(self, scene: Scene) -> None:
        """Whoever looks at a runner is at the runner's race: the head speaks of that one."""
        if scene.bib is not None:
            scene.choose(scene.bib)
        super().follow(scene)

    def show(self, scene: Scene, fold: Fold) -> None:
        """The runner as he is now."""
        bib, field = scene.bib, fold.field
        runner = None if bib is None else field.runners.get(bib)
        if bib is None or runner is None:
            words = "nobody is chosen yet: / finds a runner" if bib is None else f"bib {bib} is not on the roster"
            self.panel("runner", lambda _: Text(words))
            return
        sheet = scene.sheet(fold, runner.race.race.id)
        self.panel("runner", lambda width: runner_text(field, sheet, bib, width, scene.series))
        middle = self._middle_now(runner.race, field.now_ms)
        self.panel("pace", lambda width: pace_plot(runner, middle, width, _PLOT_LINES))

    def _middle_now(self, state: RaceState, now_ms: int) -> list[int | None]:
        """The field's middle times, made anew once a minute of the race and of the wall: they move slowly, and everybody's are in them."""
        of = (state, now_ms // MINUTE_MS, int(monotonic()) // _MIDDLE_AGE_S)
        if of != self._middle_of:
            self._middle_of = of
            self._middle = middle_ms(state)
        return self._middle
