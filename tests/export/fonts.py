"""Fonts that a test looks for signs in: of Debian's fonts-noto-core and fonts-noto-cjk, which `.ci/run` installs."""

import pytest
import typst


def needs_fonts(*families: str) -> None:
    """Skip the test where this machine has not one of the families."""
    there = typst.Fonts().families()
    missing = [family for family in families if not any(family in one for one in there)]
    if missing:
        pytest.skip(f"no font {', '.join(missing)}; apt install fonts-noto-core fonts-noto-cjk")
