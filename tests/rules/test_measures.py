"""Values read from sentences: figure, unit, bound and the noun they belong to."""

import pytest

from planning_review.rules.counting import count_in_figures
from planning_review.rules.measures import read_values, write_value
from planning_review.rules.sentences import fold_for_reading
from planning_review.rules.traffic import read_traffic
from planning_review.rules.value_owners import read_owned_values


def fold(text):
    return count_in_figures(fold_for_reading(text))


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
        ("within 400m", 400, 400, "within"),
        ("widened from 1.8m to 3.0m", 3, 3, "exact"),
        ("1.2km away", 1200, 1200, "exact"),
        ("1,200m away", 1200, 1200, "exact"),
    ],
)
def test_lengths(text, low, high, bound):
    (value,) = read_values(fold(text), "m")
    assert (value.low, value.high, value.bound) == (pytest.approx(low), pytest.approx(high), bound)


@pytest.mark.parametrize(
    "text",
    ["200 m² of floor space", "£3m", "30mph", "the recommended width of 3m", "M40 and A41", "3 months"],
)
def test_what_is_no_length_of_the_scheme(text):
    assert read_values(fold(text), "m") == []


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
    (value,) = read_values(fold(text), "%")
    assert value.low == pytest.approx(percent)


def test_a_scale_is_no_gradient():
    assert read_values(fold("drawn at 1:500 @ A1 and 1:1250 at A3"), "%") == []


@pytest.mark.parametrize(
    ("text", "owners"),
    [
        (
            "a 6.1m carriageway, 2m verge, 3m two-way cycle track and 1.8m footway",
            ["carriageway", "buffer", "cycle_track", "footway"],
        ),
        ("the cycle track alongside the spine road will be 2.5m wide", ["cycle_track"]),
        ("the footway along Station Road, 1.2m in width", ["footway"]),
        ("the shared path beside the 3m hedge", ["other"]),
        ("a path shared by pedestrians and cyclists, 2.2 metres wide", ["shared_path"]),
        ("2.0m footways on both sides of the road", ["footway"]),
        ("the cycle track is separated from the carriageway by 0.5m", ["buffer"]),
    ],
)
def test_a_value_goes_to_its_own_noun(text, owners):
    assert [value.owner for value in read_owned_values(fold(text), "m")] == owners


@pytest.mark.parametrize(
    ("text", "speed", "low", "high"),
    [
        ("a 30mph road with 4,800 vehicles per day", 30, 4800, 4800),
        ("AADT of 14,000", None, 14000, 14000),
        ("the A44 (AADT 11,200)", None, 11200, 11200),
        ("fewer than 2,500 vehicles a day", None, 0, 2500),
        ("over 8,000 vpd", None, 8000, float("inf")),
        ("a limit of 50 kph", pytest.approx(31, abs=0.1), None, None),
        ("600 vehicles per hour", None, None, None),
    ],
)
def test_traffic(text, speed, low, high):
    traffic = read_traffic(fold(text))
    assert (traffic.speed, traffic.flow_low, traffic.flow_high) == (speed, low, high)


@pytest.mark.parametrize(
    ("text", "unit", "written"),
    [
        ("a path 2.5m wide", "m", "2.5 m"),
        ("a path of 2.5 metres", "m", "2.5 m"),
        ("a path of 1,800mm", "m", "1,800 mm"),
        ("a 2.0-2.5m path", "m", "2.0 to 2.5 m"),
        ("a slope of 6 per cent", "%", "6 %"),
        ("a 20mph limit", "mph", "20 mph"),
        ("a ramp of 1 in 14", "%", "1 in 14"),
    ],
)
def test_a_value_is_written_with_its_unit_and_one_space(text, unit, written):
    (value,) = read_values(text, unit)
    assert write_value(value) == written


@pytest.mark.parametrize(
    ("text", "owner"),
    [
        ("a cycle track of 1.2m, set back behind a 3m verge", "cycle_track"),
        ("the footway will be 2m wide, 1.5m of the verge being lost", "footway"),
        ("kerb radii of 4m; 11.2m refuse vehicle tracked", "radius"),
    ],
)
def test_a_value_stays_with_the_noun_that_it_measures(text, owner):
    assert read_owned_values(fold(text), "m")[0].owner == owner
    assert read_owned_values(fold(text), "m")[1].owner != owner


def test_the_name_of_a_street_says_nothing():
    assert fold("The bus stop on Railway Street") == "the bus stop on named road"
    assert fold("A Cycle Lane on the High Street") == "a cycle lane on the high street"
