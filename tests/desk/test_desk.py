"""The desk's decisions on their way: over a real broker or the tracker's own endpoint, through everything that can be away or killed."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest

from tests.conftest import GUN_MS, MINUTE_MS, PATIENCE_S, Mosquitto, RaceDay, Tracker, Way, free_port, race_day, until
from tests.desk.test_outbox import TORN
from tests.ingest.running import on_disk, running
from tracker.core.facts import Decided, Decision
from tracker.desk import Desk
from tracker.journal import Journal, QuarantineRow
from tracker.mqtt.address import Broker
from tracker.outbox import OutboxError, outbox_path
from tracker.wire import Wire, WireError, message_of_line

LATER_MS = GUN_MS + 240 * MINUTE_MS
ACCEPTED = {"time": LATER_MS, "author": "race director", "reason": "held up by a rescue", "bib": "1", "status": "accepted"}


@pytest.fixture(scope="module")
def day() -> RaceDay:
    return race_day(3)


@pytest.fixture
async def quiet(tmp_path: Path, day: RaceDay) -> AsyncIterator[Journal]:
    """The journal of a race whose ingest has never run, open for writing."""
    async with await Journal.create(tmp_path / "race.db", day.sources) as journal:
        yield journal


@asynccontextmanager
async def office(path: Path, broker: Broker | None = None) -> AsyncIterator[Desk]:
    """A desk as a dashboard has it: it sends, and looks into the journal again and again."""
    desk = Desk(path, broker)
    async with await Journal.open(path) as journal:
        await desk.settle(journal)
        tasks = [asyncio.create_task(desk.run()), asyncio.create_task(look_again(desk, journal))]
        try:
            yield desk
        finally:
            for task in tasks:
                task.cancel()
            ends = await asyncio.gather(*tasks, return_exceptions=True)
        assert [type(end) for end in ends] == [asyncio.CancelledError] * 2


async def look_again(desk: Desk, journal: Journal) -> None:
    while True:
        await desk.settle(journal)
        await asyncio.sleep(0.05)


async def arrived(desk: Desk) -> None:
    await until(lambda: not desk.pending, f"nothing is pending ({desk.link})")


async def decisions(path: Path) -> list[str]:
    """The ids of the desk's facts in a journal."""
    async with await Journal.open(path) as journal:
        facts = [Wire("hill").decode(*message) for message in await on_disk(journal)]
    return [fact.id for fact in facts if isinstance(fact, Decision)]


async def test_a_decision_is_in_the_journal_once_and_pending_no_more(tmp_path: Path, day: RaceDay, way: Way) -> None:
    with running(day, tmp_path, *way.words) as ingest:
        await ingest.up()
        async with office(ingest.journal) as desk:
            await until(lambda: desk.link.startswith("connected to mqtt://127.0.0.1:"), "the desk is connected")
            fact = await desk.say("status", ACCEPTED)
            assert fact == Decision(fact.key, fact.id, LATER_MS, "race director", "held up by a rescue", "1", Decided.ACCEPTED)
            assert [(said.fact, said.said_ms) for said in desk.pending] == [(fact, LATER_MS)]
            await arrived(desk)
            assert desk.refused == []
        assert await decisions(ingest.journal) == [fact.id]
        assert ingest.stop() == 0


SAY_AND_DIE = """
import asyncio, os, signal, sys
from pathlib import Path
from tracker.desk import Desk
from tracker.journal import Journal

async def main():
    path = Path(sys.argv[1])
    desk = Desk(path)
    async with await Journal.open(path) as journal:
        await desk.settle(journal)
        fact = await desk.say("status", {fields})
        print(fact.id, flush=True)
        os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main())
"""


def say_and_die(path: Path) -> str:
    """A dashboard that says a decision and is killed before it can send it; returns the fact's id."""
    script = SAY_AND_DIE.replace("{fields}", repr(ACCEPTED))
    killed = subprocess.run([sys.executable, "-c", script, str(path)], capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    assert killed.returncode == -9, killed.stderr
    return killed.stdout.strip()


async def test_what_was_said_by_a_dashboard_that_was_killed_is_sent_by_the_next(tmp_path: Path, day: RaceDay, way: Way) -> None:
    with running(day, tmp_path, *way.words) as ingest:
        await ingest.up()
        said = say_and_die(ingest.journal)
        assert await decisions(ingest.journal) == []
        async with office(ingest.journal) as desk:
            assert [one.fact.id for one in desk.pending] == [said]
            await arrived(desk)
        assert await decisions(ingest.journal) == [said]
        async with office(ingest.journal) as desk:
            assert desk.pending == []


async def test_a_decision_waits_for_an_endpoint_that_is_killed_and_comes_back(tmp_path: Path, day: RaceDay) -> None:
    with running(day, tmp_path, "--listen", f"127.0.0.1:{free_port()}") as ingest:
        await ingest.up()
        async with office(ingest.journal) as desk:
            await until(lambda: desk.link.startswith("connected"), "the desk is connected")
            ingest.kill()
            await until(lambda: desk.link.startswith("no connection to mqtt://127.0.0.1:"), "the desk notices")
            fact = await desk.say("status", ACCEPTED)
            await until(lambda: "(connection refused); it is tried again" in desk.link, "the desk tries again")
            assert len(desk.pending) == 1
            ingest.start()
            await arrived(desk)
        assert await decisions(ingest.journal) == [fact.id]


async def test_a_decision_waits_for_a_broker_that_is_away(tmp_path: Path, day: RaceDay, mosquitto: Mosquitto) -> None:
    with running(day, tmp_path, "--broker", mosquitto.url) as ingest:
        await ingest.up()
        async with office(ingest.journal) as desk:
            mosquitto.stop()
            facts = [await desk.say("status", {**ACCEPTED, "bib": str(bib)}) for bib in (1, 2, 3)]
            await until(lambda: "(connection refused); it is tried again" in desk.link, "the desk notices")
            assert [said.fact for said in desk.pending] == facts
            mosquitto.start()
            await arrived(desk)
        assert sorted(await decisions(ingest.journal)) == sorted(fact.id for fact in facts)


async def test_a_broker_that_forgets_what_it_took_is_given_it_again(
    tmp_path: Path, day: RaceDay, mosquitto: Mosquitto, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tracker.mqtt.sender._AGAIN_AFTER_S", (2.0,))
    with running(day, tmp_path, "--broker", mosquitto.url) as ingest:
        await ingest.up()
        assert ingest.stop() == 0
        async with office(ingest.journal) as desk:
            fact = await desk.say("status", ACCEPTED)

            def taken() -> bool:
                return desk._sender is not None and [owed.acknowledged for owed in desk._sender._owed.values()] == [1]

            await until(taken, "the broker has taken it")
            assert [said.fact for said in desk.pending] == [fact], "a broker's word is not the journal's"
            mosquitto.kill()
            for saved in (tmp_path / "mosquitto").glob("mosquitto.db*"):
                saved.unlink()
            mosquitto.start()
            ingest.start()
            await arrived(desk)
        assert await decisions(ingest.journal) == [fact.id]


async def test_two_dashboards_with_one_outbox_bring_everything_there_once(tmp_path: Path, day: RaceDay, way: Way) -> None:
    with running(day, tmp_path, *way.words) as ingest:
        await ingest.up()
        async with office(ingest.journal) as one, office(ingest.journal) as other:
            said = await asyncio.gather(*(desk.say("status", {**ACCEPTED, "reason": str(n)}) for n in range(40) for desk in (one, other)))
            await arrived(one)
            await arrived(other)
        assert sorted(await decisions(ingest.journal)) == sorted(fact.id for fact in said)


async def test_one_dashboard_sees_and_sends_what_another_said_that_cannot_send(tmp_path: Path, day: RaceDay) -> None:
    with running(day, tmp_path, "--listen", f"127.0.0.1:{free_port()}") as ingest:
        await ingest.up()
        async with office(ingest.journal, Broker("127.0.0.1", free_port())) as cut_off:
            fact = await cut_off.say("status", ACCEPTED)
            await until(lambda: cut_off.link.startswith("no connection"), "it cannot send")
            assert len(cut_off.pending) == 1
            async with office(ingest.journal):
                await arrived(cut_off)
        assert await decisions(ingest.journal) == [fact.id]


async def test_what_is_fed_by_hand_is_pending_no_more(tmp_path: Path, quiet: Journal, tracker: Tracker) -> None:
    async with office(quiet.path) as desk:
        fact = await desk.say("status", ACCEPTED)
        assert desk.link == "nobody has said yet where messages go: they wait until tracker run takes them in, or give --broker"
        assert [said.fact for said in desk.pending] == [fact]
        await quiet.close()
        fed = await asyncio.to_thread(tracker, "feed", quiet.path, outbox_path(quiet.path))
        assert (fed.code, fed.out) == (0, "1 messages: 1 new facts, 0 known already, 0 in quarantine\n")
        await arrived(desk)


async def test_what_stands_in_quarantine_is_refused_with_the_reason_and_not_sent(quiet: Journal) -> None:
    async with office(quiet.path) as desk:
        fact = await desk.say("status", ACCEPTED)
        [(topic, payload)] = [message_of_line(line) for line in outbox_path(quiet.path).read_bytes().splitlines()]
        await quiet.append([], [QuarantineRow(0, LATER_MS, topic, payload, "an older tracker knows no acceptance")])
        await arrived(desk)
        assert [(one.fact, one.payload, one.reason) for one in desk.refused] == [(fact, payload, "an older tracker knows no acceptance")]
    async with office(quiet.path, Broker("127.0.0.1", free_port())) as again:
        assert len(again.refused) == 1
        await until(lambda: again._sender is not None, "it sends what it has to")
        assert again._sender is not None
        assert again._sender._owed == {}


async def test_a_line_that_is_no_decision_is_refused_and_the_others_go_their_way(quiet: Journal) -> None:
    outbox_path(quiet.path).write_bytes(
        b'{"topic":"tracker/hill/desk/stauts","payload":{}}\n{"topic":"tracker/hill/col/passage","payload":{"id":"p-1","bib":"1","time":1}}\n'
    )
    async with office(quiet.path) as desk:
        fact = await desk.say("status", ACCEPTED)
        assert [said.fact for said in desk.pending] == [fact]
        assert [one.fact for one in desk.refused] == [None, None]
        assert desk.refused[0].reason.startswith("topic 'tracker/hill/desk/stauts' has the unknown kind 'stauts'")
        assert desk.refused[1].reason.endswith("is none of the desk's; it can be fed by hand with tracker feed")


async def test_a_torn_line_is_doubted_in_words(quiet: Journal) -> None:
    outbox_path(quiet.path).write_bytes(TORN)
    async with office(quiet.path) as desk:
        assert desk.doubt.startswith(f"! {quiet.path}.outbox: 1 line torn, so never sent (line 1: ")
        fact = await desk.say("status", ACCEPTED)
        await until(lambda: [said.fact for said in desk.pending] == [fact], "what was said after it is pending")


@pytest.mark.parametrize(
    ("kind", "fields", "error"),
    [
        ("status", {**ACCEPTED, "status": "acepted"}, "status message: field \"status\": invalid enum value 'acepted'"),
        ("status", {key: said for key, said in ACCEPTED.items() if key != "reason"}, 'status message: field "reason" is missing'),
        ("verdict", ACCEPTED, "topic 'tracker/hill/desk/verdict' has the unknown kind 'verdict'; at desk there can be start"),
    ],
)
async def test_what_is_no_decision_is_not_said_at_all(quiet: Journal, kind: str, fields: dict[str, object], error: str) -> None:
    async with office(quiet.path) as desk:
        with pytest.raises(WireError) as raised:
            await desk.say(kind, fields)
        assert str(raised.value).startswith(error)
        assert desk.pending == []
        assert not outbox_path(quiet.path).exists()


async def test_what_cannot_be_kept_is_not_said(quiet: Journal) -> None:
    outbox_path(quiet.path).mkdir()
    async with office(quiet.path) as desk:
        with pytest.raises(OutboxError, match=r"race\.db\.outbox: cannot be written \(Is a directory\), so nothing was said"):
            await desk.say("status", ACCEPTED)
        assert desk.pending == []


async def test_nothing_can_be_said_before_the_race_is_known(tmp_path: Path) -> None:
    with pytest.raises(OutboxError, match="the journal has not been read yet, so nothing was said; wait until the race is there"):
        await Desk(tmp_path / "race.db").say("status", ACCEPTED)


async def test_the_journal_says_where_the_ingest_is_but_not_the_password(tmp_path: Path, day: RaceDay, mosquitto: Mosquitto) -> None:
    secret = mosquitto.url.replace("mqtt://", "mqtt://office:Sv3rig3@")
    with running(day, tmp_path, "--broker", secret) as ingest:
        async with await ingest.opened() as journal:
            found = await journal.ingest()
            assert found is not None
            assert found.address == mosquitto.url
        assert ingest.stop() == 0
    written = [path for path in tmp_path.iterdir() if path.is_file() and b"Sv3rig3" in path.read_bytes()]
    assert written == []


async def test_an_ingest_that_moves_is_followed(tmp_path: Path, day: RaceDay) -> None:
    with running(day, tmp_path, "--listen", f"127.0.0.1:{free_port()}") as ingest:
        await ingest.up()
        async with office(ingest.journal) as desk:
            await until(lambda: desk.link.startswith("connected"), "the desk is connected")
            assert ingest.stop() == 0
            ingest.command[-1] = f"0.0.0.0:{free_port()}"
            ingest.start()
            port = ingest.command[-1].split(":")[1]
            await until(lambda: desk.link == f"connected to mqtt://127.0.0.1:{port}", "the desk has found it")
            await desk.say("status", ACCEPTED)
            await arrived(desk)


async def test_a_broker_that_wants_a_password_is_named_with_what_it_says(quiet: Journal, mosquitto: Mosquitto) -> None:
    config = mosquitto._config
    config.write_text(config.read_text().replace("allow_anonymous true", "allow_anonymous false"))
    mosquitto.kill()
    mosquitto.start()
    async with office(quiet.path, Broker.parse(mosquitto.url)) as desk:
        await until(lambda: desk.link.startswith("no connection to"), "the broker refuses")
        how = "give --user and --password-file (or TRACKER_BROKER_USER and TRACKER_BROKER_PASSWORD)"
        assert desk.link == f"no connection to {mosquitto.url} (not authorized: {how}); it is tried again"


async def test_quitting_is_not_held_up_by_somebody_who_takes_the_call_and_says_nothing(quiet: Journal) -> None:
    called = asyncio.Event()

    async def mute(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        called.set()
        with closing(writer):
            await reader.read()

    server = await asyncio.start_server(mute, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with asyncio.timeout(PATIENCE_S), office(quiet.path, Broker("127.0.0.1", port)) as desk:
        await desk.say("status", ACCEPTED)
        await called.wait()
        assert desk.link == f"connecting to mqtt://127.0.0.1:{port}"
    server.close()
    await server.wait_closed()
