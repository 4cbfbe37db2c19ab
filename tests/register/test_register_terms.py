"""Terms before every page, and documents whose bytes a script asks for."""

import base64
import json
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest

from planning_review.errors import RegisterLayoutError
from planning_review.register.atrium.client import AtriumClient
from planning_review.register.councils import get_council
from tests.support.scripted_register import Asked, Reply, Script, serve_script

REFERENCE = "26/00042/F"
PAGE_PATH = f"/Planning/Display/{REFERENCE}"
LINKS = "".join(
    f'<tr><td><a href="/Document/Download?recordNumber=7&planId={n}&imageId=1&fileName=P{n}.pdf">'
    f"P{n}.pdf</a></td><td>Plan {n}</td></tr>"
    for n in range(1, 6)
)
POSTED = "".join(
    f'<tr class="grid-dataRow" data-module="PLA" data-recordNumber="7" data-planID="{n}.0000" '
    f'data-imageID="1.0000" data-fileName="P{n}.pdf"><td><button>View</button></td><td>Plan {n}</td></tr>'
    for n in range(1, 6)
)


def show_application(rows: str, list_class: str) -> str:
    return (
        "<html><head><title>Application</title></head><body><dl class='details-grid'>"
        f"<dt>Application Number</dt><dd>{REFERENCE}</dd><dt>Proposal</dt><dd>A cycle store</dd></dl>"
        f"<table class='{list_class}'><tr><th>File</th><th>Description</th></tr>{rows}</table></body></html>"
    )


def old_terms(asked: Asked) -> str:
    return (
        f'<html><form action="/Disclaimer/Accept?returnUrl={quote(asked.path, safe="")}" method="post">'
        "<button>Accept</button></form></html>"
    )


def new_terms(asked: Asked) -> str:
    return (
        '<html><form action="/Disclaimer/AcceptDisclaimer" method="post">'
        f'<input type="hidden" name="returnURL" value="{PAGE_PATH}">'
        '<input type="hidden" name="__RequestVerificationToken" value="t-1">'
        "<button>I agree</button></form></html>"
    )


def serve_behind(terms: Callable[[Asked], str], page: str, lasts: int) -> Script:
    """Return a register that shows its terms before each page, and again after so many answers."""
    left = 0

    def script(asked: Asked) -> Reply:
        nonlocal left
        if asked.path.startswith("/Disclaimer/Accept"):
            if terms is new_terms and asked.form.get("__RequestVerificationToken") != "t-1":
                return Reply("no token", status=500)
            left = lasts
            return Reply("<html>Thank you</html>")
        if left == 0:
            return Reply(terms(asked))
        left -= 1
        if asked.path == PAGE_PATH:
            return Reply(page)
        if asked.path == "/Document/GetFileBinary":
            return Reply(
                json.dumps(base64.b64encode(f"bytes {asked.form['planID']}".encode()).decode()), kind=""
            )
        return Reply(f"bytes {asked.path.partition('planId=')[2][0]}", kind="application/pdf")

    return script


def open_client(url: str, folder: Path) -> AtriumClient:
    return AtriumClient(
        get_council("sample", url),
        locks_dir=folder / "locks",
        interval_seconds=0,
        contact=None,
        pages_dir=folder / "pages",
    )


@pytest.mark.parametrize("terms", [old_terms, new_terms])
@pytest.mark.parametrize(("rows", "list_class"), [(LINKS, "document-list"), (POSTED, "documentGrid")])
def test_accepted_before_each_page_and_again_when_they_run_out(
    terms: Callable[[Asked], str], rows: str, list_class: str, tmp_path: Path
) -> None:
    script = serve_behind(terms, show_application(rows, list_class), lasts=3)
    with serve_script(script) as register, open_client(register.url, tmp_path) as client:
        page = client.fetch_application(REFERENCE)
        assert [(d.document_id, d.title, d.file_name) for d in page.documents] == [
            (f"7-{n}-1", f"Plan {n}", f"P{n}.pdf") for n in range(1, 6)
        ]
        for n, document in enumerate(page.documents, start=1):
            client.download(document, tmp_path / "part")
            assert (tmp_path / "part").read_bytes() == f"bytes {n}".encode()
        assert len([path for path in register.paths("POST") if path.startswith("/Disclaimer")]) == 2


def test_posted_bytes_are_asked_for_by_whole_numbers(tmp_path: Path) -> None:
    script = serve_behind(old_terms, show_application(POSTED, "grid"), lasts=99)
    with serve_script(script) as register, open_client(register.url, tmp_path) as client:
        document = client.fetch_application(REFERENCE).documents[1]
        client.download(document, tmp_path / "part")
        (asked,) = [each for each in register.asked if each.path == "/Document/GetFileBinary"]
        assert asked.form == {
            "module": "PLA",
            "recordNumber": "7",
            "planID": "2",
            "imageID": "1",
            "isPlan": "False",
        }
        # What a person is given opens in a browser.
        assert "/Document/Download?module=PLA&recordNumber=7&planId=2&imageId=1" in document.register_url


@pytest.mark.parametrize("answer", ['{"error": "none"}', '"not base64!"', "<html>Error</html>", "null"])
def test_posted_answer_that_is_no_file_is_an_error(answer: str, tmp_path: Path) -> None:
    def script(asked: Asked) -> Reply:
        return Reply(show_application(POSTED, "grid") if asked.path == PAGE_PATH else answer, kind="")

    with serve_script(script) as register, open_client(register.url, tmp_path) as client:
        document = client.fetch_application(REFERENCE).documents[0]
        with pytest.raises(RegisterLayoutError, match="did not answer with the bytes of 'Plan 1'"):
            client.download(document, tmp_path / "part")
        assert not (tmp_path / "part").exists()


def test_terms_that_never_end_are_said(tmp_path: Path) -> None:
    with (
        serve_script(serve_behind(old_terms, "", lasts=0)) as register,
        open_client(register.url, tmp_path) as client,
        pytest.raises(RegisterLayoutError, match="accepted 3 times"),
    ):
        client.fetch_application(REFERENCE)
