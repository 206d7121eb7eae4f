"""The line into which somebody types or pastes."""

from textual.widgets import Input

from tracker.text import drawable


class QuestionLine(Input):
    """An input that holds nothing but what can be drawn, since what is pasted comes from anywhere; and whose cursor does not blink."""

    def on_mount(self) -> None:
        """At rest nothing goes over the line."""
        self.cursor_blink = False

    def validate_value(self, value: str) -> str:
        """The text without what a terminal would obey, or nobody would see."""
        return drawable(value)
