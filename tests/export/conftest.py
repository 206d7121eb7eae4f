"""What every test of a format is given: the results of the golden race."""

import pytest

from tests.export.golden import golden_results
from tracker.export.results import Results


@pytest.fixture(scope="session")
def golden(tmp_path_factory: pytest.TempPathFactory) -> Results:
    """The results of the golden race; nobody changes them."""
    return golden_results(tmp_path_factory.mktemp("golden"))
