"""The rows as a table: plain for a terminal, Markdown for the README, and each bound with whether it holds."""

from collections.abc import Sequence

from benchmarks.measuring import Row

_HEAD = ("what", "figure", "beside", "ratio", "bound")


def plain(rows: Sequence[Row]) -> str:
    """Columns of one width, the figures flush right."""
    lines = [_HEAD, *map(_cells, rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(_HEAD))]
    right = (1, 3)
    return "\n".join(
        "  ".join(
            cell.rjust(width) if column in right else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )


def markdown(rows: Sequence[Row]) -> str:
    """The same for the README."""
    lines = [_HEAD, ("---", "---:", "---", "---:", "---"), *map(_cells, rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def bounds(rows: Sequence[Row]) -> str:
    """A line for each bound."""
    return "\n".join(
        f"{'holds' if row.holds else 'does not hold'}: {row.what}, {row.figure}, ratio {_ratio(row)} (bound {row.bound})"
        for row in rows
        if row.holds is not None
    )


def _cells(row: Row) -> tuple[str, ...]:
    return row.what, row.figure, row.beside, _ratio(row), row.bound


def _ratio(row: Row) -> str:
    return "" if row.ratio is None else f"{row.ratio:.2f}"
