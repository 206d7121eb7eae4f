"""`tracker simulate`: a simulated field, or a recorded race, whose devices publish to a broker or to the tracker itself, or to a file."""

import sys
from argparse import Namespace
from pathlib import Path

import orjson

from simulators.field import simulate_field, simulate_roster
from simulators.play import play, write_messages
from simulators.replay import recorded
from simulators.scanners import Emission, emissions, parse_faults
from tracker.clock import RaceClock
from tracker.commands.access import broker_of, need_no_access
from tracker.commands.opening import UsageError, read_text
from tracker.core.course import Event
from tracker.files.event import read_event
from tracker.files.roster import read_roster
from tracker.progress import progress


async def run(args: Namespace) -> int:
    """Publish (or write) what the devices of a race say; ends when all of it is acknowledged."""
    broker = broker_of(args)
    if broker is None:
        need_no_access(args, "is for a broker; give --broker too, or leave it out")
    if broker is None and args.out is None and args.roster_out is None:
        raise UsageError("nothing to do: give --broker to publish, --out to write the messages, or --roster-out to write the start list")
    event = read_event(read_text(args.event), str(args.event))
    roster_csv, messages = _messages(args, event)
    if args.roster_out is not None:
        args.roster_out.write_text(roster_csv, encoding="utf-8")
    if args.out is not None:
        write_messages(messages, args.out)
    facts = len({(message.topic, message.payload) for message in messages})
    said: dict[str, int] = {"messages": len(messages), "facts": facts}
    unconfirmed = 0
    if broker is not None:
        clock = _clock(args, messages)
        with progress("publishing", len(messages)) as step:
            played = await play(messages, str(broker), clock, access=broker.access, on_sent=lambda _: step(1), end_to_end=True)
        said |= {"published": played.published, "acknowledged": played.acknowledged}
        unconfirmed = played.unconfirmed
    print(orjson.dumps(said).decode() if args.json else ", ".join(f"{count} {name}" for name, count in said.items()))
    if unconfirmed:
        raise UsageError(
            f"{unconfirmed} messages are not on the tracker's disk, and it gets no further; see what it says, and run this again"
        )
    return 0


def _messages(args: Namespace, event: Event) -> tuple[str, list[Emission]]:
    if args.replay is not None:
        recording = recorded(args.replay, event, args.root)
        return recording.roster_csv, recording.emissions
    roster_csv = simulate_roster(event, args.seed) if args.roster is None else read_text(args.roster)
    roster = read_roster(roster_csv, str(args.roster or Path("simulated.csv")), event)
    journeys = simulate_field(event, roster, args.seed)
    return roster_csv, emissions(event, roster, journeys, args.seed, parse_faults(args.faults), args.root)


def _clock(args: Namespace, messages: list[Emission]) -> RaceClock | None:
    """The clock by which to publish: the one given, one that starts with the first message, or none (as fast as it goes)."""
    if args.clock is not None:
        given: RaceClock = args.clock
        return given
    if args.speed == "max" or not messages:
        return None
    clock = RaceClock.starting_at(messages[0].send_ms, float(args.speed))
    print(f"the race's clock is {clock}; give it to tracker run with --clock", file=sys.stderr)
    return clock
