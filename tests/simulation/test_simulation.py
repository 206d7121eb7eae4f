"""Races on simulated time, with faults in every part: nothing is lost, and nothing is acknowledged that is not on the disk."""

from tests.simulation.races import run_race


def test_a_race_that_is_run_again_goes_the_same_way() -> None:
    assert run_race(7) == run_race(7)
