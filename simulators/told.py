"""A race as it was told in a messages file, as the messages that its devices send: each a client of its own, in the file's order.

The file is the order of arrival: what was read long before it was sent (a backlog) goes out after what stands before it.
"""

from pathlib import Path

import orjson

from simulators.scanners import Emission
from tracker.wire import message_of_line
from tracker.wire.payloads import to_ms


def told(path: Path) -> list[Emission]:
    """Every message of a file that `tracker feed` reads, sent at its own time or right after the line before it, if that is later.

    Who names no device sends as the station. WireError names what is wrong with a line that is no message, or that bears no time.
    """
    found: list[Emission] = []
    sent_ms = 0
    for line in filter(bytes.strip, path.read_bytes().splitlines()):
        topic, payload = message_of_line(line)
        said = orjson.loads(payload)
        sent_ms = max(sent_ms + 1, to_ms("time", said.get("time", "")))
        found.append(Emission(sent_ms, said.get("device") or topic.split("/")[-2], topic, payload))
    return found
