"""The race as it was: the journal scrubbed through the same screens, and nothing lost of what comes meanwhile."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from rich.cells import cell_len

from tests.dashboard.conftest import START_MS, Weekend
from tracker.commands.status import State, read_state
from tracker.core.soundness import check, digest
from tracker.dashboard.replay import LEAP_MS, STEP_MS, Replay
from tracker.dashboard.replay_lines import banner
from tracker.dashboard.tail import DashboardError, Tail
from tracker.files.times import format_local, parse_duration
from tracker.fold import Fold
from tracker.journal import FactRow, Journal


def at(elapsed: str) -> int:
    return START_MS + parse_duration(elapsed)


async def known_at(path: Path, at_ms: int) -> State:
    """What `tracker status --known-at` says."""
    return await read_state(path, known_at=f"{format_local(at_ms, 'Europe/Paris', date=True)[4:].replace(' ', 'T')}")


async def as_of(path: Path, at_ms: int) -> State:
    """What `tracker status --at` says."""
    return await read_state(path, at=f"{format_local(at_ms, 'Europe/Paris', date=True)[4:].replace(' ', 'T')}")


async def replay_of(path: Path) -> tuple[Tail, Replay]:
    tail = Tail(path)
    await tail.read()
    replay = await Replay.begin(tail)
    assert replay is not None
    return tail, replay


async def go_back(replay: Replay) -> None:
    """Show the third hour, which is to be reached from the fifth by two steps of one."""
    for _ in range(2):
        assert replay.aim(-LEAP_MS)
    await replay.go()
    assert replay.shown_ms == at("3h")


async def test_as_known_then_the_replay_is_what_status_says_of_that_moment_at_every_step(day: Weekend) -> None:
    tail, replay = await replay_of(day.path)
    assert replay.as_known
    for step_ms in [-STEP_MS] * 18 + [STEP_MS] * 9 + [-LEAP_MS] * 5 + [LEAP_MS] * 4:
        assert replay.aim(step_ms)
        await replay.go()
        state = await known_at(day.path, replay.moment_ms)
        assert digest(replay.fold.field) == digest(state.field)
        assert replay.fold.alerts() == state.folded.alerts()
        assert (replay.facts, replay.quarantined) == (state.facts, state.quarantined)
        assert replay.fold.field.now_ms == replay.moment_ms
        assert [row.no for row in replay.recent.facts] == list(range(1, state.facts + 1))
        check(replay.fold.field)
    await tail.close()


async def test_a_merged_journal_that_is_not_in_order_of_receipt_is_replayed_as_status_says(day: Weekend) -> None:
    for elapsed, bib in (("3h20", "4"), ("50m", "6")):
        await day.now(elapsed)
        await day.reads(bib, square="4s")
    await day.now("5h")
    tail, replay = await replay_of(day.path)
    for step_ms in [*[-LEAP_MS] * 5, *[STEP_MS] * 20]:
        assert replay.aim(step_ms)
        await replay.go()
        state = await known_at(day.path, replay.moment_ms)
        assert digest(replay.fold.field) == digest(state.field)
        assert replay.facts == state.facts
    await tail.close()


async def test_of_what_came_all_at_once_the_replay_is_as_it_happened_as_status_says_of_it(noon: Weekend) -> None:
    tail, replay = await replay_of(noon.path)
    assert not replay.as_known
    for step_ms in [-STEP_MS] * 12 + [STEP_MS] * 5 + [-LEAP_MS] * 4 + [LEAP_MS] * 3:
        assert replay.aim(step_ms)
        await replay.go()
        state = await as_of(noon.path, replay.moment_ms)
        assert digest(replay.fold.field) == digest(state.field)
        assert replay.fold.alerts() == state.folded.alerts()
        assert replay.facts == state.facts == len(replay.recent.facts)
        check(replay.fold.field)
    await tail.close()


async def test_a_recording_that_grows_is_replayed_with_what_came_since(noon: Weekend) -> None:
    tail, replay = await replay_of(noon.path)
    replay.aim(-LEAP_MS)
    await replay.go()
    await noon.reads("6", square="9s")
    await tail.read()
    replay.aim(STEP_MS)
    await replay.go()
    assert digest(replay.fold.field) == digest((await as_of(noon.path, replay.moment_ms)).field)
    await tail.close()


async def test_steps_go_to_full_moments_of_the_clock_and_no_further_than_the_first_fact(day: Weekend) -> None:
    tail, replay = await replay_of(day.path)
    moments = []
    for step_ms in (-STEP_MS, -STEP_MS, -LEAP_MS, STEP_MS, -LEAP_MS, LEAP_MS, *[-LEAP_MS] * 9):
        replay.aim(step_ms)
        moments.append(replay.moment_ms)
    assert moments[:6] == [at(said) for said in ("4h50", "4h40", "4h", "4h10", "4h", "4h")]
    assert moments[-1] == moments[-2] == at("0s")
    replay.aim(-STEP_MS)
    assert replay.moment_ms == at("0s")
    await tail.close()


async def test_a_race_that_ended_long_ago_is_replayed_from_its_end(day: Weekend) -> None:
    await day.now("200h")
    tail, replay = await replay_of(day.path)
    replay.aim(-STEP_MS)
    assert replay.moment_ms == at("4h40")
    assert not replay.aim(STEP_MS)
    await tail.close()


async def test_steps_on_only_add_rows_and_steps_back_fold_anew(day: Weekend, monkeypatch: pytest.MonkeyPatch) -> None:
    tail, replay = await replay_of(day.path)
    await go_back(replay)
    fold, taken, take = replay.fold, list[int](), Fold.take

    def counted(self: Fold, rows: list[FactRow], now_ms: int | None = None) -> None:
        taken.append(len(rows))
        take(self, rows, now_ms)

    monkeypatch.setattr(Fold, "take", counted)
    for _ in range(11):
        assert replay.aim(STEP_MS)
        await replay.go()
    assert replay.fold is fold
    assert sum(taken) == 2
    replay.aim(-STEP_MS)
    await replay.go()
    assert replay.fold is not fold
    await tail.close()


async def test_a_step_that_was_interrupted_leaves_no_half_fold_behind(day: Weekend, monkeypatch: pytest.MonkeyPatch) -> None:
    tail, replay = await replay_of(day.path)
    await go_back(replay)
    look, taken = Replay._look, asyncio.Event()

    async def hangs(*_: object) -> None:
        taken.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(Replay, "_look", hangs)
    for _ in range(11):
        assert replay.aim(STEP_MS)
    going = asyncio.create_task(replay.go())
    await taken.wait()
    going.cancel()
    with pytest.raises(asyncio.CancelledError):
        await going
    assert not replay.arrived
    monkeypatch.setattr(Replay, "_look", look)
    await replay.go()
    state = await known_at(day.path, replay.moment_ms)
    assert digest(replay.fold.field) == digest(state.field)
    assert replay.facts == state.facts == 8
    await tail.close()


async def test_older_messages_of_a_replay_are_those_that_were_known_then(day: Weekend) -> None:
    tail, replay = await replay_of(day.path)
    await go_back(replay)
    assert [row.no for row in await replay.before(100, 3)] == [4, 5, 6]
    await tail.close()


async def test_another_race_under_the_same_name_is_not_mixed_into_a_replay(day: Weekend) -> None:
    tail, replay = await replay_of(day.path)
    replay.aim(-STEP_MS)
    await day.end()
    day.path.unlink()
    anew = await Weekend(day.path).begin()
    with pytest.raises(DashboardError, match="another race has begun there; Esc shows it"):
        await replay.go()
    await anew.end()
    await tail.close()


async def test_a_thread_whose_fold_nobody_waits_for_ends_with_its_next_rows(day: Weekend, monkeypatch: pytest.MonkeyPatch) -> None:
    tail, replay = await replay_of(day.path)
    loop, began, ended, facts = asyncio.get_running_loop(), asyncio.Event(), asyncio.Event(), Journal.facts
    stopped = asyncio.Event()

    async def slow(self: Journal, since: int = 0, until_received_ms: int | None = None) -> AsyncIterator[list[FactRow]]:
        try:
            async for rows in facts(self, since, until_received_ms):
                for row in rows:
                    loop.call_soon_threadsafe(began.set)
                    while not stopped.is_set():
                        await asyncio.sleep(0.001)
                    yield [row]
        finally:
            loop.call_soon_threadsafe(ended.set)

    monkeypatch.setattr(Journal, "facts", slow)
    replay.aim(-STEP_MS)
    going = asyncio.create_task(replay.go())
    await began.wait()
    going.cancel()
    with pytest.raises(asyncio.CancelledError):
        await going
    stopped.set()
    await asyncio.wait_for(ended.wait(), 20)
    assert replay._read == 0
    await tail.close()


SENSE = {True: "as known then", False: "as it happened"}


@pytest.mark.parametrize("width", [80, 100, 120, 240])
@pytest.mark.parametrize("as_known", [True, False])
def test_the_banner_takes_one_line_and_says_the_moment_the_sense_and_the_way_back(width: int, *, as_known: bool) -> None:
    shown = banner(at("1h"), at("1h"), "Europe/Paris", 0, 10, "", width, as_known=as_known)
    assert cell_len(shown.plain) == width
    assert shown.plain.startswith("/// REPLAY Sat ")
    assert shown.plain.endswith(" REPLAY ///")
    assert "09:00" in shown.plain
    assert SENSE[as_known] in shown.plain
    assert "Esc" in shown.plain
    assert ("live: ] to the end" in shown.plain) is (width >= 120)
    assert "…" not in shown.plain
    loud = {shown.plain[span.start : span.end]: "reverse" in str(span.style) for span in shown.spans}
    assert list(loud.values()) == [True, False, True], "as no line beside it is, in colours or without"
    going = banner(at("1h"), at("2h"), "Europe/Paris", 24_000, 160_113, "", width, as_known=as_known).plain
    assert cell_len(going) == width
    assert "24,000 of 160,113 facts read, still Sat 10:00" in going
    failed = banner(at("1h"), at("2h"), "Europe/Paris", 0, 1, "x" * 300, width, as_known=as_known).plain
    assert cell_len(failed) == width
    assert failed.endswith("Esc: live ///")


async def test_a_step_on_tells_the_same_news_as_a_step_back_to_that_moment(weekend: Weekend) -> None:
    """The cutoff at the pass strikes at three hours; five minutes later it is known that one had been there in time."""
    for elapsed, bib in (("1s", "1"), ("2s", "2"), ("3s", "3")):
        await weekend.now(elapsed)
        await weekend.reads(bib, square=elapsed)
    await weekend.now("3h05")
    await weekend.reads("1", **{"pass": "1h50"})
    await weekend.now("3h45")
    await weekend.say("desk", "note", "3h45", text="wind", author="Desk A", reason="log")
    tail, replay = await replay_of(weekend.path)
    for step_ms in (-STEP_MS, *[-STEP_MS] * 4, STEP_MS):
        assert replay.aim(step_ms)
        await replay.go()
    assert replay.shown_ms == at("3h10")
    state = await known_at(weekend.path, at("3h10"))
    assert [alert.bib for alert in state.folded.alerts() if alert.kind == "late"] == ["1"]
    assert replay.fold.alerts() == state.folded.alerts()
    await tail.close()


async def test_who_could_not_read_for_a_while_is_told_the_same_news_afterwards(weekend: Weekend) -> None:
    """As a dashboard that was stopped while the cutoff struck, and while it became known that one had been there in time."""
    await weekend.now("1s")
    await weekend.reads("1", square="1s")
    await weekend.now("2h55")
    tail = Tail(weekend.path)
    await tail.read()
    await weekend.now("3h05")
    await weekend.reads("1", **{"pass": "1h50"})
    await weekend.now("3h10")
    await tail.read()
    assert tail.fold is not None
    assert [alert.bib for alert in tail.fold.alerts() if alert.kind == "late"] == ["1"]
    assert tail.fold.alerts() == (await read_state(weekend.path)).folded.alerts()
    await tail.close()
