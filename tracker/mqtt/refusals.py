"""Why a broker cannot be reached, as a person reads it: what is wrong, and what to do about it.

aiomqtt keeps what was raised below it as an error's context; nothing but words is made of it here.
"""

import re
import ssl

from aiomqtt.exceptions import MqttConnectError
from paho.mqtt.reasoncodes import ReasonCode

from tracker.mqtt.address import Broker

_CODE = re.compile(r"^\[[^\]]*\] *")
_NOT_YET, _EXPIRED = 9, 10  # OpenSSL's numbers of what is wrong with a certificate
_OTHER_NAME = (62, 64)
_NO_ENTRY = (4, 5, 134, 135)  # CONNACK: bad user name or password, not authorised; 3.1.1 and 5.0
_OWN_WORDS = {"Operation timed out": "no answer", "Disconnected during message iteration": "it broke"}


def in_words(error: BaseException, broker: Broker) -> str:
    """Why there is no connection to the broker, in one line that begins small, without a full stop and without a password."""
    below = error.__context__ or error
    if isinstance(error, MqttConnectError) and _number(error.rc) in _NO_ENTRY:
        return f"not authorized: {_who(broker)}"
    if isinstance(below, ssl.SSLCertVerificationError):
        return _of_certificate(below.verify_code, broker)
    if broker.tls and isinstance(below, ssl.SSLError | ConnectionResetError | BrokenPipeError):
        return "it speaks no TLS there: give the port for TLS, usually 8883, or write mqtt://"
    words = _CODE.sub("", str(error)) or type(error).__name__
    words = _OWN_WORDS.get(words, words[:1].lower() + words[1:].rstrip("."))
    return words + (_hint(broker) if words == "no answer" else "")


def _number(code: object) -> int | None:
    """The reason of a refused connection, whichever of its two forms it has."""
    return code.value if isinstance(code, ReasonCode) else code if isinstance(code, int) else None


def _who(broker: Broker) -> str:
    if broker.access.username is None:
        return "give --user and --password-file (or TRACKER_BROKER_USER and TRACKER_BROKER_PASSWORD)"
    return f"it does not know user {broker.access.username}, or the password is another"


def _of_certificate(number: int, broker: Broker) -> str:
    if number == _NOT_YET:
        return "its certificate is not valid yet: set this machine's clock"
    if number == _EXPIRED:
        return "its certificate has expired: renew it there, or set this machine's clock"
    if number in _OTHER_NAME:
        return f"its certificate is not for {broker.host}: use a name that it is for, or make it one with --host {broker.host}"
    if broker.access.ca is None:
        return "this machine trusts nobody who signed its certificate: give --ca with the broker's ca.crt"
    return f"its certificate is not signed by {broker.access.ca}: give --ca with the ca.crt of this very broker"


def _hint(broker: Broker) -> str:
    """What a broker that hangs up without a word, as most do, may have against it."""
    if not broker.tls:
        return " (if that is a port for TLS, write mqtts://)"
    return "" if broker.access.cert else " (if it asks for a certificate, give --cert and --key)"
