"""A runner's name in two parts, for timing systems and live pages, which show it and want both; nobody is looked up by it.

Who does look runners up (`receivers`) gets no guess of which word is the family name.
"""

from tracker.core.roster import Entrant


def given_and_family(entrant: Entrant) -> tuple[str, str]:
    """The given and the family name as the roster has them; of a name in one piece the last word is the family name."""
    if entrant.first_name or entrant.last_name:
        return entrant.first_name, entrant.last_name
    given, _, family = entrant.name.rpartition(" ")
    return given, family
