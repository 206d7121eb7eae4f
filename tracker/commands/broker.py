"""`tracker broker init`: the folder of a race's own Mosquitto; and `tracker broker run`: Mosquitto with it, in the foreground."""

import errno
import re
import shutil
import signal
import socket
import subprocess
import sys
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

from tracker.broker.accounts import BrokerError
from tracker.broker.certificates import good_until, host_of
from tracker.broker.folder import CARDS, CONF, SERVER, SHEET, About, Done, Wanted, prepare, read_about
from tracker.commands.opening import UsageError, read_text
from tracker.files.event import read_event
from tracker.text import count
from tracker.wire import DEFAULT_ROOT

DEFAULT_PORT = 8883
DEFAULT_DEVICES = 2
_ROOT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)*", re.ASCII)
_WHEN = re.compile(r"^\d{4}-\d\d-\d\dT[\d:]{8}: ")
_SAFE_DAYS = 30
_AGAIN_S = 2
_PASSED_ON = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def init(args: Namespace) -> int:
    """Make the folder, or add what is missing in it, and say what was done."""
    event = read_event(read_text(args.event), str(args.event))
    if args.root is not None and not _ROOT.fullmatch(args.root):
        raise UsageError(f"--root {args.root}: cannot stand in a topic; use letters, digits, - _ and . alone, for example {DEFAULT_ROOT}")
    hosts = tuple(dict.fromkeys(map(host_of, args.host)))
    usual = About(event.id, DEFAULT_ROOT, DEFAULT_PORT, (_own_name(),), DEFAULT_DEVICES)
    wanted = Wanted(event, args.root, args.port, hosts, args.devices, tuple(args.device))
    done = prepare(args.folder, wanted, usual, datetime.now(UTC))
    for line in _report(args.folder, done):
        print(line)
    return 0


def _own_name() -> str:
    """This machine's name, as far as it can stand in a certificate."""
    try:
        return host_of(socket.gethostname())
    except BrokerError:
        return "localhost"


def _report(folder: Path, done: Done) -> Iterator[str]:
    about = done.about
    if done.made:
        yield f"{folder}: made {', '.join(done.made)}"
    if done.added:
        yield f"{folder}: added {count(len(done.added), 'account')}: {', '.join(done.added)}"
    if done.kept:
        yield f"{folder}: {count(done.kept, 'account')} kept as handed out" + ("" if done.added or done.made else "; nothing was missing")
    for name in done.strangers:
        yield f"doubt: account {name} is of no station of the event; it stays valid until its line in {folder / 'passwords'} is taken out"
    yield f"devices connect to {about.url}, until {_day(good_until((folder / SERVER).read_bytes()))}"
    yield f"what to hand out: {folder / CARDS} (cards), {folder / SHEET} (all accounts), and ca.crt; keep both and every .key to yourself"
    if done.kept and done.added:
        yield "a broker that runs takes in new accounts at SIGHUP: kill -HUP of its process, or start it again"
    else:
        yield f"start it: tracker broker run {folder}"


def run(args: Namespace) -> int:
    """Mosquitto in the foreground until it is told to end. UsageError with its last words when it ends by itself."""
    folder: Path = args.folder
    about = read_about(folder)
    binary = mosquitto()
    if binary is None:
        raise UsageError(
            "Mosquitto is not installed; install it (sudo apt install mosquitto, or brew install mosquitto) and run this again"
        )
    until = _good_until(folder)
    port = _port(folder)
    _need_free(port)
    words = f"devices connect to {about._replace(port=port).url} until {until}, with ca.crt and the accounts of {folder / CARDS}"
    return _in_foreground([binary, "-c", CONF], folder, words)


def mosquitto() -> str | None:
    """Where Mosquitto is on this machine; None: it is not installed."""
    return shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin:/opt/homebrew/sbin")


def _good_until(folder: Path) -> str:
    """Until when the certificate is good. UsageError: it is no longer."""
    until = good_until((folder / SERVER).read_bytes())
    remedy = f"delete server.crt and server.key in {folder} and say tracker broker init again: devices keep their ca.crt"
    days = (until - datetime.now(UTC)).days
    if days < 0:
        raise UsageError(f"{folder / SERVER}: ended {_day(until)}, and no device takes it; {remedy}")
    if days < _SAFE_DAYS:
        _say(f"{folder / SERVER}: ends {_day(until)}; {remedy}")
    return _day(until)


def _day(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d}"


def _port(folder: Path) -> int:
    """The port as Mosquitto will read it."""
    found = re.search(r"^\s*listener\s+(\d{1,5})\b", read_text(folder / CONF), re.MULTILINE)
    if found is None:
        raise UsageError(f"{folder / CONF}: has no listener; write listener {DEFAULT_PORT}, or take the file from a copy")
    return int(found[1])


def _need_free(port: int) -> None:
    """UsageError when somebody listens there already."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("", port))
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise UsageError(f"port {port}: cannot be listened on ({error.strerror}); init a new folder with another --port") from error
            how = "end that first (Debian's own service: sudo systemctl disable --now mosquitto)"
            raise UsageError(f"port {port}: somebody listens there already; {how}") from error


def _in_foreground(command: list[str], folder: Path, words: str) -> int:
    """Run it to its end. UsageError when that was nobody's wish."""
    last = "it said nothing"
    with (
        _passed_on() as signals,
        subprocess.Popen(  # noqa: S603  Mosquitto with our own configuration
            command, cwd=folder, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, errors="replace", process_group=0
        ) as process,
    ):
        signals.send_to(process)
        assert process.stderr is not None
        for line in process.stderr:
            if not line.strip() or "Saving in-memory database" in line:
                continue  # each second
            _say(line.strip(), prefix="")
            last = _WHEN.sub("", line.strip())
            if last.endswith(" running"):
                _say(words)
        code = process.wait()
    if code == 0 and signals.asked_to_end:
        return 0
    how = f"killed by signal {-code}" if code < 0 else f"exit code {code}"
    raise UsageError(f"mosquitto ended by itself ({how}): {last}")


class _Signals:
    """What has come, and goes on to the broker as soon as it is there."""

    def __init__(self) -> None:
        self._come: list[int] = []
        self._process: subprocess.Popen[str] | None = None

    def come(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002  the signal module's signature
        """A signal to us is one to the broker. A hang-up makes it read its accounts again, and ends nothing."""
        self._come.append(number)
        if self._process is not None:
            self._process.send_signal(number)
        if self.asked_to_end:
            signal.alarm(_AGAIN_S)

    def again(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002
        """Mosquitto loses a signal that comes while it begins: it is asked once more, until it ends."""
        if self._process is not None:
            self._process.terminate()
        signal.alarm(_AGAIN_S)

    def send_to(self, process: subprocess.Popen[str]) -> None:
        """The broker is there."""
        self._process = process
        for number in self._come:
            process.send_signal(number)

    @property
    def asked_to_end(self) -> bool:
        """Whether somebody wanted it to end."""
        return bool({signal.SIGTERM, signal.SIGINT} & set(self._come))


@contextmanager
def _passed_on() -> Iterator[_Signals]:
    signals = _Signals()
    before = {number: signal.signal(number, signals.come) for number in _PASSED_ON}
    before[signal.SIGALRM] = signal.signal(signal.SIGALRM, signals.again)
    try:
        yield signals
    finally:
        signal.alarm(0)
        for number, handler in before.items():
            signal.signal(number, handler)


def _say(words: str, prefix: str = "tracker: ") -> None:
    """A line on standard error, if there is still somebody to read it: the broker goes on when its terminal is gone."""
    with suppress(OSError):
        print(f"{prefix}{words}", file=sys.stderr, flush=True)
