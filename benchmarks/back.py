"""The dashboard killed and started again on a terminal: how long until the race is there, beside reading the same journal."""

import asyncio
import os
import pty
import sys
import termios
from pathlib import Path
from time import perf_counter

from benchmarks.board import read_terminal

_SIZE = (160, 50)
_SHOWN = "✓ finished".encode()
"""On the board as soon as it is filled: who has been there to the end."""
_PATIENCE_S = 120


async def back(journal: Path) -> float:
    """Seconds from starting a dashboard to the first runner on its board; then it is killed, for the next time."""
    terminal, its_side = pty.openpty()
    termios.tcsetwinsize(its_side, (_SIZE[1], _SIZE[0]))
    words = (sys.executable, "-m", "tracker", "watch", str(journal), "--read-only")
    began_s = perf_counter()
    env = os.environ | {"TERM": "xterm-256color"}
    child = await asyncio.create_subprocess_exec(*words, stdin=its_side, stdout=its_side, stderr=its_side, env=env, start_new_session=True)
    os.close(its_side)
    written, shown = bytearray(), asyncio.Event()

    def read() -> None:
        chunk = read_terminal(terminal)
        written.extend(chunk)
        if not chunk or _SHOWN in written:
            loop.remove_reader(terminal)
            shown.set()

    loop = asyncio.get_running_loop()
    loop.add_reader(terminal, read)
    try:
        async with asyncio.timeout(_PATIENCE_S):
            await shown.wait()
            seconds = perf_counter() - began_s
    finally:
        child.kill()
        await child.wait()
        loop.remove_reader(terminal)
        os.close(terminal)
    if _SHOWN not in written:
        raise RuntimeError(f"the dashboard ended before it showed the race: {bytes(written[-2000:]).decode(errors='replace')}")
    return seconds
