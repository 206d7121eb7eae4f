"""Who a command is at the broker: from its options, the environment, or the address that it was given.

A password never stands in the arguments of a process that is started here: it goes on by the environment, which its owner alone can read.
"""

import os
import sys
from argparse import Namespace
from contextlib import suppress
from pathlib import Path

from tracker.commands.opening import UsageError, read_text
from tracker.mqtt.address import Access, Broker

USER, PASSWORD = "TRACKER_BROKER_USER", "TRACKER_BROKER_PASSWORD"


def access_of(args: Namespace) -> Access:
    """What the options and the environment say. UsageError or MqttFault: they cannot be used."""
    if (args.cert is None) is not (args.key is None):
        raise UsageError("--cert and --key: the one is of no use without the other; give both")
    password = os.environ.get(PASSWORD) if args.password_file is None else _first_line(args.password_file)
    access = Access(args.user or os.environ.get(USER) or None, password or None, args.ca, args.cert, args.key)
    if access.ca or access.cert:
        access.tls()  # what is wrong with the files is said now, and not when the broker is back
    return access


def broker_of(args: Namespace) -> Broker | None:
    """The broker of `--broker`; None without it. UsageError or MqttFault: it is none, or cannot be used so."""
    if args.broker is None:
        return None
    access = access_of(args)
    broker = Broker.parse(args.broker, access)
    if not broker.tls and (access.ca or access.cert):
        raise UsageError(f"--broker {broker}: has no TLS, so no certificate is of use; write mqtts:// (usually port 8883)")
    if broker.access.password is not None and broker.access.username is None:
        raise UsageError(f"a password for {broker}, and no user; give --user, or {USER}")
    if Broker.parse(args.broker).access.password is not None:
        words = f"whoever lists the processes of this machine reads the password in --broker; give --password-file, or {PASSWORD}"
        with suppress(OSError):
            print(f"tracker: {words}", file=sys.stderr, flush=True)
    return broker


def need_no_access(args: Namespace, why: str) -> None:
    """UsageError when an option says who the tracker is at a broker, and there is none."""
    given = {"--ca": args.ca, "--cert": args.cert, "--key": args.key, "--user": args.user, "--password-file": args.password_file}
    for option, value in given.items():
        if value is not None:
            raise UsageError(f"{option}: {why}")


def words_for(access: Access, broker: Broker | None) -> list[str]:
    """The options with which a process of our own finds the broker; who it is there, is in `environment`."""
    words = [] if broker is None else ["--broker", str(broker)]
    for option, path in (("--ca", access.ca), ("--cert", access.cert), ("--key", access.key)):
        words += [] if path is None else [option, str(path)]
    return words


def environment(access: Access) -> dict[str, str]:
    """What the environment of a process of our own has besides ours."""
    named = {USER: access.username, PASSWORD: access.password}
    return {name: value for name, value in named.items() if value is not None}


def _first_line(path: Path) -> str:
    lines = read_text(path).splitlines()
    if not lines or not lines[0].strip():
        raise UsageError(f"{path}: has no password in its first line")
    return lines[0].strip()
