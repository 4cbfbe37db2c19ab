"""How many homes and how much space the words of a proposal promise."""

import pytest

from planning_review.text.quantities import Quantities, read_quantities


@pytest.mark.parametrize(
    ("proposal", "dwellings"),
    [
        ("Outline application for up to 150 dwellings", 150),
        ("Residential development of up to 75no. dwellings", 75),
        ("1,250 homes", 1250),
        ("Erection of 12no. two-bedroom flats", 12),
        ("twelve houses", 12),
        ("Erection of twenty-five dwellings", 25),
        ("one hundred and fifty homes", 150),
        ("one dwelling", 1),
        ("Erection of dwelling", 1),
        ("Erection of detached dwelling and garage", 1),
        ("3-bed detached house with garage", 1),
        ("Erection of an agricultural worker's dwelling", 1),
        ("Erection of a pair of semi-detached houses", 2),
        ("Erection of two pairs of semi-detached dwellings", 4),
        ("4nr. dwellings", 4),
        ("13 New Build Houses", 13),
        ("85 residential units", 85),
        ("5 no. detached two storey dwellings", 5),
        ("ten two- and three-bedroom houses", 10),
        ("4no. 2 and 3 bedroom dwellings", 4),
        ("4 x 3-bed houses and 2 x 2-bed flats", 6),
        ("6no. houses, 2no. bungalows and 4no. flats", 12),
        ("10 (ten) dwellings", 10),
        ("Variation of condition 2 of 20/02083/REM (118 dwellings)", 118),
    ],
)
def test_new_homes_are_counted(proposal, dwellings):
    assert read_quantities(proposal).dwellings == dwellings


@pytest.mark.parametrize(
    "proposal",
    [
        None,
        "",
        "Extension to existing dwelling",
        "dwelling house extension",
        "Single storey rear extension to dwelling",
        "Erection of detached garage to existing dwelling",
        "erection of a garage to a dwelling",
        "Installation of 2 rooflights to dwelling",
        "Flat roof dormer to dwelling",
        "loss of 2 dwellings",
        "Replacement windows to 24 flats",
        "bin store to rear of No 4 flats",
        "Construction of a 66-bed care home",
        "12 mobile homes",
        "2 poultry houses",
        "amendment to house types on plots 4, 9 and 31 to 44",
        "Phase 2 dwellings",
        "Erection of dwellings",
        "Use of dwelling as house in multiple occupation for 8 people",
    ],
)
def test_what_is_there_already_or_no_home_is_not_counted(proposal):
    assert read_quantities(proposal).dwellings is None


@pytest.mark.parametrize(
    ("proposal", "dwellings"),
    [
        ("conversion of barn to 3 dwellings", 3),
        ("Change of use of agricultural building to dwelling", 1),
        ("Conversion of the public house to a dwelling", 1),
        ("Demolition of 2 dwellings and erection of 6no flats", 6),
        ("replacement of 2 dwellings with 6 flats", 6),
        ("Erection of replacement dwelling", 1),
        ("subdivision of dwelling to form two dwellings", 2),
        ("Change of use from 3 flats to a single dwelling", 1),
        ("Amalgamation of two flats to form a single dwelling", 1),
        ("increase from 12 to 14 dwellings", 14),
        ("extension to provide 3 flats", 3),
        ("Erection of 3 dwellings and conversion of barn to 2 flats", 5),
    ],
)
def test_only_what_comes_of_it_is_counted(proposal, dwellings):
    assert read_quantities(proposal).dwellings == dwellings


@pytest.mark.parametrize(
    ("proposal", "dwellings"),
    [
        ("between 8 and 10 dwellings", 10),
        ("8-10 dwellings", 10),
        ("8\N{EN DASH}10 dwellings", 10),
        ("8 to 10 homes", 10),
        ("Erection of 30 dwellings (10 affordable dwellings)", 30),
        ("30 dwellings comprising 12 houses and 18 flats", 30),
        ("30 dwellings with 10 affordable homes", 30),
        ("Erection of up to nine dwellings, including 3 bungalows", 9),
    ],
)
def test_a_range_counts_at_its_upper_end_and_parts_not_twice(proposal, dwellings):
    assert read_quantities(proposal).dwellings == dwellings


@pytest.mark.parametrize(
    ("proposal", "floor_space_sqm", "site_hectares"),
    [
        ("5,000 sqm of Class E", 5000, None),
        ("12,400 sq.m. GIA and 900m2 of offices", 12400, None),
        ("450m\N{SUPERSCRIPT TWO} warehouse", 450, None),
        ("1,900 square metres", 1900, None),
        ("10,000 sq ft of offices", 929.0304, None),
        ("2.3 hectares", None, 2.3),
        ("5 acres of pasture", None, 2.0234),
        ("workshop of 300 sqm on a site of 1,200 sqm", 300, 0.12),
        ("visibility splays of 2.4m x 43m", None, None),
    ],
)
def test_floor_space_is_told_from_land(proposal, floor_space_sqm, site_hectares):
    read = read_quantities(proposal)
    assert read.floor_space_sqm == pytest.approx(floor_space_sqm, abs=0.01)
    assert read.site_hectares == pytest.approx(site_hectares, abs=0.001)


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "unit", ["semi-detached ", "a-", "two and ", "1,", "12 to ", "new ", "((", "bed 2 to ", "ed-ed "]
)
def test_a_text_made_to_hang_does_not(unit):
    read_quantities("10 " + unit * 20_000)


def test_nothing_named_is_nothing_read():
    assert read_quantities("Installation of a flue") == Quantities()
