"""Cells that no spreadsheet takes for a formula, and the way back: what is written so is read again as it was."""

_BEGINS = ("=", "+", "-", "@", "\t", "\r", "'")


def harmless(text: str | None) -> str:
    """The text as a cell: with an apostrophe before it where a spreadsheet would take it for a formula, or where it begins with one."""
    return f"'{text}" if text and text.startswith(_BEGINS) else text or ""


def meant(cell: str) -> str:
    """The text of a cell that `harmless` wrote; any other is as it stands."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(_BEGINS) else cell
