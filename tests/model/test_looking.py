"""What a model looks up: the tools, their budget and record, and what a finding off a drawing may rest on."""

import base64
import re

import pytest

from planning_review.model.looking import MOST_LOOKS, MOST_PICTURES
from planning_review.rules.judgement import PageBox
from tests.model.test_model_requests import find_policies
from tests.support.evidence_helpers import judge_pages, make_document
from tests.support.messages_api import Reply, answer_sensibly, serve_messages_api
from tests.support.misbehaviour import edit, look
from tests.support.model_helpers import PAGES, PATH, judge

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABc3UBGAAAAABJRU5ErkJggg=="
)
DRAWING = make_document(
    ["Site layout. Scale 1:500 @ A1\nLegend\nRed line: site boundary\nBlue: cycle route"],
    document_id="1-2-7",
    title="Site layout",
    document_type="drawing",
)


@pytest.fixture
def api():
    with serve_messages_api() as served:
        yield served


class Drawer:
    """Draws the same dot for every page, and keeps what was asked for."""

    def __init__(self):
        self.asked = []

    def __call__(self, document_id, page, box):
        self.asked.append((document_id, page, box))
        return PNG


def results(request):
    """Return what the tools answered in a request, as text."""
    blocks = [b for m in request.body["messages"] for b in m["content"] if b["type"] == "tool_result"]
    return "\n".join(str(block["content"]) for block in blocks)


def judge_with_drawing(api, **options):
    return judge(api, documents=[make_document(PAGES), DRAWING], **options)


@pytest.mark.parametrize(
    ("tool", "arguments", "shown", "given"),
    [
        ("search_passages", {"query": "width of the shared cycleway"}, PATH, "passages: 1"),
        ("read_pages", {"document_id": "1-2-3", "first_page": 2, "last_page": 9}, PATH, "pages 2, 3"),
        (
            "read_pages",
            {"document_id": "9-9-9", "first_page": 1, "last_page": 1},
            "no such",
            "no such document",
        ),
        ("read_pages", {"document_id": "1-2-3", "first_page": 7, "last_page": 8}, "1 to 3", "no such page"),
        ("look_up_policy", {"query": "cycling"}, "says August 2026", "paragraphs: 1"),
    ],
)
def test_each_look_is_answered_and_recorded(api, tool, arguments, shown, given):
    api.by_stage["matters"] = look(tool, **arguments)
    judgement = judge(api, search_policies=find_policies)
    assert shown in results(api.asked("matters")[1])
    [record] = judgement.looks
    assert (record.stage, record.tool) == ("matters", tool)
    assert given in record.given
    # What is shown by a tool stands behind a fence, like everything of the documents.
    if "no such" not in given:
        assert re.search(r"<<<[0-9a-f]{16}", results(api.asked("matters")[1]))


def test_policy_that_is_not_in_force_is_not_looked_up(api):
    api.by_stage["matters"] = look("look_up_policy", query="cycling")
    judge(api, search_policies=find_policies)
    answered = results(api.asked("matters")[1])
    assert "December 2024" not in answered
    assert "Local 1" not in answered


def test_what_others_wrote_is_not_looked_up(api):
    comment = make_document(
        ["The cycleway is dreadful."], document_id="1-2-9", title="Comment", document_type="public_comment"
    )
    api.by_stage["matters"] = look("read_pages", document_id="1-2-9", first_page=1, last_page=1)
    judge(api, documents=[make_document(PAGES), comment])
    assert "dreadful" not in results(api.asked("matters")[1])


def test_a_model_that_goes_on_looking_is_stopped_and_costs_its_question_alone(api):
    api.by_stage["matters"] = lambda request: Reply(
        tool_input={"query": "cycle parking"}, tool="search_passages"
    )
    judgement = judge(api)
    assert len(judgement.looks) == MOST_LOOKS
    assert len(api.asked("matters")) <= MOST_LOOKS + 4
    assert any("went on looking things up" in notice for notice in judgement.notices)
    assert judgement.overall_rating == judge_pages(PAGES).overall_rating
    used = {stage.stage: stage.requests for stage in judgement.stages}
    assert used["matters"] == len(api.asked("matters"))


def test_a_page_is_seen_cut_as_asked_with_scale_and_legend(api):
    drawer = Drawer()
    api.by_stage["matters"] = look(
        "see_page", document_id="1-2-7", page=1, left=10, top=20, right=60, bottom=70
    )
    judgement = judge_with_drawing(api, draw=drawer)
    assert drawer.asked == [("1-2-7", 1, PageBox(left=10, top=20, right=60, bottom=70))]
    [image] = api.asked("matters")[1].images
    assert base64.b64decode(image["source"]["data"]) == PNG
    answered = results(api.asked("matters")[1])
    assert "Scale: Scale 1:500 @ A1" in answered
    assert "Blue: cycle route" in answered
    assert judgement.looks[0].given == "a picture (10-60 % across, 20-70 % down)"


def test_pictures_are_bounded(api):
    pages = [f"Drawing {number}" for number in range(1, 8)]
    drawing = make_document(pages, document_id="1-2-7", title="Layout", document_type="drawing")

    def see_on(request):
        seen = len(request.body["messages"]) // 2
        if seen == MOST_PICTURES + 1:
            return answer_sensibly(request)
        return Reply(tool_input={"document_id": "1-2-7", "page": seen + 1}, tool="see_page")

    api.by_stage["matters"] = see_on
    judgement = judge(api, documents=[make_document(PAGES), drawing], draw=Drawer())
    assert [record.given for record in judgement.looks][-1] == "no more pictures"
    assert len(api.asked("matters")[-1].images) == MOST_PICTURES


def raise_picture(page):
    return {
        "kind": "picture",
        "title": "Narrow link",
        "text": "The path west of the site scales at 1.2 m.",
        "ask": "",
        "policy": "shared-path-width",
        "quotes": [],
        "missing_from": [],
        "pictures": [{"document_id": "1-2-7", "page": page}],
    }


def test_a_figure_read_off_a_drawing_is_marked_and_waits_for_a_person(api):
    def see_and_raise(request):
        if len(request.body["messages"]) == 1:
            return Reply(tool_input={"document_id": "1-2-7", "page": 1}, tool="see_page")
        return Reply(tool_input={"matters": [raise_picture(1)]})

    api.by_stage["matters"] = see_and_raise
    judgement = judge_with_drawing(api, draw=Drawer())
    [matter] = judgement.other_matters
    assert (matter.kind, matter.policy_source, matter.paragraph) == ("picture", "LTN 1/20", "Table 6-3")
    assert "look at the picture" in matter.needs_check
    assert [(p.document_id, p.page, p.scale) for p in matter.pictures] == [("1-2-7", 1, "Scale 1:500 @ A1")]
    assert judgement.overall_rating == judge_pages(PAGES).overall_rating


def test_a_drawing_that_was_never_looked_at_shows_nothing(api):
    api.by_stage["matters"] = edit(lambda answer, request: answer.update(matters=[raise_picture(1)]))
    judgement = judge_with_drawing(api, draw=Drawer())
    assert judgement.other_matters == ()
    assert any("a matter on a picture that it was not shown (1)" in notice for notice in judgement.notices)


def test_without_pictures_none_is_offered_and_the_review_says_so(api):
    judgement = judge_with_drawing(api, draw=Drawer(), PLANNING_MODEL_CAN="tools")
    assert all("see_page" not in request.tools for request in api.requests)
    assert any("sees no pictures" in notice for notice in judgement.notices)
    judge_with_drawing(api, draw=Drawer())
    assert "see_page" in api.requests[-1].tools
