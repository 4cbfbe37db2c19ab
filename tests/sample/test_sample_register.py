"""The small register: Cherwell's pages, every request recorded, and each fault as it is described."""

import time
from datetime import date, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from lxml import html

from planning_review.sample.pages import document_link
from planning_review.sample.served_application import ServedApplication, ServedDocument, serve_folder
from tests.support.faulty_register import Fault, RegisterServer

REFERENCE = "26/00009/F"
PAGE = f"/Planning/Display/{REFERENCE}"
PDF = b"%PDF-1.7 " + bytes(range(256)) * 40


def make_document(
    number: int, category: str = "Supporting Documents", content: bytes = PDF
) -> ServedDocument:
    return ServedDocument(
        document_id=f"5-{number}-1",
        title=f"Document {number}",
        file_name=f"Café & plan {number}.pdf",
        category=category,
        listed_date=date(2026, 10, number),
        content=content,
    )


FIRST, SECOND = make_document(1), make_document(2, "Public Comments")
APPLICATION = ServedApplication(
    reference=REFERENCE, fields={"Application Number": REFERENCE, "Decision": ""}, documents=(FIRST, SECOND)
)
LINK = document_link(FIRST)


@pytest.fixture
def server():
    with RegisterServer([APPLICATION]) as register:
        yield register


@pytest.fixture
def client(server: RegisterServer):
    with httpx.Client(base_url=server.url, timeout=20) as made:
        yield made


def read_rows(page: str) -> list[dict[str, str | None]]:
    rows: list[dict[str, str | None]] = []
    group = None
    for row in html.fromstring(page).xpath('//table[contains(@class, "document-list")]/tbody/tr'):
        headers, cells = row.findall("th"), row.findall("td")
        if len(headers) == 1:
            group = headers[0].text_content()
        if cells:
            [link] = row.xpath('.//a[@class="singledownloadlink"]')
            texts = [cell.text_content() for cell in cells]
            rows.append({"group": group, "href": link.get("href"), "date": texts[2], "title": texts[3]})
            rows[-1] |= {"size": texts[4], "drawing": texts[5]}
    return rows


def test_sample_page_lists_every_document_and_serves_its_bytes(sample_folder: Path) -> None:
    sample = serve_folder(sample_folder)
    with RegisterServer([sample]) as server, httpx.Client(base_url=server.url) as client:
        page = client.get(f"/Planning/Display/{sample.reference}")
        rows = read_rows(page.text)
        assert len(rows) == len(sample.documents) == 19
        for row, document in zip(rows, sample.documents, strict=True):
            query = parse_qs(urlsplit(str(row["href"])).query)
            assert (
                "-".join(query[n][0] for n in ("recordNumber", "planId", "imageId")) == document.document_id
            )
            assert (row["group"], row["title"]) == (document.category, document.title)
            assert datetime.strptime(str(row["date"]), "%d/%m/%Y").date() == document.listed_date
            assert (row["size"], row["drawing"]) == (document.printed_size, document.drawing_number)
            served = client.get(str(row["href"]))
            assert served.content == document.read_bytes()
        tree = html.fromstring(page.text)
        summary = {
            cell.text.strip(): cell.xpath("string(.//span)")
            for cell in tree.xpath('//table[@class="summaryTbl"]//td')
        }
        assert summary == {label: value or "-" for label, value in sample.fields.items()}
        assert {"Public Comments", "Consultation Responses"} <= {row["group"] for row in rows}
        assert len(tree.xpath('//table[contains(@class, "document-list")]/tbody')) > 3


@pytest.mark.parametrize("reference", ["99/99999/F", "26%2F00009%2FF"])
def test_reference_that_is_not_known_is_never_an_application(client: httpx.Client, reference: str) -> None:
    answer = client.get(f"/Planning/Display/{reference}")
    assert "summaryTbl" not in answer.text
    if "%" not in reference:
        assert answer.status_code == 200
        assert "<title>Planning Application Search</title>" in answer.text


def test_document_is_found_by_its_identity_and_not_by_its_name(client: httpx.Client) -> None:
    renamed = LINK.replace("Caf%C3%A9", "other")
    assert client.get(renamed).content == PDF
    assert client.get(LINK.replace("planId=1", "planId=9")).status_code == 404
    assert client.get("/Document/Download?module=PLA").status_code == 404
    assert client.get("/elsewhere").status_code == 404


def test_every_request_is_recorded_in_order(server: RegisterServer, client: httpx.Client) -> None:
    before = time.monotonic()
    for path in (PAGE, LINK, "/nowhere?x=1"):
        client.get(path)
    assert [(r.method, r.path) for r in server.requests] == [
        ("GET", PAGE),
        ("GET", LINK),
        ("GET", "/nowhere?x=1"),
    ]
    times = [before, *(r.at_seconds for r in server.requests), time.monotonic()]
    assert times == sorted(times)


def test_status_comes_the_given_number_of_times(server: RegisterServer, client: httpx.Client) -> None:
    server.set_fault(
        FIRST.document_id, Fault(kind="status", status=503, times=2), Fault(kind="empty", times=1)
    )
    answers = [client.get(LINK) for _ in range(4)]
    assert [(a.status_code, len(a.content) == len(PDF)) for a in answers] == [
        (503, False),
        (503, False),
        (200, False),
        (200, True),
    ]
    assert client.get(document_link(SECOND)).content == PDF


def test_throttling_says_how_long(server: RegisterServer, client: httpx.Client) -> None:
    server.set_fault(PAGE, Fault(kind="status", status=429, retry_after="7"))
    answer = client.get(PAGE)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "7")
    server.set_fault(PAGE)
    assert client.get(PAGE).status_code == 200


def test_cut_transfer_announces_more_than_it_sends(server: RegisterServer, client: httpx.Client) -> None:
    server.set_fault(FIRST.document_id, Fault(kind="cut", times=1))
    received: list[bytes] = []
    with client.stream("GET", LINK) as answer:
        assert int(answer.headers["content-length"]) == len(PDF)
        with pytest.raises(httpx.RemoteProtocolError):
            received.extend(answer.iter_bytes())
    assert b"".join(received) == PDF[: len(PDF) // 2]
    assert client.get(LINK).content == PDF


def test_reset_gives_no_answer(server: RegisterServer, client: httpx.Client) -> None:
    server.set_fault("/Document/Download", Fault(kind="reset", times=1))
    with pytest.raises(httpx.TransportError):
        client.get(LINK)
    assert client.get(LINK).content == PDF


def test_slow_body_takes_its_time_and_outlasts_a_short_time_out(
    server: RegisterServer, client: httpx.Client
) -> None:
    server.set_fault(FIRST.document_id, Fault(kind="slow", seconds=0.4))
    started = time.monotonic()
    assert client.get(LINK).content == PDF
    assert time.monotonic() - started >= 0.35
    server.set_fault(FIRST.document_id, Fault(kind="slow", seconds=60))
    with pytest.raises(httpx.ReadTimeout):
        client.get(LINK, timeout=0.2)


def test_error_page_and_nothing_come_under_the_name_of_a_document(
    server: RegisterServer, client: httpx.Client
) -> None:
    server.set_fault(FIRST.document_id, Fault(kind="html"))
    page = client.get(LINK)
    assert page.status_code == 200
    assert page.content.startswith(b"<!DOCTYPE html>")
    assert ".pdf" in page.headers["content-disposition"]
    server.set_fault(FIRST.document_id, Fault(kind="empty"))
    assert (client.get(LINK).status_code, client.get(LINK).content) == (200, b"")


def test_challenge_has_both_of_its_faces(server: RegisterServer, client: httpx.Client) -> None:
    server.set_fault(PAGE, Fault(kind="challenge", times=1), Fault(kind="challenge", status=405))
    wall, puzzle = client.get(PAGE), client.get(PAGE)
    assert (wall.status_code, wall.content, wall.headers["x-amzn-waf-action"]) == (202, b"", "challenge")
    assert puzzle.status_code == 405
    assert "Human Verification" in puzzle.text


def test_page_can_lose_its_documents_or_everything(server: RegisterServer, client: httpx.Client) -> None:
    server.set_fault(PAGE, Fault(kind="no-documents", times=1), Fault(kind="no-summary", times=1))
    without_documents, without_summary = client.get(PAGE).text, client.get(PAGE).text
    assert "summaryTbl" in without_documents
    assert "document-list" not in without_documents
    assert "summaryTbl" not in without_summary
    assert html.fromstring(without_summary).forms == []
    assert len(read_rows(client.get(PAGE).text)) == 2


def test_fault_needs_what_its_kind_needs() -> None:
    with pytest.raises(ValueError, match="needs a status"):
        Fault(kind="status")


def test_documents_come_change_and_go(server: RegisterServer, client: httpx.Client) -> None:
    server.add_document(REFERENCE, make_document(3))
    server.replace_bytes(FIRST.document_id, b"%PDF-1.4 shorter")
    rows = read_rows(client.get(PAGE).text)
    assert [(row["group"], row["title"]) for row in rows] == [
        ("Supporting Documents", "Document 1"),
        ("Supporting Documents", "Document 3"),
        ("Public Comments", "Document 2"),
    ]
    assert (rows[0]["size"], rows[1]["size"]) == ("1 KB", "10 KB")
    assert client.get(LINK).content == b"%PDF-1.4 shorter"
    server.remove_document(FIRST.document_id)
    assert client.get(LINK).status_code == 404
    assert len(read_rows(client.get(PAGE).text)) == 2
    with pytest.raises(KeyError):
        server.replace_bytes(FIRST.document_id, b"")


def test_server_ends_although_a_client_keeps_its_connection() -> None:
    with httpx.Client() as client:
        with RegisterServer([APPLICATION]) as server:
            url = server.url + PAGE
            client.get(url)
        with pytest.raises(httpx.ConnectError):
            client.get(url)
