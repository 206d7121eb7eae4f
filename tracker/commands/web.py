"""`tracker web`: the dashboard in a browser, on this machine alone and for looking only, unless told otherwise."""

import asyncio
import logging
import os
import signal
import sys
from argparse import Namespace
from ipaddress import ip_address
from urllib.parse import urlsplit

from tracker.commands.access import access_of, broker_of, environment, need_no_access, words_for
from tracker.commands.opening import UsageError
from tracker.commands.series_file import series_of, series_words
from tracker.commands.serve import parse_address
from tracker.journal import Journal
from tracker.web.server import SESSIONS_MAX, Server

log = logging.getLogger(__name__)


async def run(args: Namespace) -> int:
    """Serve until SIGTERM, SIGINT or SIGHUP. UsageError when the address is none or is taken; JournalError when there is no journal."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    host, port = parse_address(args.listen, 8080)
    if not host:
        raise UsageError(f"--listen {args.listen}: says no address; write 127.0.0.1:{port}, or 0.0.0.0:{port} for the whole network")
    if args.url is not None and (urlsplit(args.url).scheme not in {"http", "https"} or not urlsplit(args.url).hostname):
        raise UsageError(f"--url {args.url}: is no address of a page; write for example http://laptop.local:8080")
    if args.broker is not None and not args.write:
        raise UsageError("--broker: nothing is sent from here; give --write too, or leave it out")
    desk, told = _desk(args)
    async with await Journal.open(args.journal) as journal:  # what keeps it from being read is said here, not in a browser
        series_of(args, journal.sources)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        loop.add_signal_handler(number, stop.set)
    command = [sys.executable, "-m", "tracker", "watch", str(args.journal), *series_words(args), *desk]
    server = Server(f"tracker {args.journal.name}", command, args.url, environment=told)
    try:
        addresses = await server.listen(host, port)
    except (OSError, UnicodeError) as error:
        raise UsageError(f"--listen {args.listen}: cannot be listened on ({_reason(error)}); give another address or port") from error
    try:
        log.info("%s is on %s", args.journal, " and ".join(addresses))
        log.info("%s from there; %d can look at once", "decisions can be sent" if args.write else "nothing can be sent", SESSIONS_MAX)
        if args.write and not _alone(host):
            log.warning("nobody is asked for a password: whoever reaches this address can decide in the director's name")
        await stop.wait()
    finally:
        await server.close()
    return 0


def _desk(args: Namespace) -> tuple[list[str], dict[str, str]]:
    """What the dashboards of the pages are told of the desk: by option, and by the environment."""
    if not args.write:
        need_no_access(args, "nothing is sent from here; give --write too, or leave it out")
        return ["--read-only"], {}
    broker = broker_of(args)  # else it would be each page that says what is wrong with it
    access = access_of(args) if broker is None else broker.access
    return words_for(access, broker), environment(access)


def _reason(error: OSError | UnicodeError) -> str:
    """What the system says, without the address that asyncio puts around it."""
    if isinstance(error, OSError) and error.errno is not None and error.errno > 0:
        return os.strerror(error.errno)
    return getattr(error, "strerror", None) or "no such name"


def _alone(host: str) -> bool:
    """Whether only this machine can reach it."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
