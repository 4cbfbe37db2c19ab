"""Standards for cycle parking: nothing uses what nobody verified; a person's word lasts like the line."""

from datetime import date

import pytest

from planning_review.errors import UsageError
from planning_review.policy.parking_standards import confirm_line, load_standards

TODAY = date(2026, 11, 23)
OWN = """
- id: oxfordshire-homes
  source: Oxfordshire parking standards
  edition: October 2022
  place: page 12
  use: homes
  unit: bedroom
  long_stay: {spaces: 1, per: 1}
"""


def find(data_dir, line_id):
    return next(line for line in load_standards(data_dir).lines if line.id == line_id)


def write_own(data_dir, text=OWN):
    folder = data_dir / "standards"
    folder.mkdir(exist_ok=True)
    (folder / "our-county.yaml").write_text(text, encoding="utf-8")


def test_no_line_of_ours_is_a_measure_before_a_person_confirms_it():
    assert [line.id for line in load_standards().lines if line.is_measure] == []


def test_a_confirmed_line_is_a_measure_until_it_changes(tmp_path):
    confirm_line(tmp_path, "ltn-offices", "A Reader", TODAY)
    line = find(tmp_path, "ltn-offices")
    assert line.is_measure
    assert (line.confirmed_by, line.confirmed_on) == ("A Reader", TODAY)
    write_own(tmp_path, OWN.replace("oxfordshire-homes", "ltn-offices"))
    assert not find(tmp_path, "ltn-offices").is_measure


def test_a_line_without_figures_cannot_be_confirmed_until_somebody_wrote_them(tmp_path):
    with pytest.raises(UsageError, match="no figures yet"):
        confirm_line(tmp_path, "oxfordshire-homes", "A Reader", TODAY)
    write_own(tmp_path)
    assert not find(tmp_path, "oxfordshire-homes").is_measure
    confirm_line(tmp_path, "oxfordshire-homes", "A Reader", TODAY)
    assert find(tmp_path, "oxfordshire-homes").is_measure


def test_confirming_changes_what_reviews_are_cached_by(tmp_path):
    before = load_standards(tmp_path).version
    confirm_line(tmp_path, "ltn-offices", "A Reader", TODAY)
    assert load_standards(tmp_path).version != before


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("- {id: x}", "no list of standards"),
        (OWN.replace("Oxfordshire parking", "Nowhere"), "none of the policies known"),
        ("just words", "no list of standards"),
    ],
)
def test_a_bad_file_of_the_groups_own_is_named(tmp_path, text, says):
    write_own(tmp_path, text)
    with pytest.raises(UsageError, match=says) as caught:
        load_standards(tmp_path)
    assert "our-county.yaml" in str(caught.value)


def test_an_unknown_line_cannot_be_confirmed(tmp_path):
    with pytest.raises(UsageError, match="policies check"):
        confirm_line(tmp_path, "nothing", "A Reader", TODAY)
