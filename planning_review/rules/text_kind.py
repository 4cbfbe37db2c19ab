"""What a piece of text is before anyone reads it: a sentence, a label, or a line that states nothing."""

from enum import Enum

from planning_review.rules.patterns import read_pattern

_QUESTION = read_pattern("question")
_LEADERS = read_pattern("leaders")
_CAPTION = read_pattern("caption")
_NUMBERED_TITLE = read_pattern("numbered_title")
_PREDICATE = read_pattern("any_predicate")
_LABEL_AND_VALUE = read_pattern("label_and_value")


class Form(Enum):
    """What a piece of text can prove."""

    SENTENCE = "what it states"
    TITLE = "a value in it, and no more: a heading, or words that stand as one"
    LABEL = "a value in it, or a fault that it names: a note on a drawing, a row of a table"
    EMPTY = "nothing: a question on a form, a line of the contents, a caption, a heading"


def tell_form(folded: str, *, is_heading: bool, is_numbered: bool, on_a_drawing: bool) -> Form:
    """Tell the form of a folded piece of text; how and where it stands tells the doubtful ones."""
    if _LEADERS.search(folded) or _QUESTION.search(folded):
        return Form.EMPTY
    if _PREDICATE.search(folded):
        return Form.SENTENCE
    if _CAPTION.match(folded):
        return Form.EMPTY
    if not is_heading:
        return Form.SENTENCE
    if on_a_drawing or _LABEL_AND_VALUE.search(folded):
        return Form.LABEL
    return Form.EMPTY if is_numbered or _NUMBERED_TITLE.search(folded) else Form.TITLE
