"""The web server: gives out the page, and starts a dashboard for each page that opens its websocket.

Only pages of this server may: a page from elsewhere, or one that came here under a name that somebody else gave this machine, is refused.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from html import escape
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

import orjson
import textual_serve
from aiohttp import WSCloseCode, WSMsgType, web

from tracker.text import count
from tracker.web.session import GRACE_S, Session

log = logging.getLogger(__name__)

SESSIONS_MAX = 8
"""Each is a process of 50 to 200 MB that follows the journal."""
_HEARTBEAT_S = 15.0
_GOODBYE_S = 2.0
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self'; img-src data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}
_HERE = Path(__file__).parent
_STATIC = Path(textual_serve.__file__).parent / "static"  # textual-serve's terminal and its font; its page asks a font server, ours nobody

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Server:
    """The pages and sessions of one journal. `command` starts a session's dashboard; `url` is under which name others reach this server."""

    def __init__(
        self,
        title: str,
        command: Sequence[str],
        url: str | None = None,
        sessions_max: int = SESSIONS_MAX,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self._page = (_HERE / "page.html").read_text(encoding="utf-8").replace("{title}", escape(title))
        self._command = command
        self._environment = environment or {}
        self._name = None if url is None else urlsplit(url).hostname
        self._origin = None if url is None else _origin(url)
        self._most = sessions_max
        self._runner: web.AppRunner | None = None
        self._open: set[web.WebSocketResponse] = set()

    async def listen(self, host: str, port: int) -> list[str]:
        """Serve from now on; returns the addresses. OSError or UnicodeError when it cannot be listened there."""
        app = web.Application(middlewares=[self._guard])
        app.router.add_get("/", self._index)
        app.router.add_get("/page.js", self._script)
        app.router.add_get("/ws", self._session)
        app.router.add_static("/static", _STATIC)
        app.on_shutdown.append(self._end_sessions)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=GRACE_S + 2 * _GOODBYE_S)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, host, port).start()
        except (OSError, UnicodeError):
            await self.close()
            raise
        return [_shown(*address[:2]) for address in self._runner.addresses]

    async def close(self) -> None:
        """Take no more pages, and end every session with its process."""
        if self._runner is not None:
            await self._runner.cleanup()

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if not self._is_ours(request.host):
            log.warning("a browser asked for %r, refused", request.host)
            words = (
                f"This dashboard is not known as {request.host}. Open it by its IP address, or start it with --url http://{request.host}\n"
            )
            raise web.HTTPForbidden(text=words, headers=_HEADERS)
        response = await handler(request)
        if not response.prepared:
            response.headers.update(_HEADERS)
        return response

    def _is_ours(self, authority: str) -> bool:
        """Whether nobody else can have made this name lead here: an address, this machine's own name for itself, or what we were told."""
        try:
            name = urlsplit(f"//{authority}").hostname or ""
            if name in {"localhost", self._name}:
                return True
            ip_address(name)
        except ValueError:
            return False
        return True

    async def _index(self, _: web.Request) -> web.Response:
        return web.Response(text=self._page, content_type="text/html")

    async def _script(self, _: web.Request) -> web.FileResponse:
        return web.FileResponse(_HERE / "page.js")

    async def _session(self, request: web.Request) -> web.StreamResponse:
        websocket = web.WebSocketResponse(timeout=_GOODBYE_S, heartbeat=_HEARTBEAT_S)
        await websocket.prepare(request)
        origin = request.headers.get("Origin", "none")
        if origin not in {f"http://{request.host}", f"https://{request.host}", self._origin}:
            log.warning(
                "a page of %s asked %s for a dashboard, refused; if that is this server behind a proxy, say --url", origin, request.host
            )
            words = "The tracker was not told of the address above. Start it with --url and that address."
            await websocket.close(code=WSCloseCode.POLICY_VIOLATION, message=words.encode())
            return websocket
        if len(self._open) >= self._most:
            log.warning("%d dashboards are open, and %s asked for one more, refused", self._most, request.remote)
            words = f"No room: {count(self._most, 'dashboard')} at most can be open here. Close one, then try again."
            await websocket.close(code=WSCloseCode.TRY_AGAIN_LATER, message=words.encode())
            return websocket
        self._open.add(websocket)
        log.info("%s opened a dashboard, %d of %d", request.remote, len(self._open), self._most)
        session = Session(self._command, websocket, self._environment)
        try:
            await session.start(_cells(request, "width", 80), _cells(request, "height", 24))
            await _pass_on(websocket, session)
        finally:
            try:
                await session.stop()
            finally:
                self._open.remove(websocket)
                log.info("%s closed a dashboard, %d left", request.remote, len(self._open))
        return websocket

    async def _end_sessions(self, _: web.Application) -> None:
        await asyncio.gather(*(one.close(code=WSCloseCode.GOING_AWAY) for one in self._open))


async def _pass_on(websocket: web.WebSocketResponse, session: Session) -> None:
    """What the page sends, until it goes."""
    async for message in websocket:
        try:
            said = orjson.loads(message.data) if message.type is WSMsgType.TEXT else None
        except orjson.JSONDecodeError:
            said = None
        match said:
            case ["stdin", str(keys)]:
                await session.send_bytes(keys.encode())
            case ["resize", {"width": int(width), "height": int(height)}]:
                await session.set_terminal_size(width, height)
            case ["ping", str(sent)]:
                await websocket.send_json(["pong", sent])
            case ["focus"]:
                await session.focus()
            case ["blur"]:
                await session.blur()
            case _:
                log.warning("a page sent what no page of ours sends, its session is closed")
                await websocket.close(code=WSCloseCode.UNSUPPORTED_DATA)


def _cells(request: web.Request, name: str, default: int) -> int:
    text = request.query.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 6 else default


def _origin(url: str) -> str:
    parts = urlsplit(url.lower())
    return f"{parts.scheme}://{parts.netloc}"


def _shown(host: str, port: int) -> str:
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
