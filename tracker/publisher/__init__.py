"""What a scanner needs to lose nothing: a small library, and by example the protocol (docs/scanner.md), for who builds scanners.

Every fact is on the scanner's own disk before it counts as said, and is sent until the tracker has acknowledged it end to end.
"""

from tracker.mqtt.address import Broker
from tracker.outbox import OutboxError
from tracker.publisher.publisher import HEARTBEAT_S, Publisher
from tracker.wire import WireError

__all__ = ["HEARTBEAT_S", "Broker", "OutboxError", "Publisher", "WireError"]
