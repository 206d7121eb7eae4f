"""When the desk must have spoken so that its word stands over what it answers, also where that was said by a clock that is ahead.

Of two words on one thing the later one stands, and of one moment neither: so a person who answers what he sees answers it later.
"""

from collections.abc import Iterable

from tracker.core.alert import Alert
from tracker.core.clocks import FUTURE_MS
from tracker.core.facts import Accounted, AlertWord, Decision, DeskWord, Void, Withdrawal
from tracker.core.field import Field


def said_at(field: Field, fact: DeskWord, known: Iterable[Alert] = ()) -> int:
    """The moment of a fact (UTC milliseconds), or the first one later than all that it answers: the desk's words of its kind, what is
    known of the runner, what it voids; and not before the newest that its alert, if that is `known`, speaks of.

    What is said to be more than ten minutes from now is no present word of anybody, and is answered when its time has come.
    """
    soon_ms = field.now_ms + FUTURE_MS
    if isinstance(fact, Void):  # it acts on the older ones, however far ahead those are
        of = field.store.identities.facts(fact.fact)
        return max([fact.at_ms, *(one.at_ms + 1 for one in of if isinstance(one, Void) or one.at_ms <= soon_ms)])
    answered = [one.at_ms + 1 for one in field.said if type(one) is type(fact) and not isinstance(one, Withdrawal)]
    if isinstance(fact, Decision | Accounted | Withdrawal) and fact.bib in field.runners:
        seen = field.evidence(fact.bib)
        answered += [one.at_ms + 1 for one in (*seen.passages, *seen.withdrawals, *seen.decisions)]
    if isinstance(fact, AlertWord):
        answered += [one.at_ms for one in known if one.id == fact.alert]
    return max([fact.at_ms, *(at_ms for at_ms in answered if at_ms <= soon_ms)])
