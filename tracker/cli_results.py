"""The words of the commands that make results of a journal: `tracker finalise`, `tracker export` and `tracker certificate`."""

import asyncio
from argparse import Namespace
from pathlib import Path
from typing import Any

from tracker.cli_command import access, command, series


def finalise(commands: Any) -> None:
    """Add `tracker finalise`."""

    def call(args: Namespace) -> int:
        from tracker.commands import finalise as command_  # noqa: PLC0415

        return asyncio.run(command_.run(args))

    example = "tracker finalise race.db --race 105k --author Jury --reason protests-decided"
    says = "declare results final, or list what stands in the way"
    added = command(commands, "finalise", says, example, call)
    added.add_argument("journal", type=Path, metavar="J.db", help="the journal")
    added.add_argument("--author", required=True, metavar="NAME", help="who declares it")
    added.add_argument("--reason", required=True, metavar="WORDS", help="why they are final: protests decided, checked with the jury")
    added.add_argument("--race", metavar="RACE", help="one race only (default: every race, all or none)")
    access(added)


def export(commands: Any) -> None:
    """Add `tracker export`."""

    def call(args: Namespace) -> int:
        from tracker.commands import export as command_  # noqa: PLC0415

        return asyncio.run(command_.run(args))

    from tracker.export import FORMATS  # noqa: PLC0415

    added = command(commands, "export", "write results for the pipeline", "tracker export race.db --format csv -o results.csv", call)
    added.add_argument("journal", type=Path, metavar="J.db", help="the journal")
    added.add_argument(
        "--format", required=True, choices=sorted(FORMATS), help="what to write (json: as tracker/export/results.schema.json says)"
    )
    added.add_argument("--race", metavar="RACE", help="one race only")
    added.add_argument("-o", "--output", type=Path, metavar="FILE", help="the file; without it, standard output")
    added.add_argument("--check", action="store_true", help="write nothing: say of every row why the format's receiver would refuse it")
    says = "for itra and utmb: the titles of the columns, if not those of the ITRA's template"
    added.add_argument("--columns", metavar="TITLES", help=f"{says} (Ranking,Time,Family name,…)")
    series(added, "what it says of each runner, in columns of their own")


def certificate(commands: Any) -> None:
    """Add `tracker certificate`."""

    def call(args: Namespace) -> int:
        from tracker.commands import certificate as command_  # noqa: PLC0415

        return asyncio.run(command_.run(args))

    example = "tracker certificate race.db --all --draft -o certificates.pdf"
    added = command(commands, "certificate", "write finishers' certificates as PDF, a page each", example, call)
    added.add_argument("journal", type=Path, nargs="?", metavar="J.db", help="the journal")
    added.add_argument("bib", nargs="?", metavar="BIB", help="of one finisher")
    added.add_argument("--all", action="store_true", help="of all who finished, race by race, in the order of their places")
    added.add_argument("--race", metavar="RACE", help="one race only")
    added.add_argument("--draft", action="store_true", help="of results that are not final too, with DRAFT across the page")
    added.add_argument("--score", action="store_true", help="with the score, where the race gives one")
    added.add_argument("--template", type=Path, metavar="FILE.typ", help="a Typst template of your own (default: the shipped one)")
    added.add_argument("--print-template", action="store_true", help="print the shipped template, to change it, and write nothing")
    added.add_argument(
        "-o", "--output", type=Path, default=Path("certificates.pdf"), metavar="FILE", help="the file (default: certificates.pdf)"
    )
