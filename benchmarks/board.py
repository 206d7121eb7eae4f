"""The board live: the longest time for which a key press would have to wait, what it costs, and what goes over the wire to the terminal.

Ours and the same board on a DataTable (`boards`), each a process on a terminal of its own, in turns.
"""

import asyncio
import os
import pty
import sys
import termios
from fcntl import ioctl
from statistics import median
from struct import pack
from typing import NamedTuple

import orjson

from benchmarks.boards import OURS, TABLE
from benchmarks.measuring import Row, Scale

_SIZE = (160, 50)
_FULL, _SMALL = (3, 20), (1, 6)
"""Rounds, and re-rankings in each; the small run only shows that it works."""
_MOST = 0.2
_PATIENCE_S = 120


class _Lived(NamedTuple):
    """What one board cost: the longest stall, CPU seconds a second, and bytes to the terminal a second."""

    stall_s: float
    cpu: float
    bytes_s: float


async def measure(scale: Scale) -> list[Row]:
    """The stall beside the table's, then the rest of what both cost."""
    runners = scale.runners[1]
    count, ticks = _FULL if scale.rounds >= 5 else _SMALL
    rounds = [(await _live(OURS, runners, ticks), await _live(TABLE, runners, ticks)) for _ in range(count)]
    ours, table = (_Lived(*(median(each) for each in zip(*side, strict=True))) for side in zip(*rounds, strict=True))
    stalls, cpus, bytes_s = (median(own[at] / other[at] for own, other in rounds) for at in range(3))
    what = f"board of {runners:,} runners, two re-rankings a second"
    return [
        Row(
            f"{what}: longest stall",
            f"{ours.stall_s * 1000:.1f} ms",
            f"DataTable: {table.stall_s * 1000:.1f} ms",
            stalls,
            f"<= {_MOST}",
            stalls <= _MOST,
        ),
        Row(f"{what}: processor", f"{ours.cpu:.1%}", f"DataTable: {table.cpu:.1%}", cpus),
        Row(f"{what}: to the terminal", f"{ours.bytes_s / 1000:.1f} kB/s", f"DataTable: {table.bytes_s / 1000:.1f} kB/s", bytes_s),
    ]


async def _live(kind: str, runners: int, ticks: int) -> _Lived:
    """Run one of the boards on a terminal, and read what it writes as a terminal would."""
    terminal, its_side = pty.openpty()
    told, telling = os.pipe()
    ioctl(its_side, termios.TIOCSWINSZ, pack("HHHH", _SIZE[1], _SIZE[0], 0, 0))
    words = (sys.executable, "-m", "benchmarks.boards", kind, str(runners), str(ticks), str(telling))
    env = os.environ | {"TERM": "xterm-256color", "COLORTERM": "truecolor"}
    child = await asyncio.create_subprocess_exec(
        *words, stdin=its_side, stdout=its_side, stderr=its_side, pass_fds=(telling,), env=env, start_new_session=True
    )
    os.close(its_side)
    os.close(telling)
    written, lines = bytearray(), asyncio.Queue[bytes]()

    def read() -> None:
        chunk = read_terminal(terminal)
        if not chunk:
            loop.remove_reader(terminal)
        written.extend(chunk)

    def hear() -> None:
        chunk = read_terminal(told)
        if not chunk:
            loop.remove_reader(told)
        lines.put_nowait(chunk)

    loop = asyncio.get_running_loop()
    loop.add_reader(terminal, read)
    loop.add_reader(told, hear)
    try:
        async with asyncio.timeout(_PATIENCE_S):
            begun = await lines.get()
            before = len(written)
            said = await lines.get() if begun else b""
            after = len(written)
            await child.wait()
    finally:
        if child.returncode is None:
            child.kill()
        for file in (terminal, told):
            loop.remove_reader(file)
            os.close(file)
    if not said:
        raise RuntimeError(f"the board {kind} ended before it was measured: {bytes(written[-2000:]).decode(errors='replace')}")
    found = orjson.loads(said)
    return _Lived(found["stall_s"], found["cpu"], (after - before) / found["seconds"])


def read_terminal(file: int) -> bytes:
    """What has been written to a terminal or a pipe; nothing: nobody has the other side open any more."""
    try:
        return os.read(file, 1 << 16)
    except OSError:  # a terminal says it in this way
        return b""
