"""Phrases are found whole, whatever their case, spacing or plural."""

from planning_review.text.phrases import find_phrase, says_any


def test_phrases_meet_whole_words_only() -> None:
    assert says_any("Travel-Plans", ("travel plan",))
    assert says_any("TRAVEL\tPLAN", ("travel plan",))
    assert says_any("Pub\N{ZERO WIDTH SPACE}lic Comment", ("public comment",))
    assert says_any("Policies", ("policy",))
    assert says_any("Consultation", ("consult*",))
    assert not says_any("Travel Planning", ("travel plan",))
    assert not says_any("Unflooded", ("flood",))
    assert says_any("Comments", ("=comment",))
    assert not says_any("Comments received", ("=comment",))
    assert not says_any(None, ("a",))
    assert not says_any("anything", ())


def test_what_is_found_is_the_texts_own_words() -> None:
    assert find_phrase("Two New-Footpaths and a bridge", ("bridge", "new footpath")) == "new footpaths"
    assert find_phrase("A house", ("bridge",)) is None


def test_a_phrase_is_passed_over_inside_one_that_is_ignored() -> None:
    assert find_phrase("Motor cycle shop", ("cycle",), ignoring=("motor cycle",)) is None
    assert find_phrase("Motor cycle and cycle shop", ("cycle",), ignoring=("motor cycle",)) == "cycle"
