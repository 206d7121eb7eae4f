"""What aiomqtt takes for paho's client, on the simulated network: the real aiomqtt, and all that stands on it, runs as it is.

Only what aiomqtt and the tracker ask of paho is here. It answers as paho does: a call on a broken connection returns an error code.
"""

from collections.abc import Callable
from typing import Any, ClassVar, NamedTuple

from paho.mqtt import client as real
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.reasoncodes import ReasonCode

from tests.simulation.broker import Client, Greeting, Message, SimBroker
from tests.simulation.loop import Process, SimLoop, current
from tests.simulation.network import Connection, Host, Network

_ACCEPTED = ReasonCode(PacketTypes.CONNACK, "Success")


class Site(NamedTuple):
    """Where a process is: its host, and what it tells of what it does on its connections."""

    loop: SimLoop
    net: Network
    broker: SimBroker
    host: Host
    acknowledges: Callable[[Message], None]
    publishes: Callable[[Message], None]
    now_ms: Callable[[], int]


class Info:
    """How a publish went."""

    def __init__(self, rc: int, mid: int) -> None:
        self.rc, self.mid = rc, mid

    def is_published(self) -> bool:
        """Never at once."""
        return False


class SimPaho(Client):
    """One client of one process; after its connection is gone aiomqtt makes another."""

    sites: ClassVar[dict[Process, Site]] = {}

    def __init__(self, *, client_id: str, clean_session: bool, **_: Any) -> None:
        self._process = current()
        self._site = self.sites[self._process]
        self._identifier, self._clean = client_id, clean_session
        self._will: Message | None = None
        self._connection: Connection | None = None
        self._manual = False
        self._mids = 0
        self._received: dict[int, Message] = {}
        self.on_connect: Any = None
        self.on_disconnect: Any = None
        self.on_subscribe: Any = None
        self.on_message: Any = None
        self.on_publish: Any = None

    def manual_ack_set(self, on: bool) -> None:
        """Nothing is acknowledged but by `ack`."""
        self._manual = on

    def max_inflight_messages_set(self, _: int) -> None:
        """The tracker itself sends no more than that."""

    def enable_logger(self, _: object) -> None:
        """It is silent."""

    def will_set(self, topic: str, payload: bytes, *_: object) -> None:
        """The last will is always retained."""
        self._will = Message(topic, payload, retain=True)

    def connect(self, _host: str, _port: int, keepalive: int, *_: object) -> None:
        """CONNECT is on its way; OSError when nobody listens."""
        site = self._site
        if not site.broker.up and not site.host.cut_off:
            raise ConnectionRefusedError(111, "Connection refused")
        connection = self._connection = site.net.connect(site.host, self, site.broker, self._process.context, keepalive)
        greeting = Greeting(self._identifier, self._clean, self._will, self)
        connection.up.send(lambda: site.broker.greet(connection, greeting))

    def subscribe(self, topic: str, *_: object) -> tuple[int, int | None]:
        """SUBSCRIBE."""
        connection = self._open()
        if connection is None:
            return real.MQTT_ERR_NO_CONN, None
        mid = self._next_mid()
        connection.up.send(lambda: self._site.broker.subscribe(connection, mid, topic))
        return real.MQTT_ERR_SUCCESS, mid

    def publish(self, topic: str, payload: bytes, qos: int, retain: bool, *_: object) -> Info:
        """PUBLISH, at QoS 1."""
        connection = self._open()
        if connection is None:
            return Info(real.MQTT_ERR_NO_CONN, 0)
        assert qos == 1, "the contract asks for QoS 1"
        mid, message = self._next_mid(), Message(topic, payload, retain)
        self._site.publishes(message)
        connection.up.send(lambda: self._site.broker.publish(connection, mid, message))
        return Info(real.MQTT_ERR_SUCCESS, mid)

    def ack(self, mid: int, _qos: int) -> int:
        """PUBACK; what was never received on this connection is acknowledged all the same, as paho does it."""
        connection = self._open()
        if connection is None:
            return real.MQTT_ERR_NO_CONN
        message = self._received.pop(mid, None)
        if message is not None:
            self._site.acknowledges(message)
        connection.up.send(lambda: self._site.broker.acknowledge(connection, mid))
        return real.MQTT_ERR_SUCCESS

    def disconnect(self) -> int:
        """DISCONNECT, and the end of the stream."""
        connection = self._open()
        if connection is None:
            return real.MQTT_ERR_NO_CONN
        connection.up.send(lambda: self._site.broker.leave(connection))
        connection.closed_by_client()
        self._connection = None
        self._site.loop.call_soon(self.on_disconnect, self, None, None, real.MQTT_ERR_SUCCESS, None)
        return real.MQTT_ERR_SUCCESS

    def socket(self) -> Connection | None:
        """What the tracker takes from the event loop while it cannot keep up."""
        return self._open()

    def loop_read(self) -> int:
        """What has arrived is read by the loop."""
        return real.MQTT_ERR_SUCCESS

    def _open(self) -> Connection | None:
        return self._connection if self._process.alive else None

    def _next_mid(self) -> int:
        self._mids = self._mids % 65_535 + 1
        return self._mids

    def lost(self, _: Connection) -> None:
        """The connection broke."""
        self._connection = None
        self.on_disconnect(self, None, None, real.MQTT_ERR_CONN_LOST, None)

    def connected(self, resumed: bool) -> None:
        self.on_connect(self, None, real.ConnectFlags(session_present=resumed), _ACCEPTED, None)

    def subscribed(self, mid: int) -> None:
        self.on_subscribe(self, None, mid, [])

    def published(self, mid: int) -> None:
        self.on_publish(self, None, mid, None, None)

    def message(self, mid: int, message: Message) -> None:
        received = real.MQTTMessage(mid, message.topic.encode())
        received.payload, received.qos, received.retain = message.payload, 1, message.retain
        self._received[mid] = message
        self.on_message(self, None, received)
        if not self._manual:
            self.ack(mid, 1)
