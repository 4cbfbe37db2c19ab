"""Values read from sentences: figure, unit, bound and the noun they belong to."""

import pytest

from planning_review.rules.plain_words import write_plainly
from planning_review.rules.quantities import read_quantities
from planning_review.rules.sentences import hide_street_names
from planning_review.rules.traffic import read_traffic

OWNERS = (
    "splay",
    "radius",
    "vehicle",
    "shared path",
    "cycle track",
    "buffer",
    "building",
    "footway",
    "carriageway",
)


def read(text, unit="m", owners=()):
    return read_quantities(write_plainly(hide_street_names(text)), unit, owners)


@pytest.mark.parametrize(
    ("text", "low", "high", "bound"),
    [
        ("a 3m wide path", 3, 3, "exact"),
        ("3.0 metres", 3, 3, "exact"),
        ("2500 mm wide", 2.5, 2.5, "exact"),
        ("a 3000 wide path", 3, 3, "exact"),
        ("a width of 2.5-3.0m", 2.5, 3, "exact"),
        ("between 2.0m and 3.0m", 2, 3, "exact"),
        ("two metres", 2, 2, "exact"),
        ("two and a half metres", 2.5, 2.5, "exact"),
        ("half a metre", 0.5, 0.5, "exact"),
        ("a three-metre path", 3, 3, "exact"),
        ("at least 3m", 3, 3, "at least"),
        ("no less than 3m", 3, 3, "at least"),
        ("a minimum width of 3m", 3, 3, "at least"),
        ("up to 3m", 3, 3, "at most"),
        ("not exceeding 3m", 3, 3, "at most"),
        ("less than 3m", 3, 3, "under"),
        ("below the desirable minimum of 3m", 3, 3, "under"),
        ("more than 3m", 3, 3, "over"),
        ("within 400m", 400, 400, "at most"),
        ("widened from 1.8m to 3.0m", 3, 3, "exact"),
        ("1.2km away", 1200, 1200, "exact"),
        ("1,200m away", 1200, 1200, "exact"),
    ],
)
def test_lengths(text, low, high, bound):
    (value,) = read(text)
    assert (value.low, value.high, value.bound) == (pytest.approx(low), pytest.approx(high), bound)


@pytest.mark.parametrize(
    "text",
    ["200 m² of floor space", "£3m", "30mph", "the recommended width of 3m", "M40 and A41", "3 months"],
)
def test_what_is_no_length_of_the_scheme(text):
    assert read(text) == []


@pytest.mark.parametrize(
    ("text", "percent"),
    [
        ("5%", 5),
        ("2.5 per cent", 2.5),
        ("1 in 20", 5),
        ("1:12", 100 / 12),
        ("one in twenty", 5),
        ("2 of the 40", 5),
    ],
)
def test_gradients_and_shares(text, percent):
    (value,) = read(text, "%")
    assert value.low == pytest.approx(percent)


def test_a_scale_is_no_gradient():
    assert read("drawn at 1:500 @ A1 and 1:1250 at A3", "%") == []


@pytest.mark.parametrize(
    ("text", "owners"),
    [
        (
            "a 6.1m carriageway, 2m verge, 3m two-way cycle track and 1.8m footway",
            ["carriageway", "buffer", "cycle track", "footway"],
        ),
        ("the cycle track alongside the spine road will be 2.5m wide", ["cycle track"]),
        ("the footway along Station Road, 1.2m in width", ["footway"]),
        ("the shared path beside the 3m hedge", ["building"]),
        ("a path of use by both pedestrians and cyclists, 2.2 metres wide", ["shared path"]),
        ("2.0m footways on both sides of the road", ["footway"]),
        ("the cycle track is separated from the carriageway by 0.5m", ["buffer"]),
        ("kerb radii of 4m; 11.2m refuse vehicle tracked", ["radius", "vehicle"]),
        ("a cycle track of 1.2m, set back behind a 3m verge", ["cycle track", "buffer"]),
        ("the footway will be 2m wide, 1.5m of the verge being lost", ["footway", "buffer"]),
    ],
)
def test_a_value_goes_to_its_own_noun(text, owners):
    assert [value.owner for value in read(text, "m", OWNERS)] == owners


@pytest.mark.parametrize(
    ("text", "speed", "low", "high"),
    [
        ("a 30mph road with 4,800 vehicles per day", 30, 4800, 4800),
        ("AADT of 14,000", None, 14000, 14000),
        ("the A44 (AADT 11,200)", None, 11200, 11200),
        ("fewer than 2,500 vehicles a day", None, 0, 2500),
        ("over 8,000 vpd", None, 8000, 8000),
        ("a limit of 50 kph", pytest.approx(31, abs=0.1), None, None),
        ("600 vehicles per hour", None, None, None),
    ],
)
def test_traffic(text, speed, low, high):
    traffic = read_traffic(write_plainly(text))
    assert (traffic.speed, traffic.flow_low, traffic.flow_high) == (speed, low, high)


def test_the_name_of_a_street_says_nothing():
    assert hide_street_names("The bus stop on Railway Street") == "The bus stop on Named Road"
    assert hide_street_names("A Cycle Lane on the High Street") == "A Cycle Lane on the High Street"
