"""What is handed out: a table of every account for machines, and cards to cut apart for the people who type them into a scanner."""

import csv
import io
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from tracker.broker.accounts import Account

COLUMNS = ("account", "password", "url", "ca_file", "station", "role", "publishes", "reads")
HEADING = ",".join(COLUMNS) + "\n"
ACL_HEADING = "# What each account may write and read; what does not stand here, is refused.\n"
_WIDTH = 78


class Entry(NamedTuple):
    """An account and its password."""

    account: Account
    password: str


def row(entry: Entry, url: str, ca_file: str) -> str:
    """An account's line of the table."""
    account, out = entry.account, io.StringIO()
    rights = (" ".join(account.publishes), " ".join(account.reads))
    csv.writer(out, lineterminator="\n").writerow((account.name, entry.password, url, ca_file, account.station, account.role, *rights))
    return out.getvalue()


def cards(rows: Iterable[Mapping[str, str]], event_name: str) -> str:
    """The table's scanners, a card each, in its order: what a volunteer types."""
    rule = "-" * _WIDTH
    heading = f"{event_name}: a card a scanner. Each is a secret: hand out one alone.\n{rule}\n"
    return heading + "".join(f"{_card(one)}{rule}\n" for one in rows if one["station"])


def _card(one: Mapping[str, str]) -> str:
    publishes = one["publishes"].split()
    lines = {
        "station": one["station"],
        "device": one["account"],
        "broker": one["url"],
        "user": one["account"],
        "password": one["password"],
        "CA file": one["ca_file"],
        "publish": publishes[0] + ", QoS 1",
        "also": ", ".join(f"…/{topic.rpartition('/')[2]}" for topic in publishes[1:]),
        "subscribe": one["reads"],
    }
    return "".join(f"  {name:<10} {value}\n" for name, value in lines.items())
