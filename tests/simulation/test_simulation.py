"""Races on simulated time, with faults in every part: nothing is lost, and nothing is acknowledged that is not on the disk."""

import os
import subprocess
import sys
from random import Random

import pytest

from tests.simulation.__main__ import told
from tests.simulation.bugs import BUGS, UNSYNCED, bug
from tests.simulation.races import Outcome, run_race, run_script
from tests.simulation.script import Fault, Script, script

PORTIONS = [range(first, first + 25) for first in range(0, 200, 25)]
SEEDS = range(200)


@pytest.mark.parametrize("seeds", PORTIONS, ids=lambda seeds: f"seeds {seeds[0]} to {seeds[-1]}")
def test_whatever_befalls_a_race_nothing_is_lost(seeds: range) -> None:
    outcomes = [run_race(seed) for seed in seeds]
    failed = [told(outcome) for outcome in outcomes if outcome.violations]
    assert not failed, "\n".join(failed)
    assert sum(outcome.facts for outcome in outcomes) > 10 * len(seeds)
    assert sum(outcome.faults for outcome in outcomes) > 10 * len(seeds)


def test_the_one_race_of_twenty_thousand_in_which_a_full_disk_and_a_kill_met_while_an_outbox_was_numbered() -> None:
    outcome = run_race(21_584)
    assert not outcome.violations, told(outcome)


def test_a_race_without_faults_settles_at_once() -> None:
    outcome = run_race(1, faulty=False)
    assert outcome.violations == []
    assert outcome.calm_s < 120


def _first_found() -> Outcome | None:
    return next((outcome for outcome in map(run_race, SEEDS) if outcome.violations), None)


@pytest.mark.parametrize("name", BUGS)
def test_a_bug_is_found_within_the_same_races_and_its_race_goes_the_same_way_again(name: str) -> None:
    with bug(name):
        found = _first_found()
        assert found is not None, f"200 races, and nothing is said of it that {name}"
        assert run_race(found.seed) == found
    assert f"--races 1 --seed {found.seed} --bug {BUGS.index(name)}" in told(found, name)


def _killed_and_then_without_power(seed: int) -> Script:
    """A race in which every device is killed in the middle of moving its fresh outbox to its place, and loses its power afterwards."""
    drawn, chance = script(seed), Random(seed)
    drawn.faults = []
    for device in drawn.devices:
        drawn.faults.append(Fault(0.0, "cut-off", device, 5.0, 0.0))
        drawn.faults.append(Fault(4.9, "in-disk", device, 0.0, chance.uniform(0.5, 1)))
        drawn.faults.append(Fault(chance.uniform(8, 30), "power", device, 0.0, chance.uniform(0, 0.1)))
        drawn.faults.append(Fault(chance.uniform(8, 30), "power", device, 0.0, chance.uniform(0, 0.1)))
    return drawn


@pytest.mark.parametrize("seed", [68, 182])
def test_what_a_killed_device_has_left_on_its_disk_outlives_a_power_cut_once_it_is_sent(seed: int) -> None:
    with bug(UNSYNCED):
        assert run_script(_killed_and_then_without_power(seed)).violations
    outcome = run_script(_killed_and_then_without_power(seed))
    assert not outcome.violations, told(outcome)


def test_a_race_goes_the_same_way_in_another_process() -> None:
    ask = "from tests.simulation.races import run_race; print(*[run_race(seed).trace for seed in (3, 8, 11)])"
    said = {
        subprocess.run(
            [sys.executable, "-c", ask], env={**os.environ, "PYTHONHASHSEED": number}, capture_output=True, text=True, check=True
        ).stdout
        for number in ("1", "2")
    }
    assert said == {" ".join(run_race(seed).trace for seed in (3, 8, 11)) + "\n"}


def test_the_command_says_which_race_failed_and_how_to_run_it_again() -> None:
    words = [sys.executable, "-m", "tests.simulation", "--races", "1", "--seed", "0", "--bug", "0"]
    said = subprocess.run(words, capture_output=True, text=True, check=False)
    assert said.returncode == 1
    assert "1 races with violations" in said.stdout
    assert "seed 0" in said.stderr
    assert "again: python -m tests.simulation --races 1 --seed 0 --bug 0" in said.stderr
    assert "acknowledges to the broker what is not on its disk" in said.stderr
