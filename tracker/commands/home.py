"""Where a journal's tracker is at home, and which session at the broker is its own: a journal may have been copied from elsewhere."""

import logging
from pathlib import Path
from uuid import getnode

from tracker.journal import Journal
from tracker.mqtt.address import Broker
from tracker.mqtt.sessions import is_in_use

log = logging.getLogger(__name__)


async def session_name(journal: Journal, event: str) -> str:
    """The name of the session in which a broker keeps what is for this journal."""
    return f"tracker-{event}-{await journal.session()}"


async def is_at_home(journal: Journal) -> bool:
    """Whether the session's tracker ran last here, and not on the journal that this is a copy of."""
    return await journal.home() == _here(journal.path)


async def settle(journal: Journal, broker: Broker, status_topic: str) -> bool:
    """A journal that was copied bears the session of its original: go on with that only if the original's tracker is no more.

    Returns whether the session is one that a broker has kept before.
    """
    home, here = await journal.home(), _here(journal.path)
    if home == here:
        return True
    used = False if home is None else await is_in_use(broker, status_topic, await journal.session())
    if used is None:
        log.warning("%s: came from elsewhere, and %s cannot be asked whether its first tracker still runs", journal.path, broker)
        return True  # the next start asks again; two that run are noticed in any case
    await journal.settle(here, anew=used)
    if used:
        log.warning(
            "%s: is a copy of a journal whose tracker runs, so this is a second tracker now, with a session of its own; "
            "what only the other has comes from the devices, or by tracker merge",
            journal.path,
        )
    elif home is not None:
        log.info("%s: came from elsewhere, where no tracker speaks any more; this one goes on with its session", journal.path)
    return home is not None and not used


def _here(journal: Path) -> str:
    """This machine, and where on it the journal is."""
    try:
        machine = Path("/etc/machine-id").read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        machine = f"{getnode():012x}"
    return f"{machine}:{journal.resolve()}"
