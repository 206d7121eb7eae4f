"""One runner in full, as a screen that follows the race and stays with its runner."""

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import VerticalScroll

from tracker.dashboard.following import Following
from tracker.dashboard.panel import Panel
from tracker.dashboard.runner_lines import runner_text
from tracker.dashboard.scene import Scene
from tracker.fold import Fold


class RunnerScreen(Following):
    """What is known of the bib that was chosen."""

    CSS = """
    RunnerScreen #runner { height: auto; text-wrap: wrap; }
    """

    def body(self) -> ComposeResult:
        """The runner, as long as the text is."""
        with VerticalScroll(id="runner-body"):
            yield Panel(id="runner")

    def take_keys(self) -> None:
        """The text has the keys that scroll."""
        self.query_one("#runner-body").focus()

    def show(self, scene: Scene, fold: Fold) -> None:
        """The runner as he is now."""
        bib, field = scene.bib, fold.field
        runner = None if bib is None else field.runners.get(bib)
        if bib is None or runner is None:
            words = "nobody is chosen yet: / finds a runner" if bib is None else f"bib {bib} is not on the roster"
            self.panel("runner", lambda _: Text(words))
            return
        sheet, seen = scene.sheet(fold, runner.race.race.id), field.evidence(bib)
        self.panel("runner", lambda width: runner_text(sheet, bib, seen, width))
