"""A device gone wrong: `python -m tests.fuzz.flood PORT COUNT WHAT` sends as fast as it can, and reads its answers.

WHAT: `repeat` (one passage again and again), `garbage` (each message other garbage), `large` (garbage of 60 kB each).
"""

import socket
import sys
from collections.abc import Callable
from threading import Thread

from tests.mqtt.device import connect, publish

_AT_ONCE = 200
PASSAGE = b'{"id":"stuck","bib":"1","time":1656136800000,"device":"col-1","seq":1}'
WHAT: dict[str, Callable[[int], bytes]] = {
    "repeat": lambda _: PASSAGE,
    "garbage": lambda number: b"garbage %d" % number,
    "large": lambda number: (b"%d " % number) * (60_000 // len(b"%d " % number)),
}


def flood(port: int, count: int, what: str) -> None:
    """Send, and return when every message was acknowledged."""
    with socket.create_connection(("127.0.0.1", port)) as device:
        device.sendall(connect("flood"))
        answers = Thread(target=_send, args=(device, count, what))
        answers.start()
        left = 4 + 4 * count  # a CONNACK, and as many PUBACKs
        while left > 0:
            got = len(device.recv(65_536))
            if not got:
                raise SystemExit("the endpoint has closed the connection")
            left -= got
        answers.join()


def _send(device: socket.socket, count: int, what: str) -> None:
    for first in range(0, count, _AT_ONCE):
        numbers = range(first, min(first + _AT_ONCE, count))
        device.sendall(b"".join(publish("tracker/hill/col/passage", WHAT[what](number), number % 65_535 + 1) for number in numbers))


if __name__ == "__main__":
    flood(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
