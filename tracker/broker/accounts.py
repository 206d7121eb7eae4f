"""Who has an account at a race's broker, and what each may say and hear there.

A scanner speaks for its own station alone and hears what was written down of its own facts alone; what is not granted here, is refused.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from tracker.core.course import Event

SCANNER = "scanner"
DEVICE_KINDS = ("passage", "withdrawal", "heartbeat")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*", re.ASCII)


class BrokerError(Exception):
    """A broker's folder, account or certificate that cannot be made or read: which, why, and what to do, in one line."""


class Account(NamedTuple):
    """A user at the broker. `station` None: no scanner's. `publishes` and `reads` are filters of topics, without any other right."""

    name: str
    role: str
    publishes: tuple[str, ...]
    reads: tuple[str, ...]
    station: str | None = None

    @property
    def acl(self) -> str:
        """Its part of Mosquitto's ACL file."""
        rights = [f"topic write {one}\n" for one in self.publishes] + [f"topic read {one}\n" for one in self.reads]
        return f"\nuser {self.name}\n{''.join(rights)}"


def accounts(event: Event, root: str, devices: int, named: Sequence[str] = ()) -> list[Account]:
    """The four of the race office, then for each station `devices` scanners (`botella-1`, `botella-2`) and those that are `named`.

    BrokerError when a named one begins with no station of the event.
    """
    base = f"{root}/{event.id}"
    scanners = [(f"{station}-{number}", station) for station in event.stations for number in range(1, devices + 1)]
    scanners += [(name, station_of(event, name)) for name in named]
    order = list(event.stations)
    scanners.sort(key=lambda one: order.index(one[1]))
    return [*_office(base), *(_scanner(base, name, station) for name, station in dict.fromkeys(scanners))]


def station_of(event: Event, device: str) -> str:
    """The station that a device is named after; of several that fit, the longest. BrokerError: none."""
    found = [station for station in event.stations if device.startswith(f"{station}-")]
    if not found or not _NAME.fullmatch(device):
        example = f"{event.stations[0]}-3; the stations are {', '.join(event.stations)}"
        raise BrokerError(f"--device {device}: is named after no station; write STATION-NAME, for example {example}")
    return max(found, key=len)


def _office(base: str) -> tuple[Account, ...]:
    heard, system, live = f"{base}/#", "$SYS/broker/#", f"{base}/live/#"
    desk = (f"{base}/desk/#", f"{base}/+/withdrawal")  # what the radio tells of a withdrawal is said as the station's own
    return (
        Account("tracker", "the ingest, and the dashboard that tracker run shows", (live, *desk), (heard, system)),
        Account("standby", "a second ingest, and its dashboard", (live, *desk), (heard, system)),
        Account("desk", "a dashboard elsewhere: tracker watch, tracker web --write", desk, ()),
        Account("screen", "any number of screens, for looking only", (), (live,)),
    )


def _scanner(base: str, name: str, station: str) -> Account:
    return Account(name, SCANNER, tuple(f"{base}/{station}/{kind}" for kind in DEVICE_KINDS), (f"{base}/live/ack/{name}",), station)
