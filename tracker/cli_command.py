"""How a command is added to `tracker`: its words, its example, and what it calls."""

from argparse import ArgumentParser, RawDescriptionHelpFormatter
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
