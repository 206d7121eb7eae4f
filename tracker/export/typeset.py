"""From a Typst template and values to a PDF; what people wrote goes in as data and is never read as markup.

It is made as PDF/A, which allows no sign that no font has: so Typst itself names every such sign, and whoever asked for the file is told.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

_NO_FONT = re.compile(r'the text `"(?P<text>.*?)"` could not be displayed')
_ESCAPED = re.compile(r"\\u\{(?P<code>[0-9a-f]+)\}")


class TemplateError(Exception):
    """A template that Typst cannot set: what it says, in one line."""


@dataclass(frozen=True, slots=True)
class Typeset:
    """A document. `unseen`: the signs in it that no font of this machine has; each stands there as an empty box."""

    content: bytes
    unseen: frozenset[str]

    def unseen_in(self, texts: Mapping[str, str]) -> list[str]:
        """The keys of the texts that are not whole, for each a line: which signs."""
        found = ((key, sorted(self.unseen.intersection(text))) for key, text in texts.items())
        return [f"{key}: {' '.join(f'{sign} (U+{ord(sign):04X})' for sign in signs)}" for key, signs in found if signs]


def pdf(template: Path | bytes, values: Mapping[str, Any], made_ms: int) -> Typeset:
    """The template, which finds the values as JSON in `sys.inputs.data`, as PDF. TemplateError when it cannot be set."""
    import typst  # noqa: PLC0415  large: only who makes a PDF waits for it

    words = _words(template, values) | {"format": "pdf", "timestamp": made_ms // 1000, "pdf_tags": False}  # with tags: 16 times the size
    try:
        return Typeset(typst.compile(pdf_standards="a-2b", **words), frozenset())
    except typst.TypstError as error:
        unseen = _unseen(error.diagnostic)
        if not unseen:
            raise TemplateError(_said(error.diagnostic)) from error
    try:
        return Typeset(typst.compile(**words), unseen)
    except typst.TypstError as error:
        raise TemplateError(_said(error.diagnostic)) from error


def _words(template: Path | bytes, values: Mapping[str, Any]) -> dict[str, Any]:
    root = {"root": str(template.absolute().parent)} if isinstance(template, Path) else {}
    return {"input": template, "sys_inputs": {"data": orjson.dumps(values).decode()}, **root}


def _unseen(diagnostic: str) -> frozenset[str]:
    found = "".join(one["text"] for one in _NO_FONT.finditer(diagnostic))
    return frozenset(_ESCAPED.sub(lambda one: chr(int(one["code"], 16)), found))


def _said(diagnostic: str) -> str:
    """The first error, and where it stands, out of what Typst prints."""
    lines = [line.strip(" ┌─│=") for line in diagnostic.splitlines()]
    first = next((number for number, line in enumerate(lines) if line.startswith("error:")), 0)
    where = lines[first + 1] if first + 1 < len(lines) else ""
    hint = next((line for line in lines[first:] if line.startswith("hint:")), "")
    return "; ".join(part for part in (lines[first].removeprefix("error: "), where, hint) if part)
