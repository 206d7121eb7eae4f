"""One runner in full, as a screen of its own that follows the race while it is open."""

from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widgets import Footer

from tracker.dashboard import lines
from tracker.dashboard.following import Following, Notice
from tracker.dashboard.panel import Panel
from tracker.dashboard.runner_lines import runner_text
from tracker.dashboard.sheet import Sheet, make_sheet
from tracker.dashboard.tail import Tail


class RunnerScreen(Following):
    """What is known of one bib."""

    CSS = """
    #runner { height: auto; text-wrap: wrap; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,enter,backspace", "dismiss", "Back", key_display="esc")]

    def __init__(self, bib: str) -> None:
        super().__init__()
        self.bib = bib
        self._sheet: Sheet | None = None

    def compose(self) -> ComposeResult:
        """The head, and the runner below it."""
        yield Panel(id="runner-head")
        yield Notice(id="runner-notice")
        with VerticalScroll(id="runner-body"):
            yield Panel(id="runner")
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """The text has the keys that scroll."""
        self.query_one("#runner-body").focus()

    def follow(self, tail: Tail) -> None:
        """Show the runner as the tail has them now."""
        if tail.fold is None:
            return
        fold, field = tail.fold, tail.fold.field
        runner = field.runners.get(self.bib)
        if runner is None:  # the journal is another one by now
            self.query_one("#runner", Panel).show(lambda _: Text(f"bib {self.bib} is not on the roster"))
            return
        race = runner.race.race  # the desk may have moved him
        if self._sheet is None or self._sheet.race is not race or self._sheet.version != field.version(race.id):
            self._sheet = make_sheet(field, race.id)
        sheet, seen, now_ms = self._sheet, field.evidence(self.bib), field.now_ms
        start_ms = sheet.under.rules.starts.race_ms
        head = self.query_one("#runner-head", Panel)
        head.show(lambda width: lines.head(fold.event.name, race.name, start_ms, now_ms, fold.event.timezone, tail.clock, width))
        self.query_one("#runner", Panel).show(lambda width: runner_text(sheet, self.bib, seen, width))
