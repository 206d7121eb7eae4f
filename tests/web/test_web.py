"""`tracker web` as a browser's program meets it: who gets a dashboard, how many, and that its process is gone afterwards."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import pytest

from tests.conftest import PATIENCE_S, Tracker, free_port, until
from tests.web.serving import lives, serving, told
from tracker.cli import parser
from tracker.web.server import Server


@asynccontextmanager
async def page(url: str, origin: str | None = None, size: str = "width=120&height=40") -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    """What a page of the server does: it opens a websocket, under its own origin."""
    headers = {"Origin": url if origin is None else origin}
    async with aiohttp.ClientSession() as browser, browser.ws_connect(f"{url}/ws?{size}", headers=headers) as websocket:
        yield websocket


async def drawn(websocket: aiohttp.ClientWebSocketResponse, words: str) -> None:
    """Wait until the words were sent to the page in one go."""
    async with asyncio.timeout(PATIENCE_S):
        seen = b""
        while words.encode() not in seen:
            seen = await websocket.receive_bytes()


async def end_of(websocket: aiohttp.ClientWebSocketResponse) -> tuple[int | None, str]:
    """Wait until the server closes the page's websocket; the code and the words with which it does."""
    async with asyncio.timeout(PATIENCE_S):
        while (message := await websocket.receive()).type is not aiohttp.WSMsgType.CLOSE:
            assert message.type is aiohttp.WSMsgType.BINARY, message
        return message.data, message.extra or ""


async def test_a_session_is_a_dashboard_on_the_journal_and_is_gone_when_its_page_is(journal: Path) -> None:
    with serving(journal) as server:
        async with page(server.url) as websocket:
            await drawn(websocket, "Runner 12")
            (session,) = server.sessions
            assert told(session, "cmdline")[2:-1] == ["tracker", "watch", str(journal), "--read-only"]
        await until(lambda: not server.sessions, "the session's process is gone")
        assert not lives(session)
        await until(lambda: "127.0.0.1 closed a dashboard, 0 left" in server.said, "it says so")


async def test_decisions_can_be_sent_only_where_it_was_told_so(journal: Path) -> None:
    with serving(journal, "--write") as server:
        async with page(server.url) as websocket:
            await drawn(websocket, "Runner 12")
            (session,) = server.sessions
            assert told(session, "cmdline")[2:-1] == ["tracker", "watch", str(journal)]
        assert "decisions can be sent" in server.said
        assert "password" not in server.said


async def test_decisions_go_where_it_was_told_with_the_password_that_is_asked_for_there(journal: Path) -> None:
    with serving(journal, "--write", "--broker", "mqtt://office:secret@127.0.0.1:1") as server:
        async with page(server.url) as websocket:
            await drawn(websocket, "Runner 12")
            (session,) = server.sessions
            assert told(session, "cmdline")[2:-1] == ["tracker", "watch", str(journal), "--broker", "mqtt://127.0.0.1:1"]
            assert {"TRACKER_BROKER_USER=office", "TRACKER_BROKER_PASSWORD=secret"} < set(told(session, "environ"))
        assert "secret" not in server.said


def test_who_lets_the_whole_network_decide_is_warned(journal: Path) -> None:
    with serving(journal, "--write", "--listen", "0.0.0.0:0") as server:
        assert "WARNING nobody is asked for a password" in server.said


def test_without_being_told_it_is_reached_from_this_machine_alone(journal: Path) -> None:
    host, _, port = parser().parse_args(["web", "race.db"]).listen.partition(":")
    assert (host, port) == ("127.0.0.1", "8080")
    with serving(journal, "--listen", f"{host}:0") as server:
        here = urlsplit(server.url).port
        socket.create_connection((host, here), PATIENCE_S).close()
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.2", here), PATIENCE_S)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
async def test_it_ends_cleanly_and_takes_its_sessions_with_it(number: signal.Signals, journal: Path) -> None:
    with serving(journal) as server:
        async with page(server.url) as websocket:
            await drawn(websocket, "Runner 12")
            (session,) = server.sessions
            server.child.send_signal(number)
            assert (await end_of(websocket))[0] == aiohttp.WSCloseCode.GOING_AWAY
        assert server.child.wait(PATIENCE_S) == 0
        assert not lives(session)
        assert "Traceback" not in server.said


async def test_a_server_that_is_killed_leaves_no_dashboard_behind(journal: Path) -> None:
    with serving(journal) as server:
        async with page(server.url) as websocket:
            await drawn(websocket, "Runner 12")
            (session,) = server.sessions
            assert server.end(signal.SIGKILL) == -signal.SIGKILL
            await until(lambda: not lives(session), "the session's process is gone")


async def test_a_page_is_told_when_its_dashboard_is_left_or_dies(journal: Path) -> None:
    with serving(journal) as server:
        async with page(server.url) as websocket:
            await drawn(websocket, "Runner 12")
            await websocket.send_json(["stdin", "q"])
            assert (await end_of(websocket))[0] == aiohttp.WSCloseCode.OK
        async with page(server.url) as websocket:
            await drawn(websocket, "Runner 12")
            await until(lambda: len(server.sessions) == 1, "the dashboard that was left is gone")
            os.kill(server.sessions[0], signal.SIGKILL)
            assert (await end_of(websocket))[0] == aiohttp.WSCloseCode.OK


async def test_a_dashboard_that_hangs_is_ended_all_the_same(journal: Path) -> None:
    with serving(journal) as server:
        async with page(server.url) as websocket:
            await drawn(websocket, "Runner 12")
            (session,) = server.sessions
            os.kill(session, signal.SIGSTOP)
        await until(lambda: not lives(session), "the session's process is gone")


async def test_a_terminal_is_never_larger_than_the_machine_can_bear(journal: Path) -> None:
    with serving(journal) as server:
        async with page(server.url, size="width=99999&height=99999") as websocket:
            await drawn(websocket, "Runner 12")
            (session,) = server.sessions
            assert {"COLUMNS=500", "ROWS=200"} < set(told(session, "environ"))
            await websocket.send_json(["resize", {"width": 10**9, "height": 30}])
            await websocket.send_json(["stdin", "?"])
            await drawn(websocket, "Help")


@pytest.mark.parametrize("said", ['["stdin", 1]', '{"type": "resize"}', "[", '["resize", {"width": "80", "height": 24}]'])
async def test_who_does_not_speak_as_our_page_does_loses_the_session(said: str, journal: Path) -> None:
    with serving(journal) as server:
        async with page(server.url) as websocket:
            await websocket.send_str(said)
            assert (await end_of(websocket))[0] == aiohttp.WSCloseCode.UNSUPPORTED_DATA
        await until(lambda: not server.sessions, "the session's process is gone")


async def test_more_pages_than_may_be_open_are_refused_in_words_until_one_is_closed() -> None:
    server = Server("a race", [sys.executable, "-c", "import sys; sys.stdin.buffer.read(1)"], sessions_max=1)
    (url,) = await server.listen("127.0.0.1", 0)
    try:
        async with page(url), page(url) as second:
            words = "No room: 1 dashboard at most can be open here. Close one, then try again."
            assert await end_of(second) == (aiohttp.WSCloseCode.TRY_AGAIN_LATER, words)

        async def let_in() -> bool:
            async with page(url) as third:
                await third.send_json(["ping", "1"])
                return (await third.receive(PATIENCE_S)).type is aiohttp.WSMsgType.TEXT

        await until(let_in, "another page is let in")
    finally:
        await server.close()


@pytest.mark.parametrize("origin", ["http://elsewhere.example", "null", ""])
async def test_a_page_from_elsewhere_gets_no_session(origin: str, journal: Path) -> None:
    with serving(journal, "--url", "https://race.example") as server:
        async with page(server.url, origin) as websocket:
            words = "The tracker was not told of the address above. Start it with --url and that address."
            assert await end_of(websocket) == (aiohttp.WSCloseCode.POLICY_VIOLATION, words)
        assert "opened a dashboard" not in server.said
        async with page(server.url, "https://race.example") as websocket:
            await drawn(websocket, "Runner 12")


async def test_a_name_that_somebody_else_gave_this_machine_shows_nothing(journal: Path) -> None:
    async def asked(name: str) -> tuple[int, str]:
        async with aiohttp.ClientSession() as browser, browser.get(server.url, headers={"Host": name}) as response:
            return response.status, await response.text()

    with serving(journal, "--url", "http://race.example:8080") as server:
        code, words = await asked("rebound.example:8080")
        assert code == 403
        assert words == (
            "This dashboard is not known as rebound.example:8080. Open it by its IP address, or start it with --url http://rebound.example:8080\n"
        )
        for name in ("race.example:8080", "localhost:8080", "10.0.0.7", "[fd00::7]:8080"):
            assert (await asked(name))[0] == 200, name
        for name in ("[::1", "127.0.0.1.rebound.example", ""):
            assert (await asked(name))[0] == 403, name


async def test_the_page_is_let_ask_nobody_but_its_server(journal: Path) -> None:
    with serving(journal) as server:
        async with aiohttp.ClientSession() as browser, browser.get(server.url) as response:
            assert "default-src 'none'; script-src 'self';" in response.headers["Content-Security-Policy"]
            assert "//" not in await response.text()


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (["--listen", ":8080"], "--listen :8080: says no address; write 127.0.0.1:8080, or 0.0.0.0:8080 for the whole network"),
        (["--listen", "8080"], "--listen 8080: is no address; write 127.0.0.1:8080, or 0.0.0.0:8080 for every device in the network"),
        (
            ["--listen", "::1:99999"],
            "--listen ::1:99999: is no address; write 127.0.0.1:8080, or 0.0.0.0:8080 for every device in the network",
        ),
        (["--broker", "mqtt://127.0.0.1"], "--broker: nothing is sent from here; give --write too, or leave it out"),
        (["--url", "race.example"], "--url race.example: is no address of a page; write for example http://laptop.local:8080"),
        (["--listen", "..:8080"], "--listen ..:8080: cannot be listened on (no such name); give another address or port"),
    ],
)
def test_what_cannot_be_an_address_is_said_in_a_line(words: list[str], error: str, journal: Path, tracker: Tracker) -> None:
    said = tracker("web", journal, *words)
    assert (said.code, said.out, said.err) == (1, "", f"tracker: {error}\n")


def test_a_port_that_is_taken_is_said_in_a_line(journal: Path, tracker: Tracker) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        listen = f"127.0.0.1:{other.getsockname()[1]}"
        said = tracker("web", journal, "--listen", listen)
    why = "cannot be listened on (Address already in use); give another address or port"
    assert (said.code, said.err) == (1, f"tracker: --listen {listen}: {why}\n")


def test_a_journal_that_is_not_there_is_said_in_a_line(tmp_path: Path, tracker: Tracker) -> None:
    path = tmp_path / "none.db"
    said = tracker("web", path, "--listen", f"127.0.0.1:{free_port()}")
    assert (said.code, said.err) == (1, f"tracker: {path}: there is no such file; tracker run or tracker feed makes a journal\n")
