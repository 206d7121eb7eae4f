"""The log: what comes, as it comes, the newest at the bottom; and the message under the cursor in full."""

from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.message import Message

from tracker.dashboard.following import Following
from tracker.dashboard.guard import alone
from tracker.dashboard.log_table import LogTable, about, details, is_heartbeat, state_line
from tracker.dashboard.panel import Panel
from tracker.dashboard.recent import LogRow, Recent, in_order
from tracker.dashboard.rows import Rows, Table
from tracker.dashboard.scene import About, Scene
from tracker.dashboard.tail import DashboardError
from tracker.fold import Fold
from tracker.journal import FactRow, QuarantineRow

_PAGE = 500
_MOST = 20_000
"""So many facts are held at most when somebody goes up; what is older is seen in a replay."""


class LogRows(Rows):
    """Lines whose last is followed as long as the cursor is on it; going up lets it stand, and `End` follows again."""

    class Above(Message):
        """Somebody wants to see what is older than the first line."""

    def __init__(self, *, id: str) -> None:  # noqa: A002  Textual's own name for it
        super().__init__(id=id)
        self.follows = True

    def show(self, table: Table, *, anew: bool = False) -> None:
        """Show a table; the cursor is on its last line while that is followed."""
        if self.follows:
            self.key = table.keys[-1] if table.keys else None
        super().show(table, anew=anew)
        self._reveal()

    def go_to(self, key: str | None) -> None:
        """Put the cursor on a line, and stay there."""
        self.follows = False
        super().go_to(key)

    def action_move(self, lines: int) -> None:
        """Up from the first line older ones are asked for; down from the last it is followed again."""
        if lines > 0 and self._table is not None and (self.cursor is None or self.cursor >= len(self._table.keys) - 1):
            self.action_last()
            return
        if lines < 0 and self.cursor == 0:
            self.post_message(self.Above())
        super().action_move(lines)

    def action_first(self) -> None:
        """The first line; from there older ones are asked for."""
        if self.cursor == 0:
            self.post_message(self.Above())
        super().action_first()

    def action_last(self) -> None:
        """The last line, from now on whichever that is."""
        if self._table is not None and self._table.keys:
            self.go_to(self._table.keys[-1])
        self.follows = True


class LogScreen(Following):
    """The newest messages of the journal, and what is older on demand."""

    CSS = """
    LogScreen #rows { height: 1fr; }
    LogScreen #detail { height: 9; border-top: solid; }
    LogScreen.-low #detail { height: 5; }
    LogScreen #message { height: auto; text-wrap: wrap; text-overflow: fold; }
    LogScreen.-whole #rows { height: 4; }
    LogScreen.-whole #detail { height: 1fr; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("h", "heartbeats", "Heartbeats", show=False),
        Binding("d", "whole", "Message in full", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._beats = False
        self._recent: Recent | None = None
        self._facts: list[FactRow] = []
        self._quarantined: list[QuarantineRow] = []
        self._seen = 0
        self._table: LogTable | None = None

    def body(self) -> ComposeResult:
        """What is shown, the messages, and one of them in full."""
        yield Panel(id="state")
        yield LogRows(id="rows")
        with VerticalScroll(id="detail"):
            yield Panel(id="message")

    @property
    def rows(self) -> LogRows:
        """The messages."""
        return self.query_one(LogRows)

    def take_keys(self) -> None:
        """The messages have them."""
        self.rows.focus()

    def about(self) -> About:
        """What the message under the cursor is about, and which fact it is."""
        row, fold = self._row, None if self.scene is None else self.scene.fold
        return About() if row is None or fold is None else about(fold, row)

    def show(self, scene: Scene, fold: Fold) -> None:
        """What came meanwhile, unless the cursor holds the lines where they are."""
        source, rows = scene.source, self.rows
        if source.recent is not self._recent:  # another journal, or another moment of it
            self._recent, rows.follows = source.recent, True
        if rows.follows:
            self._facts, self._quarantined = list(source.recent.facts), list(source.recent.quarantined)
            self._seen = source.facts + source.quarantined
        with alone(lambda failure: self.say(f"! the log {failure}")):
            self._table = LogTable(fold, self._lines())
            rows.show(self._table)
        newer = source.facts + source.quarantined - self._seen
        held, beats, whole = len(self._facts), self._beats, self.has_class("-whole")
        counts = (source.facts, held, source.quarantined, newer)
        style = "bold" if whole else ""
        self.panel(
            "state", lambda width: Text(state_line(*counts, width, follows=rows.follows, beats=beats, whole=whole), style, no_wrap=True)
        )
        row = self._row
        self.panel("message", lambda _: Text("nothing has come yet") if row is None else details(fold, row))

    def on_rows_moved(self, _: Rows.Moved) -> None:
        """Another message in full."""
        self.query_one("#detail").scroll_home(animate=False)
        self._show_again()

    def on_rows_chosen(self, _: Rows.Chosen) -> None:
        """The runner whom a message is about."""
        bib = self.about().bib
        if bib is not None and self.scene is not None and self.scene.fold is not None and bib in self.scene.fold.field.runners:
            self.post_message(self.Opened(bib))

    def on_log_rows_above(self, _: LogRows.Above) -> None:
        """Older messages, from the journal."""
        self.run_worker(self._read_older(), name="older", exclusive=True, group="older")

    def action_heartbeats(self) -> None:
        """Show heartbeats too, or hide them."""
        self._beats = not self._beats
        self._show_again()

    def action_whole(self) -> None:
        """Most of the screen and the keys for the message, or for the list again."""
        whole = not self.has_class("-whole")
        self.set_class(whole, "-whole")
        if whole:
            self.query_one("#detail").focus()
        else:
            self.take_keys()
        self._show_again()

    async def _read_older(self) -> None:
        """One page, or as many as it takes until there is something to see."""
        scene, held = self.scene, self._facts
        if scene is None:
            return
        with alone(lambda failure: self.say(f"! older messages {failure}")):
            try:
                before = len(self._lines())
                while held and len(held) < _MOST and len(self._lines()) == before:
                    older = await scene.source.before(held[0].no, _PAGE)
                    if not older or held is not self._facts:  # what is shown by now begins elsewhere
                        break
                    held[:0] = older
            except DashboardError as error:
                self.say(f"! {error}")
            else:
                self._show_again()

    def _lines(self) -> list[LogRow]:
        """The rows to be shown: of what is no fact, only what is no older than the oldest fact."""
        whole = not self._facts or self._facts[0].no == 1
        since_ms = None if whole else self._facts[0].received_ms
        rejected = [row for row in self._quarantined if since_ms is None or row.received_ms >= since_ms]
        return [row for row in in_order(self._facts, rejected) if self._beats or not is_heartbeat(row)]

    @property
    def _row(self) -> LogRow | None:
        """The message under the cursor."""
        key, table = self.rows.under_cursor, self._table
        no = None if key is None or table is None else table.number(key)
        return None if table is None or no is None else table.rows[no]

    def _show_again(self) -> None:
        if self.scene is not None:
            self.follow(self.scene)
