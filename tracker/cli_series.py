"""The words of the series' commands: `tracker qualify`, `tracker elite` and `tracker index`."""

import asyncio
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any

from tracker.cli_command import command, of_a_moment
from tracker.commands.options import day


def qualify(commands: Any) -> None:
    """Add `tracker qualify`."""

    def call(args: Namespace) -> int:
        from tracker.commands import qualify as command_  # noqa: PLC0415  each command loads only what it needs

        return asyncio.run(command_.run(args))

    example = "tracker qualify race.db --series courses/series-2024.toml"
    added = command(commands, "qualify", "say who qualifies for which of the series' Finals, and by which rule", example, call)
    added.add_argument("journal", type=Path, metavar="J.db", help="the journal")
    _series(added)
    of_a_moment(added)
    added.add_argument("--second-chance", type=Path, metavar="LIST.csv", help="the second-chance list: bib,final,year,place")
    added.add_argument("--json", action="store_true", help="one JSON object, with every runner and the reasons")


def elite(commands: Any) -> None:
    """Add `tracker elite`."""

    def call(args: Namespace) -> int:
        from tracker.commands import elite as command_  # noqa: PLC0415

        return asyncio.run(command_.run(args))

    example = (
        "tracker elite courses/andorra-2022.toml --roster roster.csv --series courses/series-2024.toml "
        "--registered 2022-03-01 --opens 2022-01-10 --closes 2022-04-20"
    )
    added = command(commands, "elite", "say which elite entries are free, paid or refused, and why", example, call)
    added.add_argument("event", type=Path, metavar="EVENT.toml", help="the event file")
    added.add_argument("--roster", type=Path, required=True, metavar="R.csv", help="the start list, with the index of each category")
    _series(added)
    added.add_argument("--registered", type=day, required=True, metavar="DATE", help="the day on which they register")
    added.add_argument("--opens", type=day, required=True, metavar="DATE", help="the first day of registration (of the lottery's, if any)")
    added.add_argument("--closes", type=day, required=True, metavar="DATE", help="the last day of registration")
    added.add_argument("--lottery", action="store_true", help="general access is by lottery")
    added.add_argument("--sold-out", action="store_true", help="the distances are sold out")


def index(commands: Any) -> None:
    """Add `tracker index`."""

    def call(args: Namespace) -> int:
        from tracker.commands import index as command_  # noqa: PLC0415

        return asyncio.run(command_.run(args))

    example = "tracker index scores.csv --series courses/series-2024.toml --journal race.db"
    added = command(commands, "index", "estimate the index of each runner from past scores, and what a race makes of it", example, call)
    added.add_argument("scores", type=Path, metavar="SCORES.csv", help="past scores: bib,date,category,score (empty: not finished)")
    _series(added)
    added.add_argument("--at", type=day, metavar="DATE", help="as of a day (default: the day of the journal's last race, or today)")
    added.add_argument("--journal", type=Path, metavar="J.db", help="the scores of its finishers count too, as estimated")
    added.add_argument("--json", action="store_true", help="one JSON object")


def _series(added: ArgumentParser) -> None:
    added.add_argument("--series", type=Path, required=True, metavar="SERIES.toml", help="the series file, as courses/series-2024.toml")
