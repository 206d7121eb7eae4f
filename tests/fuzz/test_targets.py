"""A short blind search of every target that the guided one searches for longer: only refusals in words come out."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz.targets import SEEDS, TARGETS

_SPOILERS = (
    b"\0",
    b"\xff",
    b"\xed\xa0\x80",
    b'"',
    b"\n",
    b"=",
    b"[[",
    b"9" * 400,
    b"1e400",
    b"nan",
    b"\xe2\x80\xae",
    b"\x1b[2J",
    b",",
    b";",
    b"-",
)
_LOOKS = {"journal": 112, "event": 150, "roster": 300}


@pytest.mark.parametrize("target", TARGETS)
def test_what_was_sound_and_is_spoiled_is_refused_in_words(target: str) -> None:
    chance = Random(11)
    for number in range(_LOOKS.get(target, 1500)):
        data = bytearray(SEEDS[target][number % len(SEEDS[target])])
        for _ in range(0 if number < len(SEEDS[target]) else chance.randint(1, 4)):
            at = chance.randint(1, len(data))
            match chance.randrange(4):
                case 0:
                    del data[at : at + chance.randint(1, 40)]
                case 1:
                    data[at:at] = data[chance.randint(0, len(data)) :][: chance.randint(1, 60)]
                case 2:
                    data[at:at] = chance.choice(_SPOILERS)
                case _:
                    data[at - 1] = chance.randrange(256)
        TARGETS[target](bytes(data))


@pytest.mark.parametrize("target", [name for name in TARGETS if name not in ("journal", "outbox")])
@settings(max_examples=150, deadline=None, derandomize=True)
@given(data=st.one_of(st.binary(max_size=300), st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace"))))
def test_noise_is_refused_in_words(target: str, data: bytes) -> None:
    TARGETS[target](data)
