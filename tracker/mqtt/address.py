"""Where a broker is, who the tracker is there, and how it knows that it is that broker.

A password never leaves this place but to the broker: it is in no text that is made of an address, and in no error.
"""

import re
import ssl
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

import aiomqtt

from tracker.mqtt.inlet import MqttFault
from tracker.mqtt.sockets import watch_open_ones

_USER = re.compile(r"^(\w+://)?.*@", re.DOTALL)  # up to the last @, as a password may have one that is not escaped


class Access(NamedTuple):
    """Who the tracker is at a broker, and how it knows the broker: PEM files. None: nobody, and by what this machine trusts."""

    username: str | None = None
    password: str | None = None
    ca: Path | None = None
    cert: Path | None = None
    key: Path | None = None

    def __repr__(self) -> str:
        """Without the password: this stands in tracebacks."""
        return f"Access({self.username!r}, {'***' if self.password else None}, {self.ca}, {self.cert}, {self.key})"

    def tls(self) -> ssl.SSLContext:
        """What a connection over TLS needs. Its files are read once. MqttFault says which of them cannot be used."""
        return _context(self.ca, self.cert, self.key)


NOBODY = Access()


class Broker(NamedTuple):
    """Where a broker is, and who the tracker is there."""

    host: str
    port: int
    access: Access = NOBODY
    tls: bool = False

    @classmethod
    def parse(cls, url: str, access: Access = NOBODY) -> "Broker":
        """Read `mqtt://[user:password@]host[:port]` or `mqtts://…`; the user and the password of `access` are for who is not in the url.

        MqttFault says what to write instead, and never the password.
        """
        shown = _USER.sub(r"\1", url)
        what = f"{shown}: is no broker's address; write mqtt://host:1883, or mqtts://host:8883"
        try:
            parts = urlsplit(url)
        except ValueError:
            raise MqttFault(what) from None
        try:
            port = parts.port
        except ValueError:
            raise MqttFault(f"{shown}: the port is no number; write mqtt://host:1883") from None
        rest = (parts.path.strip("/"), parts.query, parts.fragment)
        if parts.scheme not in ("mqtt", "mqtts") or not parts.hostname or any(rest):
            raise MqttFault(what)
        tls = parts.scheme == "mqtts"
        if parts.username is not None:
            access = access._replace(username=unquote(parts.username))
        if parts.password is not None:
            access = access._replace(password=unquote(parts.password))
        return cls(parts.hostname, port or (8883 if tls else 1883), access, tls)

    def __str__(self) -> str:
        """The address, without who the tracker is there."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'mqtts' if self.tls else 'mqtt'}://{host}:{self.port}"

    def client(self, identifier: str, **options: object) -> aiomqtt.Client:
        """A client of this broker (MQTT 3.1.1: aiomqtt's version 5 is much slower). MqttFault: a certificate's file cannot be used."""
        client = aiomqtt.Client(
            self.host,
            self.port,
            identifier=identifier,
            username=self.access.username,
            password=self.access.password,
            tls_context=self.access.tls() if self.tls else None,
            protocol=aiomqtt.ProtocolVersion.V311,
            **options,  # type: ignore[arg-type]  # passed on as they are
        )
        watch_open_ones(client)
        return client


@lru_cache(maxsize=8)
def _context(ca: Path | None, cert: Path | None, key: Path | None) -> ssl.SSLContext:
    """Read once: a memory stick that is pulled out in the middle of a race ends no reconnecting."""
    try:
        context = ssl.create_default_context(cafile=ca)
    except OSError as error:  # an SSLError too
        raise MqttFault(f"--ca {ca}: cannot be used ({_why(error)}); give the broker's ca.crt, as PEM") from None
    try:
        if cert is not None:
            context.load_cert_chain(cert, key)
    except OSError as error:
        raise MqttFault(f"--cert {cert}, --key {key}: cannot be used ({_why(error)}); give a certificate and its key, as PEM") from None
    return context


def _why(error: OSError) -> str:
    return "it is no PEM" if isinstance(error, ssl.SSLError) else error.strerror or type(error).__name__
