"""Codes of countries as rosters have them, to those of the IOC."""

import pycountry
import pytest

from tracker.export.countries import UnknownCountryError, country_of, ioc_codes


@pytest.mark.parametrize(
    ("said", "ioc"),
    [
        *(("FR", "FRA"), ("FRA", "FRA"), ("France", "FRA")),
        *(("CH", "SUI"), ("CHE", "SUI"), ("SUI", "SUI")),
        *(("DE", "GER"), ("DEU", "GER"), ("GER", "GER")),
        *(("TW", "TPE"), ("HKG", "HKG"), ("CHI", "CHI"), ("ANT", "ANT"), ("XK", "KOS"), ("KOS", "KOS"), ("SS", "SSD")),
    ],
)
def test_iso_and_ioc_codes_and_names_are_known(said: str, ioc: str) -> None:
    assert country_of(said).ioc == ioc


def test_a_code_that_is_one_country_for_iso_and_another_for_the_ioc_is_not_guessed_at() -> None:
    with pytest.raises(UnknownCountryError) as error:
        country_of("BRN")
    assert str(error.value) == 'nationality "BRN" is Bahrain for the IOC and Brunei Darussalam in ISO 3166; write "BH" or "BN"'


def test_no_other_code_of_the_ioc_is_another_country_in_iso() -> None:
    of_iso = {country.alpha_3: country.alpha_2 for country in pycountry.countries}
    assert {ioc for ioc, iso2 in ioc_codes().items() if of_iso.get(ioc, iso2) != iso2} == {"BRN"}


def test_every_member_of_the_ioc_is_known() -> None:
    assert len(ioc_codes()) == 206
    assert set(ioc_codes().values()) - {"XK"} <= {country.alpha_2 for country in pycountry.countries}


def test_a_territory_without_a_team_has_no_code() -> None:
    assert country_of("RE").ioc is None


@pytest.mark.parametrize("said", ["XX", "UK", "ZZZ", "=1+1"])
def test_what_is_no_country_is_said_to_be_none(said: str) -> None:
    with pytest.raises(UnknownCountryError, match="is no country; write a code of the IOC"):
        country_of(said)
