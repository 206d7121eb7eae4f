"""Which country a code of the roster means, and its code for the International Olympic Committee.

ISO 3166 is pycountry's. The IOC's codes are a table of django-countries, which is read as a file, since the package itself asks for Django.
"""

import runpy
from dataclasses import dataclass
from functools import cache
from importlib.metadata import distribution

_IOC_TABLE = "django_countries/ioc_data.py"
_NOT_IN_IT = {"KOS": "XK", "SSD": "SS"}
"""Members of the IOC since 2014 and 2015 (olympics.com/ioc/national-olympic-committees)."""


@dataclass(frozen=True, slots=True)
class Country:
    """A country by its ISO code of two letters, and by that of the IOC (None: it has no team of its own)."""

    name: str
    iso2: str
    ioc: str | None


class UnknownCountryError(Exception):
    """A text that means no country, or two; `what` says so, and `do` what to write."""

    def __init__(self, what: str, do: str) -> None:
        super().__init__(f"{what}; {do}")
        self.what, self.do = what, do


@cache
def country_of(said: str) -> Country:
    """The country of a code (IOC, or ISO with two or three letters) or of an English name. UnknownCountryError when it is none, or when
    ISO and the IOC mean two countries by it.
    """
    import pycountry  # noqa: PLC0415

    by_ioc = ioc_codes().get(said.upper())
    by_iso: str | None
    try:
        by_iso = pycountry.countries.lookup(said).alpha_2
    except LookupError:
        by_iso = "XK" if said.upper() in ("XK", "XKX") else None  # in use for Kosovo, though not of ISO's list
    if by_ioc is not None and by_iso is not None and by_ioc != by_iso:
        what = f'nationality "{said}" is {_name(by_ioc)} for the IOC and {_name(by_iso)} in ISO 3166'
        raise UnknownCountryError(what, f'write "{by_ioc}" or "{by_iso}"')
    iso2 = by_ioc or by_iso
    if iso2 is None:
        raise UnknownCountryError(f'nationality "{said}" is no country', 'write a code of the IOC ("FRA") or of ISO 3166 ("FR")')
    return Country(_name(iso2), iso2, next((ioc for ioc, of in ioc_codes().items() if of == iso2), None))


def codes_of(said: str | None) -> tuple[str, str]:
    """The code of the IOC and the ISO code of two letters; each empty where there is none, since a wrong one would be worse."""
    try:
        found = country_of(said) if said else None
    except UnknownCountryError:
        found = None
    return ("", "") if found is None else (found.ioc or "", found.iso2)


@cache
def ioc_codes() -> dict[str, str]:
    """IOC code → ISO code of two letters."""
    table: dict[str, str] = runpy.run_path(str(distribution("django-countries").locate_file(_IOC_TABLE)))["IOC_TO_ISO"]
    return table | _NOT_IN_IT


def _name(iso2: str) -> str:
    import pycountry  # noqa: PLC0415

    found = pycountry.countries.get(alpha_2=iso2)
    return "Kosovo" if found is None else str(getattr(found, "common_name", found.name))
