"""The list of what the desk has said and of who gave up, the newest first: one of them can be undone, or its undoing be undone."""

from collections.abc import Sequence
from typing import ClassVar

from rich.style import Style
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical

from tracker.core.facts import Fact, Void, Withdrawal
from tracker.core.field import Field
from tracker.core.identities import Identities
from tracker.core.undoing import Said, undoable
from tracker.dashboard.dialog import Dialog
from tracker.dashboard.fact_words import withdrew, words_of
from tracker.dashboard.rows import Rows
from tracker.files.times import format_local
from tracker.text import fit

_DONE = Style(dim=True)


class UndoScreen(Dialog[Said | None]):
    """Which fact is to be undone, or count again."""

    CSS = """
    UndoScreen { align: center middle; }
    #undo-box { width: 94%; height: 80%; border: round; padding: 0 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss", "Back", key_display="esc")]

    def __init__(self, field: Field, timezone: str) -> None:
        super().__init__()
        self._table = SaidTable(undoable(field), field.store.identities, timezone)

    def compose(self) -> ComposeResult:
        """The list."""
        with Vertical(id="undo-box") as box:
            box.border_title = "Enter: undo it, or take its undoing back; Esc: leave"
            yield Rows(id="undo-rows")

    def on_mount(self) -> None:
        """The list has the keys."""
        rows = self.query_one(Rows)
        rows.show(self._table)
        rows.focus()

    def on_rows_chosen(self, message: Rows.Chosen) -> None:
        """That one."""
        message.stop()
        no = self._table.number(message.key)
        self.dismiss(None if no is None else self._table.said[no])


class SaidTable:
    """What was said, as a table by the facts' keys: what is undone and its undoing are both turned over by voiding the same id.

    `known`: the facts that a void names.
    """

    def __init__(self, said: Sequence[Said], known: Identities, timezone: str) -> None:
        self.said = [one for one in said if one.void]
        self._known = known
        self._timezone = timezone
        self.keys = [one.fact.key.hex() for one in self.said]

    def number(self, key: str) -> int | None:
        """The line of a fact."""
        return self.keys.index(key) if key in self.keys else None

    def titles(self, width: int) -> str:
        """Above them."""
        return fit("When       What was said", width)

    def text(self, no: int, width: int) -> str:
        """One fact: when, of whom, what, by whom and why."""
        fact, voided, _ = self.said[no]
        by = "" if isinstance(fact, Withdrawal) else f", by {fact.author}: {fact.reason}"
        words = f"{'UNDONE  ' if voided else ''}{self._words(fact)}{by}"
        return fit(f"{format_local(fact.at_ms, self._timezone, seconds=False)}  {words}", width)

    def _words(self, fact: Fact) -> str:
        """What was said, and of whom; of a void what it undoes."""
        bib = getattr(fact, "bib", None)
        of = f"bib {bib} " if bib else ""
        if isinstance(fact, Withdrawal):
            return f"{of}{withdrew(fact, f' at {fact.station}')}"
        undone = self._known.facts(fact.fact) if isinstance(fact, Void) else ()
        if not undone:
            return f"{of}{words_of(fact, self._timezone)}"
        # voids may name each other: of an undone undoing it is only said that it is one
        return "undoes: " + " AND ".join("an undoing" if isinstance(one, Void) else self._words(one) for one in undone)

    def style(self, no: int) -> Style:
        """What counts for nothing stands back."""
        return _DONE if self.said[no].voided else Style.null()
