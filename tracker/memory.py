"""What the garbage collector is told of a race: it is nearly all of the memory, and stays until the process ends.

The collector only finds what refers to itself in a circle, which facts and verdicts never do. To look through a large field for that again
and again would cost a tenth of the time.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_YOUNG_MAX = 50_000


def keep() -> None:
    """Leave what is loaded by now out of every later collection, and look less often through what comes."""
    gc.freeze()
    gc.set_threshold(_YOUNG_MAX)


@contextmanager
def loading() -> Iterator[None]:
    """Collect nothing meanwhile, and `keep` what was loaded."""
    gc.disable()
    try:
        yield
        keep()
    finally:
        gc.enable()
