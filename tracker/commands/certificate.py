"""`tracker certificate`: PDF certificates of finishers, one file with a page each; of final results, or drafts."""

import sys
from argparse import Namespace
from pathlib import Path

from tracker.commands.opening import UsageError
from tracker.commands.status import State, races_of, read_state
from tracker.core.runner import Status
from tracker.durable import write_whole
from tracker.export import certificates
from tracker.export.lines import STATUS_WORDS
from tracker.export.pdf_results import unseen_lines
from tracker.export.results import Provenance, Results
from tracker.export.typeset import TemplateError, Typeset, pdf


async def run(args: Namespace) -> int:
    """Write the certificates of a journal's finishers, or the shipped template."""
    if args.print_template:
        sys.stdout.write(certificates.shipped_template().decode())
        return 0
    if args.journal is None or (args.bib is None) is not args.all:
        raise UsageError("a certificate is of a journal and one bib in it, or of all who finished (--all): tracker certificate race.db 212")
    state = await read_state(args.journal)
    races = races_of(args.journal, args.race, state)
    bibs = None
    if not args.all:
        races, bibs = [_race_of(args, state, races)], [args.bib]
    made = Provenance.of(state.field, races)
    if made.state != certificates.FINAL and not args.draft:
        lost = f" ({made.reason})" if made.reason else ""
        raise UsageError(
            f"{args.journal}: the results of {', '.join(races)} are {made.state}{lost}; certificates are of final results, or --draft"
        )
    values = certificates.values(Results(state.field, state.at_ms, races, None, made), bibs, draft=args.draft, score=args.score)
    if not values["runners"]:
        raise UsageError(f"{args.journal}: nobody has finished {', '.join(races)}, so there is no certificate to write")
    typeset = _set(args.template, values, made.made_ms)
    for line in unseen_lines(typeset, {runner["bib"]: runner["name"] for runner in values["runners"]}):
        print(f"tracker: {line}", file=sys.stderr)
    try:
        write_whole(args.output, typeset.content)
    except OSError as error:
        raise UsageError(f"{args.output}: cannot be written ({error.strerror}); choose another place") from error
    return 0


def _race_of(args: Namespace, state: State, races: list[str]) -> str:
    """The race that the bib has finished. UsageError when it has finished none of these."""
    runner = state.field.runners.get(args.bib)
    if runner is None:
        raise UsageError(f"{args.journal}: has no bib {args.bib!r} on its roster; tracker status {args.journal} lists every bib")
    race = runner.race.race.id  # the desk may have moved him
    if race not in races:
        raise UsageError(f"{args.journal}: bib {args.bib} is in race {race}, not in {', '.join(races)}; leave --race out")
    status = state.field.verdict(args.bib).status
    if status is not Status.FINISHED:
        raise UsageError(
            f"{args.journal}: bib {args.bib} has not finished (it is: {STATUS_WORDS[status]}), so there is no certificate to write"
        )
    return race


def _set(template: Path | None, values: dict[str, object], made_ms: int) -> Typeset:
    if template is not None and not template.is_file():
        raise UsageError(f"{template}: there is no such file; tracker certificate --print-template prints one to begin with")
    try:
        return pdf(certificates.shipped_template() if template is None else template, values, made_ms)
    except TemplateError as error:
        raise UsageError(f"{template or 'the shipped template'}: {error}") from error
