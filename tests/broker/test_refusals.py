"""What is said when a broker cannot be reached: what is wrong, and what to do, against real brokers that are each wrong in one way."""

import asyncio
import gc
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiomqtt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509 import oid

from tests.conftest import PATIENCE_S, Mosquitto, Tracker, free_port, needs
from tracker.broker import certificates
from tracker.broker.certificates import Pair, make_ca, make_server
from tracker.mqtt.address import Access, Broker
from tracker.mqtt.inlet import MqttFault
from tracker.mqtt.refusals import in_words

pytestmark = pytest.mark.filterwarnings("ignore:unclosed <ssl.SSLSocket:ResourceWarning")  # paho's own, of a greeting that failed

NOW = datetime.now(UTC)
CA = make_ca("hill", NOW)

Started = Callable[..., Mosquitto]


@pytest.fixture
def started(tmp_path: Path) -> Iterator[Started]:
    """A Mosquitto with a certificate of its own, or without (None), and with more in its configuration."""
    brokers: list[Mosquitto] = []

    def start(server: Pair | None, *more: str) -> Mosquitto:
        (tmp_path / "ca.crt").write_bytes(CA.certificate)
        (tmp_path / "other.crt").write_bytes(make_ca("hill", NOW).certificate)
        broker = Mosquitto(needs("mosquitto"), tmp_path)
        tls: list[str] = []
        if server is not None:
            (tmp_path / "server.crt").write_bytes(server.certificate)
            (tmp_path / "server.key").write_bytes(server.key)
            tls = [f"cafile {tmp_path}/ca.crt", f"certfile {tmp_path}/server.crt", f"keyfile {tmp_path}/server.key"]
        with broker._config.open("a") as config:
            config.write("".join(f"{line}\n" for line in (*tls, *more)))
        broker.start()
        brokers.append(broker)
        return broker

    yield start
    for broker in brokers:
        broker.kill()


async def why(broker: Broker) -> str:
    """What is said of a broker that is not there for us."""
    with pytest.raises((aiomqtt.MqttError, OSError, UnicodeError)) as raised:
        async with asyncio.timeout(PATIENCE_S), broker.client("", timeout=2) as client:
            await client.subscribe("tracker/hill/+/+")
    words = in_words(raised.value, broker)
    del raised
    gc.collect()  # what paho has left open goes here, and not in another test
    return words


def here(broker: Mosquitto, folder: Path, ca: str | None = "ca.crt", host: str = "127.0.0.1") -> Broker:
    """The broker over TLS."""
    return Broker.parse(f"mqtts://{host}:{broker.port}", Access(ca=None if ca is None else folder / ca))


def client_certificate() -> Pair:
    """A certificate of our own from the same authority."""
    key, ca_key = ec.generate_private_key(ec.SECP256R1()), load_pem_private_key(CA.key, None)
    assert isinstance(ca_key, ec.EllipticCurvePrivateKey)
    name = x509.Name([x509.NameAttribute(oid.NameOID.COMMON_NAME, "tracker")])
    begun = certificates._begun(name, x509.load_pem_x509_certificate(CA.certificate).subject, key, NOW, 1, is_ca=False)
    begun = begun.add_extension(x509.ExtendedKeyUsage([oid.ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False)
    return certificates._signed(begun, key, ca_key)


SOUND = make_server(CA, ["127.0.0.1"], NOW)


async def test_a_broker_of_an_unknown_authority_is_said_with_the_option_to_give(started: Started, tmp_path: Path) -> None:
    broker = started(SOUND)
    assert await why(here(broker, tmp_path, None)) == (
        "this machine trusts nobody who signed its certificate: give --ca with the broker's ca.crt"
    )
    assert await why(here(broker, tmp_path, "other.crt")) == (
        f"its certificate is not signed by {tmp_path}/other.crt: give --ca with the ca.crt of this very broker"
    )


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_a_certificate_for_another_name_is_said_with_the_name(started: Started, tmp_path: Path, host: str) -> None:
    broker = started(make_server(CA, ["timing.example", "10.0.0.7"], NOW))
    assert await why(here(broker, tmp_path, host=host)) == (
        f"its certificate is not for {host}: use a name that it is for, or make it one with --host {host}"
    )


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (-3000, "its certificate has expired: renew it there, or set this machine's clock"),
        (30, "its certificate is not valid yet: set this machine's clock"),
    ],
)
async def test_a_certificate_out_of_its_time_is_said_with_the_clock(started: Started, tmp_path: Path, days: int, words: str) -> None:
    assert await why(here(started(make_server(CA, ["127.0.0.1"], NOW + timedelta(days=days))), tmp_path)) == words


async def test_plain_text_to_a_port_for_tls_and_tls_to_a_plain_one(started: Started, tmp_path: Path) -> None:
    tls = started(SOUND)
    assert await why(Broker.parse(f"mqtt://127.0.0.1:{tls.port}")) == "no answer (if that is a port for TLS, write mqtts://)"
    plain = started(None)
    assert await why(here(plain, tmp_path)) == "it speaks no TLS there: give the port for TLS, usually 8883, or write mqtt://"


async def test_a_broker_that_asks_for_a_certificate_says_nothing_else_and_takes_ours(started: Started, tmp_path: Path) -> None:
    broker = here(started(SOUND, "require_certificate true"), tmp_path)
    assert await why(broker) == "no answer (if it asks for a certificate, give --cert and --key)"
    ours = client_certificate()
    (tmp_path / "our.crt").write_bytes(ours.certificate)
    (tmp_path / "our.key").write_bytes(ours.key)
    async with broker._replace(access=Access(None, None, tmp_path / "ca.crt", tmp_path / "our.crt", tmp_path / "our.key")).client(
        ""
    ) as client:
        await client.publish("tracker/hill/col/passage", b"{}", qos=1)


async def test_who_is_refused_is_told_what_to_give(started: Started, tmp_path: Path) -> None:
    broker = started(None, "password_file /dev/null")
    config = broker._config.read_text().replace("allow_anonymous true", "allow_anonymous false")
    broker.kill()
    broker._config.write_text(config)
    broker.start()
    nobody = Broker.parse(broker.url)
    assert await why(nobody) == "not authorized: give --user and --password-file (or TRACKER_BROKER_USER and TRACKER_BROKER_PASSWORD)"
    desk = Broker.parse(broker.url, Access("desk", "wr0ng"))
    assert await why(desk) == "not authorized: it does not know user desk, or the password is another"


@pytest.mark.parametrize(
    ("host", "words"), [("127.0.0.1", "connection refused"), (f"{'a' * 70}.example", "encoding with 'idna' codec failed")]
)
async def test_what_is_no_brokers_doing_stays_in_the_systems_words(host: str, words: str) -> None:
    assert (await why(Broker.parse(f"mqtt://{host}:{free_port()}"))).startswith(words)


def test_no_text_of_an_address_has_the_password() -> None:
    broker = Broker.parse("mqtts://timing:Sv3rig3@hut.example", Access("desk", "gr41l"))
    assert broker.access == Access("timing", "Sv3rig3")
    for text in (repr(broker), str(broker), f"{broker}", f"{broker.access!r}", f"{[broker]}"):
        assert "Sv3rig3" not in text
    assert repr(broker.access) == "Access('timing', ***, None, None, None)"


@pytest.mark.parametrize(
    "url",
    [
        "mqtt://me:Sv3rig3@hut:port",
        "mqtt://me:Sv3rig3@/",
        "mqtt://me:Sv3/rig3@hut",
        "mqtt://me:Sv3#rig3@hut",
        "mqtt://me:1#Sv3rig3@hut",
        "mqtt://me:Sv3@rig3@hut/race",
        "http://me:Sv3rig3@hut",
        "me:Sv3rig3@hut",
        "mqtt://me:Sv3rig3@[::1",
    ],
)
def test_no_error_about_an_address_has_the_password(url: str) -> None:
    with pytest.raises(MqttFault) as raised:
        Broker.parse(url)
    said = str(raised.value)
    assert "rig3" not in said
    assert "Sv3" not in said
    assert "write mqtt://host:1883" in said


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (
            ["--broker", "mqtt://hut", "--ca", "{tmp}/ca.crt"],
            "--broker mqtt://hut:1883: has no TLS, so no certificate is of use; write mqtts:// (usually port 8883)",
        ),
        (
            ["--broker", "mqtts://hut", "--ca", "{tmp}/none.crt"],
            "--ca {tmp}/none.crt: cannot be used (No such file or directory); give the broker's ca.crt, as PEM",
        ),
        (
            ["--broker", "mqtts://hut", "--ca", "{tmp}/hill.toml"],
            "--ca {tmp}/hill.toml: cannot be used (it is no PEM); give the broker's ca.crt, as PEM",
        ),
        (["--broker", "mqtts://hut", "--cert", "{tmp}/ca.crt"], "--cert and --key: the one is of no use without the other; give both"),
        (
            ["--broker", "mqtts://hut", "--cert", "{tmp}/ca.crt", "--key", "{tmp}/no.key"],
            "--cert {tmp}/ca.crt, --key {tmp}/no.key: cannot be used (No such file or directory); give a certificate and its key, as PEM",
        ),
        (
            ["--broker", "mqtt://hut", "--password-file", "{tmp}/none"],
            "{tmp}/none: cannot be read (No such file or directory); check the name",
        ),
        (["--broker", "mqtt://hut", "--password-file", "{tmp}/empty"], "{tmp}/empty: has no password in its first line"),
        (
            ["--broker", "mqtt://hut", "--password-file", "{tmp}/word"],
            "a password for mqtt://hut:1883, and no user; give --user, or TRACKER_BROKER_USER",
        ),
        (["--user", "tracker"], "--user: is for a broker; give --broker too, or leave it out"),
    ],
)
@pytest.mark.parametrize(
    "command",
    [["run", "{tmp}/hill.toml", "--roster", "{tmp}/none.csv", "--journal", "{tmp}/race.db", "--headless"], ["simulate", "{tmp}/hill.toml"]],
    ids=["run", "simulate"],
)
def test_options_that_cannot_be_used_are_said_in_a_line(
    command: list[str], words: list[str], error: str, tmp_path: Path, tracker: Tracker
) -> None:
    (tmp_path / "ca.crt").write_bytes(CA.certificate)
    (tmp_path / "hill.toml").write_text("no = 'event'")
    (tmp_path / "empty").write_text("\n")
    (tmp_path / "word").write_text("Sv3rig3\n")
    said = tracker(*(word.format(tmp=tmp_path) for word in (*command, *words)))
    assert (said.code, said.out, said.err) == (1, "", f"tracker: {error.format(tmp=tmp_path)}\n")
