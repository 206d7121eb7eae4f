"""What the outside is told: moments to the letter as the calendar has them, however they are made."""

from zoneinfo import available_timezones

from hypothesis import example, given
from hypothesis import strategies as st

from tracker.files.times import local_datetime
from tracker.views import rfc3339


@given(st.integers(-3_000_000_000_000, 4_000_000_000_000), st.sampled_from(sorted(available_timezones())))
@example(1_698_541_199_999, "Europe/Andorra")  # the last millisecond of summer time, and the first of winter time
@example(1_698_541_200_000, "Europe/Andorra")
@example(0, "Africa/Monrovia")  # 44 minutes and 30 seconds behind
@example(-1, "Asia/Kathmandu")
def test_a_moment_is_told_as_the_calendar_has_it(at_ms: int, timezone: str) -> None:
    assert rfc3339(at_ms, timezone) == local_datetime(at_ms, timezone).isoformat(timespec="milliseconds")
