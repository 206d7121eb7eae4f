"""A publisher that is no bottleneck: packets encoded beforehand, sent over one connection as fast as the other side takes them.

A process of its own (`python -m benchmarks.publisher HOST PORT MESSAGES.jsonl`). It prints when the first packet went out and when the
last acknowledgement came, both by the machine's monotonic clock, which all processes share.
"""

import asyncio
import select
import socket
import sys
from pathlib import Path
from time import monotonic
from typing import NamedTuple

from tracker.wire import message_of_line

_CONNECT = b"\x10\x15\x00\x04MQTT\x04\x02\x00\x00\x00\x09publisher"
_CONNACK_BYTES = 4
_PUBACK_BYTES = 4
_UNACKNOWLEDGED_MAX = 60_000
_PACKETS_A_WRITE = 500
_SILENCE_S = 30.0


class Published(NamedTuple):
    """When the first packet was sent and when the last was acknowledged, in seconds of the monotonic clock."""

    began_s: float
    ended_s: float


async def publish_file(host: str, port: int, messages: Path) -> Published:
    """Publish a file of messages at QoS 1 from another process; returns when all are acknowledged. RuntimeError when they were not."""
    command = (sys.executable, "-m", "benchmarks.publisher", host, str(port), str(messages))
    child = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    said, _ = await child.communicate()
    if child.returncode:
        raise RuntimeError(f"the publisher ended with {child.returncode}; what it said stands above")
    began_s, ended_s = said.split()
    return Published(float(began_s), float(ended_s))


def publish_all(sock: socket.socket, packets: list[bytes]) -> Published:
    """Send QoS 1 packets over a connection that is open, and wait for an acknowledgement of each. OSError when it breaks, or is silent."""
    sock.setblocking(False)
    sent = received_bytes = 0
    unsent = memoryview(b"")
    began_s = monotonic()
    while received_bytes < len(packets) * _PUBACK_BYTES:
        open_packets = sent - received_bytes // _PUBACK_BYTES
        if not unsent and sent < len(packets) and open_packets + _PACKETS_A_WRITE <= _UNACKNOWLEDGED_MAX:
            unsent = memoryview(b"".join(packets[sent : sent + _PACKETS_A_WRITE]))
            sent += _PACKETS_A_WRITE
        readable, writable, _ = select.select([sock], [sock] if unsent else [], [], _SILENCE_S)
        if not readable and not writable:
            raise TimeoutError(f"nothing was acknowledged for {_SILENCE_S:g} s")
        if readable:
            acknowledgements = sock.recv(1 << 16)
            if not acknowledgements:
                raise ConnectionError("the other side closed the connection")
            received_bytes += len(acknowledgements)
        if writable:
            unsent = unsent[sock.send(unsent) :]
    return Published(began_s, monotonic())


def publish_packet(topic: str, payload: bytes, packet_id: int) -> bytes:
    """A PUBLISH of MQTT 3.1.1 at QoS 1."""
    name = topic.encode()
    body = b"".join((len(name).to_bytes(2, "big"), name, packet_id.to_bytes(2, "big"), payload))
    length, rest = bytearray(), len(body)
    while rest > 127:
        length.append(rest & 127 | 128)
        rest >>= 7
    length.append(rest)
    return b"\x32" + bytes(length) + body


def main(host: str, port: str, messages: str) -> None:
    """Publish the file and print the two moments."""
    lines = Path(messages).read_bytes().splitlines()
    packets = [publish_packet(*message_of_line(line), number % 65_535 + 1) for number, line in enumerate(lines)]
    with socket.create_connection((host, int(port))) as sock:
        sock.sendall(_CONNECT)
        answer = sock.recv(_CONNACK_BYTES, socket.MSG_WAITALL)
        if answer[-1:] != b"\0":
            raise ConnectionError(f"the connection was refused ({answer!r})")
        print(*publish_all(sock, packets))


if __name__ == "__main__":
    main(*sys.argv[1:])
