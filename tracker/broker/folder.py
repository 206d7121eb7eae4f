"""The folder of a race's broker: Mosquitto's configuration and everything that it reads, made once, and afterwards only added to.

What has been handed out stays valid: a line that is there is never changed, and a file never made anew while it is there.
"""

import csv
import io
import os
import pwd
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from tracker.broker import sheet
from tracker.broker.accounts import SCANNER, Account, BrokerError, accounts
from tracker.broker.certificates import Pair, hosts_in, make_ca, make_server
from tracker.broker.passwords import hashed, new_password
from tracker.core.course import Event
from tracker.durable import write_whole

CONF, PASSWORDS, ACL, SHEET, CARDS, ABOUT = "mosquitto.conf", "passwords", "acl", "accounts.csv", "devices.txt", "broker.toml"
CA, CA_KEY, SERVER, SERVER_KEY = "ca.crt", "ca.key", "server.crt", "server.key"
_SECRET, _OPEN = 0o600, 0o644
LOOPBACK = ("localhost", "127.0.0.1", "::1")


class About(NamedTuple):
    """What a folder was made for. `hosts`: the first is the one that devices are told. `devices`: scanners a station."""

    event: str
    root: str
    port: int
    hosts: tuple[str, ...]
    devices: int

    @property
    def base(self) -> str:
        """What every topic of the event begins with."""
        return f"{self.root}/{self.event}"

    @property
    def url(self) -> str:
        """Where devices connect."""
        host = self.hosts[0]
        return f"mqtts://[{host}]:{self.port}" if ":" in host else f"mqtts://{host}:{self.port}"

    @property
    def toml(self) -> str:
        """As it stands in the folder. Every text is a plain name: no quote needs care."""
        hosts = ", ".join(f'"{host}"' for host in self.hosts)
        return f'event = "{self.event}"\nroot = "{self.root}"\nport = {self.port}\nhosts = [{hosts}]\ndevices = {self.devices}\n'


class Wanted(NamedTuple):
    """What whoever calls for a folder wants in it. None: as it is, and at first what is usual."""

    event: Event
    root: str | None
    port: int | None
    hosts: tuple[str, ...]
    devices: int | None
    named: tuple[str, ...]


class Done(NamedTuple):
    """What was done. `strangers`: accounts of stations that the event no longer has; they stay valid."""

    about: About
    made: list[str]
    added: list[str]
    kept: int
    strangers: list[str]


def prepare(folder: Path, wanted: Wanted, usual: About, now: datetime) -> Done:
    """Make the folder, or add what is missing in it. BrokerError: nothing handed out was changed."""
    with _in_words(folder):
        about = _about(folder, wanted, usual)
        everyone = accounts(wanted.event, about.root, about.devices, wanted.named)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        (folder / "data").mkdir(mode=0o700, exist_ok=True)
        made = _make_certificates(folder, about, now)
        made += _make_missing(folder, {CONF: (configuration(about), _OPEN), ABOUT: (about.toml, _OPEN)})
        if read_about(folder) != about:  # other hosts, or another number of devices
            write_whole(folder / ABOUT, about.toml.encode(), _OPEN)
        made += _make_missing(folder, {SHEET: (sheet.HEADING, _SECRET), ACL: (sheet.ACL_HEADING, _SECRET), PASSWORDS: ("", _SECRET)})
        before = names_in(folder)
        added = [account for account in everyone if account.name not in before]
        _add(folder, about, wanted.event.name, added)
    known = {account.name for account in everyone}
    stations = tuple(f"{station}-" for station in wanted.event.stations)
    strangers = [name for name in before if name not in known and not name.startswith(stations)]
    return Done(about, made, [account.name for account in added], len(before), strangers)


def read_about(folder: Path) -> About:
    """What a folder was made for. BrokerError when it is no broker's."""
    with _in_words(folder):
        try:
            read = tomllib.loads((folder / ABOUT).read_text(encoding="utf-8"))
            host, *more = read["hosts"]
            return About(read["event"], read["root"], read["port"], (host, *more), read["devices"])
        except FileNotFoundError:
            raise BrokerError(f"{folder}: is no broker's folder; make one: tracker broker init {folder} --event EVENT.toml") from None
        except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
            raise BrokerError(f"{folder / ABOUT}: cannot be read ({error}); take it from a copy of the folder") from None


def names_in(folder: Path) -> dict[str, None]:
    """Everybody who has an account: Mosquitto's own file says so."""
    lines = (folder / PASSWORDS).read_text(encoding="utf-8").splitlines()
    return dict.fromkeys(line.partition(":")[0] for line in lines if line.strip())


def configuration(about: About) -> str:
    """Mosquitto's configuration: as free of loss as it can be. Its files are named from the folder, so that the folder can be moved."""
    return f"""\
# Made by tracker broker init for {about.base}. Start Mosquitto inside this folder (tracker broker run does).
listener {about.port}
cafile {CA}
certfile {SERVER}
keyfile {SERVER_KEY}
tls_version tlsv1.2
max_connections 500

allow_anonymous false
password_file {PASSWORDS}
acl_file {ACL}

# What is queued for the tracker outlives a restart; a killed broker loses at most what came since the last second.
persistence true
persistence_location data/
autosave_interval 1
# The default of 1000 drops silently. No persistent_client_expiration: no session ends during a race.
max_queued_messages 10000000
max_inflight_messages 1000
# The standings of the largest field are one message; nothing else comes near.
max_packet_size 33554432

# Started as root it becomes the owner of these files; else it is whoever starts it.
user {_own_user()}

log_dest stderr
log_type error
log_type warning
log_type notice
log_type information
log_timestamp_format %Y-%m-%dT%H:%M:%S
"""


def _own_user() -> str:
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:  # a number without a name, as in a container; it is not root's
        return "mosquitto"


def _about(folder: Path, wanted: Wanted, usual: About) -> About:
    """What the folder is for: as it says itself, or as it is wanted now. BrokerError when the two speak against each other."""
    devices = usual.devices if wanted.devices is None else wanted.devices
    if not folder.exists() or not any(folder.iterdir()):
        return About(wanted.event.id, wanted.root or usual.root, wanted.port or usual.port, wanted.hosts or usual.hosts, devices)
    if not (folder / ABOUT).exists():
        raise BrokerError(f"{folder}: is not empty, and no broker's folder; give a new name")
    about = read_about(folder)
    for name, is_, want in (("event", about.event, wanted.event.id), ("root", about.root, wanted.root), ("port", about.port, wanted.port)):
        if want not in (None, is_):
            raise BrokerError(f"{folder}: was made for {name} {is_}, not {want}, and what is handed out stays valid; give a new folder")
    about = about if wanted.devices is None else about._replace(devices=devices)
    if not (folder / SERVER).exists():
        return about._replace(hosts=wanted.hosts or about.hosts)
    unknown = [host for host in wanted.hosts if host not in hosts_in((folder / SERVER).read_bytes())]
    if unknown:
        remedy = f"delete {SERVER} and {SERVER_KEY} there and say init again with every --host (devices keep their {CA})"
        raise BrokerError(f"{folder}: its certificate is not for {', '.join(unknown)}; {remedy}")
    return about


def _make_certificates(folder: Path, about: About, now: datetime) -> list[str]:
    """The authority and the broker's certificate, each when it is not there. BrokerError when one is there in half."""
    made = []
    if not (folder / CA).exists():
        for name in (SERVER, CA_KEY):
            if (folder / name).exists():
                raise BrokerError(f"{folder / CA}: is missing, and devices trust no other; take it from one of them")
        ca = make_ca(about.event, now)
        write_whole(folder / CA_KEY, ca.key, _SECRET)
        write_whole(folder / CA, ca.certificate, _OPEN)
        made.append(CA)
    if not (folder / SERVER).exists():
        try:
            ca = Pair((folder / CA_KEY).read_bytes(), (folder / CA).read_bytes())
        except FileNotFoundError:
            raise BrokerError(f"{folder / CA_KEY}: is missing, so no certificate can be made; take it from a copy of the folder") from None
        server = make_server(ca, list(dict.fromkeys((*about.hosts, *LOOPBACK))), now)
        write_whole(folder / SERVER_KEY, server.key, _SECRET)
        write_whole(folder / SERVER, server.certificate, _OPEN)
        made.append(SERVER)
    return made


def _make_missing(folder: Path, files: dict[str, tuple[str, int]]) -> list[str]:
    missing = [name for name in files if not (folder / name).exists()]
    for name in missing:
        text, mode = files[name]
        write_whole(folder / name, text.encode(), mode)
    return missing


def _add(folder: Path, about: About, event_name: str, added: Sequence[Account]) -> None:
    """Give each a password. The password file comes last: who stands there has everything else."""
    if not added:
        return
    rows = _rows(folder)
    passwords = {row["account"]: row["password"] for row in rows}  # of an earlier try that was cut short
    ruled = {line.split()[1] for line in (folder / ACL).read_text(encoding="utf-8").splitlines() if line.startswith("user ")}
    new = [sheet.Entry(account, passwords.get(account.name) or new_password()) for account in added]
    _append(folder / SHEET, (sheet.row(entry, about.url, CA) for entry in new if entry.account.name not in passwords))
    for entry in new:
        if entry.account.role != SCANNER:
            write_whole(folder / f"{entry.account.name}.password", f"{entry.password}\n".encode(), _SECRET)
    _append(folder / ACL, (entry.account.acl for entry in new if entry.account.name not in ruled))
    _append(folder / PASSWORDS, (hashed(entry.account.name, entry.password) for entry in new))
    write_whole(folder / CARDS, sheet.cards(_rows(folder), event_name).encode(), _SECRET)


def _rows(folder: Path) -> list[dict[str, str]]:
    """The table of accounts. BrokerError when somebody has made another of it."""
    table = csv.DictReader(io.StringIO((folder / SHEET).read_text(encoding="utf-8")))
    if tuple(table.fieldnames or ()) != sheet.COLUMNS:
        raise BrokerError(
            f"{folder / SHEET}: is not as it was made; take it from a copy, or move it away: then a new one has the new accounts"
        )
    return list(table)


def _append(path: Path, lines: Iterable[str]) -> None:
    before = path.read_bytes()
    end = b"" if not before or before.endswith(b"\n") else b"\n"  # an editor may have left the last line without one
    write_whole(path, before + end + "".join(lines).encode(), path.stat().st_mode & 0o777)


@contextmanager
def _in_words(folder: Path) -> Iterator[None]:
    try:
        yield
    except UnicodeDecodeError as error:
        raise BrokerError(f"{folder}: a file in it is no longer text ({error.reason}); take it from a copy of the folder") from error
    except OSError as error:
        raise BrokerError(f"{error.filename or folder}: no access ({error.strerror}); give a folder of your own") from error
