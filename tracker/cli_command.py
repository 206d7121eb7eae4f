"""How a command is added to `tracker`: its words, its example, what it calls, and the options that several commands share."""

from argparse import ArgumentParser, RawDescriptionHelpFormatter
from pathlib import Path
from typing import Any


def command(commands: Any, name: str, says: str, example: str, call: Any) -> ArgumentParser:
    """Add a command `name` to the parser's `commands`; it has no options yet."""
    added: ArgumentParser = commands.add_parser(
        name,
        help=says,
        description=f"{says[0].upper()}{says[1:]}.",
        epilog=f"example:\n  {example}",
        formatter_class=RawDescriptionHelpFormatter,
    )
    added.set_defaults(call=call)
    return added


def of_a_moment(added: ArgumentParser) -> None:
    """Which race, and as of which moment: the options of whatever shows a journal."""
    added.add_argument("--race", metavar="RACE", help="one race only")
    added.add_argument(
        "--at", metavar="TIME", help="as of a moment: what had happened by then, as known now (local, or RFC 3339 with an offset)"
    )
    added.add_argument("--known-at", metavar="TIME", help="as known at a moment: facts received by then")


def series(added: ArgumentParser, says: str) -> None:
    """The series file and the second-chance list, for whatever shows more with them."""
    added.add_argument("--series", type=Path, metavar="SERIES.toml", help=f"a series file, as courses/series-2024.toml: {says}")
    added.add_argument("--second-chance", type=Path, metavar="LIST.csv", help="with --series: the second-chance list")


def access(added: ArgumentParser) -> None:
    """Who the tracker is at the broker."""
    who = added.add_argument_group(
        "at the broker", "No option has the password, as every process list shows them: a file, or TRACKER_BROKER_PASSWORD."
    )
    who.add_argument("--user", metavar="NAME", help="the account (default: TRACKER_BROKER_USER)")
    who.add_argument("--password-file", type=Path, metavar="FILE", help="its password, the first line of a file")
    who.add_argument("--ca", type=Path, metavar="FILE", help="the ca.crt of the broker (default: whom this machine trusts)")
    who.add_argument("--cert", type=Path, metavar="FILE", help="a certificate of our own, where the broker asks for one")
    who.add_argument("--key", type=Path, metavar="FILE", help="its key")
