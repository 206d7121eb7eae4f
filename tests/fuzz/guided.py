"""The guided search: atheris changes inputs and keeps those that reach code which none had reached before.

Needs `pip install -e '.[fuzz]'`. What it finds is written to `crash-…` in the working directory, and ends the run.
"""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import atheris


def search(target: str, runs: int, seed: int) -> None:
    """Run so many inputs, and leave the process: atheris does so itself, with exit code 0 when nothing was found."""
    with atheris.instrument_imports(include=["tracker"]):
        from tests.fuzz.targets import SEEDS, TARGETS  # noqa: PLC0415  only what is imported here is watched

    with TemporaryDirectory() as folder:
        for number, sound in enumerate(SEEDS[target]):
            (Path(folder) / f"{number}").write_bytes(sound)
        words = (f"-runs={runs}", f"-seed={seed}", "-max_len=4096", "-timeout=20", "-rss_limit_mb=2048", "-print_final_stats=1")
        atheris.Setup([sys.argv[0], *words, folder], TARGETS[target])
        atheris.Fuzz()
