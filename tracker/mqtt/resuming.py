"""Whether a broker still had our session when it let us in: aiomqtt does not hand that on."""

from collections.abc import Callable

import aiomqtt
from paho.mqtt.client import Client as PahoClient
from paho.mqtt.client import ConnectFlags
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode


def tell_whether_resumed(client: aiomqtt.Client, told: Callable[[bool], None]) -> None:
    """Let a client that is not connected yet tell it, once it is let in."""
    greeted = client._on_connect  # noqa: SLF001

    def greet(paho: PahoClient, data: object, flags: ConnectFlags, code: ReasonCode, properties: Properties | None = None) -> None:
        if not code.is_failure:
            told(flags.session_present)
        greeted(paho, data, flags, code, properties)

    client._client.on_connect = greet  # noqa: SLF001
