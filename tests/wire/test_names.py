"""Names that devices give themselves and what they send: whatever it is, it may stand on a screen."""

import orjson
import pytest

from tracker.core.facts import AlertWord, Heartbeat, Passage, Void
from tracker.wire import Wire, WireError

HARM = "\x1b]0;own\x07\u202e-1\x9b"
DESK = {"author": "A", "reason": "r"}
WIRE = Wire("hill")


def decoded(kind: str, said: dict[str, str], station: str = "col") -> object:
    return WIRE.decode(f"tracker/hill/{station}/{kind}", orjson.dumps({"time": 1_656_140_000_000} | said))


def test_a_name_that_would_do_harm_is_read_without_it() -> None:
    read = decoded("passage", {"id": HARM, "bib": "1", "device": HARM}, "col\x1b")
    assert isinstance(read, Passage)
    assert (read.id, read.device, read.station) == ("]0;own-1", "]0;own-1", "col")
    beat = decoded("heartbeat", {"device": HARM})
    assert isinstance(beat, Heartbeat)
    assert beat.device == "]0;own-1"


def test_who_speaks_of_such_a_name_means_the_same_one() -> None:
    void = decoded("void", DESK | {"id": "v", "fact": HARM}, "desk")
    assert isinstance(void, Void)
    assert void.fact == "]0;own-1"
    word = decoded("alert", DESK | {"id": "w", "alert": f"silent:{HARM}", "state": "acknowledged"}, "desk")
    assert isinstance(word, AlertWord)
    assert word.alert == "silent:]0;own-1"


@pytest.mark.parametrize("said", [{"id": "\x1b", "bib": "1"}, {"id": "p", "bib": "1", "device": "\u200b"}])
def test_a_name_of_which_nothing_can_be_seen_is_none(said: dict[str, str]) -> None:
    with pytest.raises(WireError, match="a name is blank"):
        decoded("passage", said)


def test_the_reason_why_a_message_is_no_fact_may_stand_on_a_screen_too() -> None:
    with pytest.raises(WireError) as refused:
        decoded("passage", {"id": "p", "bib": "1", "way": HARM})
    assert str(refused.value).isprintable()
