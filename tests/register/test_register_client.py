"""The client against real servers: what each kind of answer becomes."""

import hashlib
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from planning_review.errors import (
    ApplicationNotFound,
    BotChallenge,
    DocumentGone,
    PermanentError,
    RegisterLayoutError,
    RegisterThrottled,
    RegisterUnavailable,
)
from planning_review.models import ListedDocument
from planning_review.register.atrium.client import AtriumClient
from planning_review.register.councils import get_council
from planning_review.register.http import describe_client
from tests.support.register_server import Answer, Register, send, serve_register

PAGES = Path(__file__).parents[1] / "resources" / "register"
REFERENCE = "25/00284/F"
PAGE_PATH = f"/Planning/Display/{REFERENCE}"


@pytest.fixture
def register() -> Iterator[Register]:
    with serve_register() as served:
        yield served


@pytest.fixture
def client(register: Register, tmp_path: Path) -> Iterator[AtriumClient]:
    with make_client(register.url, tmp_path) as made:
        yield made


def make_client(url: str, folder: Path, timeout_seconds: float = 30) -> AtriumClient:
    return AtriumClient(
        get_council("sample", url),
        locks_dir=folder / "locks",
        interval_seconds=0,
        contact="maps@example.org",
        pages_dir=folder / "pages",
        timeout_seconds=timeout_seconds,
    )


def listed(url: str) -> ListedDocument:
    return ListedDocument(document_id="1-2-3", title="Transport Assessment", register_url=url)


def send_raw(data: bytes) -> Answer:
    """Return an answer of exactly these bytes, the connection closed after them."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(data)
        handler.wfile.flush()
        handler.connection.shutdown(socket.SHUT_WR)
        handler.close_connection = True

    return answer


def test_application_and_its_document(register: Register, client: AtriumClient, tmp_path: Path) -> None:
    content = bytes(range(256)) * 2000
    register.routes[PAGE_PATH] = send(
        200, (PAGES / "cherwell_full.html").read_bytes(), Content_Type="text/html"
    )
    register.routes["/Document/Download"] = send(200, content, Content_Type="application/pdf")
    page = client.fetch_application(REFERENCE)
    assert page.application.reference == REFERENCE
    assert page.application.council == "sample"
    assert page.application.register_url == register.url + PAGE_PATH
    assert page.documents[0].register_url.startswith(f"{register.url}/Document/Download?module=PLA&")
    downloaded = client.download(page.documents[0], tmp_path / "new" / "folder" / "a.part")
    assert (tmp_path / "new" / "folder" / "a.part").read_bytes() == content
    assert downloaded.sha256 == hashlib.sha256(content).hexdigest()
    assert (downloaded.size_bytes, downloaded.content_type) == (len(content), "application/pdf")
    (_, page_headers), (asked, headers) = register.requests
    assert page_headers["User-Agent"] == "planning-review/0.1.0 (+maps@example.org)"
    assert headers["Accept-Encoding"] == "identity"
    assert "fileName=Application%20Form.pdf" in asked


def test_query_route_asks_for_the_encoded_reference(register: Register, tmp_path: Path) -> None:
    body = (PAGES / "form_label_skin.html").read_bytes()
    register.routes["/Planning/Display"] = send(200, body)
    with AtriumClient(
        get_council("north-warwickshire", register.url),
        locks_dir=tmp_path,
        interval_seconds=0,
        contact=None,
        pages_dir=tmp_path,
    ) as client:
        assert client.fetch_application("2025/0661/FUL").application.applicant == "R. Rider"
    assert register.requests[0][0] == "/Planning/Display?applicationNumber=2025%2F0661%2FFUL"


def test_cookies_come_back(register: Register, client: AtriumClient, tmp_path: Path) -> None:
    register.routes["/a"] = send(302, Location="/b", Set_Cookie="session=7; Path=/")
    register.routes["/b"] = send(200, b"x")
    client.download(listed(f"{register.url}/a"), tmp_path / "x.part")
    assert register.requests[1][1]["Cookie"] == "session=7"


@pytest.mark.parametrize(
    "answer",
    [send(404), send(410), send(200, (PAGES / "search_page_for_unknown_reference.html").read_bytes())],
)
def test_unknown_reference(register: Register, client: AtriumClient, answer: Answer) -> None:
    register.routes[PAGE_PATH] = answer
    with pytest.raises(ApplicationNotFound, match=REFERENCE) as caught:
        client.fetch_application(REFERENCE)
    assert register.url + PAGE_PATH in str(caught.value)


@pytest.mark.parametrize("case", ["error_page_with_site_search", "documents_without_links", "empty_page"])
def test_page_that_is_not_understood_is_kept(
    register: Register, client: AtriumClient, tmp_path: Path, case: str
) -> None:
    body = (PAGES / f"{case}.html").read_bytes()
    register.routes[PAGE_PATH] = send(200, body)
    with pytest.raises(RegisterLayoutError) as caught:
        client.fetch_application(REFERENCE)
    path = caught.value.page_path
    assert path is not None
    assert path.parent == tmp_path / "pages"
    assert path.read_bytes() == body
    assert str(path) in str(caught.value)


@pytest.mark.parametrize("status", [500, 502, 503])
def test_server_error_may_pass(register: Register, client: AtriumClient, tmp_path: Path, status: int) -> None:
    register.routes[PAGE_PATH] = register.routes["/d"] = send(status)
    with pytest.raises(RegisterUnavailable, match=f"{status}.*--documents FOLDER"):
        client.fetch_application(REFERENCE)
    with pytest.raises(RegisterUnavailable):
        client.download(listed(f"{register.url}/d"), tmp_path / "x.part")
    assert len(register.requests) == 2, "one attempt a call"


def test_other_refusals_are_permanent(register: Register, client: AtriumClient, tmp_path: Path) -> None:
    register.routes[PAGE_PATH] = send(403)
    register.routes["/405"] = send(405, b"not allowed")
    with pytest.raises(PermanentError, match="403") as caught:
        client.fetch_application(REFERENCE)
    assert type(caught.value) is PermanentError
    with pytest.raises(PermanentError, match="405") as caught:
        client.download(listed(f"{register.url}/405"), tmp_path / "x.part")
    assert type(caught.value) is PermanentError


@pytest.mark.parametrize("status", [404, 410])
def test_document_gone(register: Register, client: AtriumClient, tmp_path: Path, status: int) -> None:
    register.routes["/d"] = send(status)
    with pytest.raises(DocumentGone, match="Transport Assessment"):
        client.download(listed(f"{register.url}/d"), tmp_path / "x.part")


@pytest.mark.parametrize(
    "answer",
    [
        send(202),
        send(202, b"\n"),
        send(405, b"<title>Human Verification</title>"),
        send(200, b"<html>prove it</html>", x_amzn_waf_action="challenge", Content_Type="text/html"),
        send(404, b"", x_amzn_waf_action="captcha"),
    ],
)
def test_bot_challenge_stops(
    register: Register, client: AtriumClient, tmp_path: Path, answer: Answer
) -> None:
    register.routes[PAGE_PATH] = register.routes["/d"] = answer
    with pytest.raises(BotChallenge, match="--documents FOLDER") as caught:
        client.fetch_application(REFERENCE)
    assert register.url + PAGE_PATH in str(caught.value)
    with pytest.raises(BotChallenge):
        client.download(listed(f"{register.url}/d"), tmp_path / "x.part")


def test_accepted_with_a_page_is_a_page(register: Register, client: AtriumClient) -> None:
    register.routes[PAGE_PATH] = send(202, (PAGES / "cherwell_full.html").read_bytes())
    assert client.fetch_application(REFERENCE).application.ward == "Sample Vale"


@pytest.mark.parametrize(
    "body",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n" + b"x" * 40,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Le",
        b"no http at all\r\n\r\n",
    ],
    ids=["fewer", "chunks cut", "headers cut", "not http"],
)
def test_cut_transfer_leaves_no_file(
    register: Register, client: AtriumClient, tmp_path: Path, body: bytes
) -> None:
    register.routes["/d"] = send_raw(body)
    with pytest.raises(RegisterUnavailable, match="/d"):
        client.download(listed(f"{register.url}/d"), tmp_path / "x.part")
    assert not (tmp_path / "x.part").exists()


@pytest.mark.parametrize(
    "body",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        b"HTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\nhello",
    ],
    ids=["length", "notice first", "chunks", "until closed"],
)
def test_whole_transfer_however_framed(
    register: Register, client: AtriumClient, tmp_path: Path, body: bytes
) -> None:
    register.routes["/d"] = send_raw(body)
    assert client.download(listed(f"{register.url}/d"), tmp_path / "x.part").size_bytes == 5


def test_empty_document_is_handed_on(register: Register, client: AtriumClient, tmp_path: Path) -> None:
    register.routes["/d"] = send(200)
    assert client.download(listed(f"{register.url}/d"), tmp_path / "x.part").size_bytes == 0


def test_silent_server_times_out(register: Register, tmp_path: Path) -> None:
    def wait(handler: BaseHTTPRequestHandler) -> None:
        handler.connection.recv(1)

    register.routes[PAGE_PATH] = wait
    client = make_client(register.url, tmp_path, timeout_seconds=0.2)
    with client, pytest.raises(RegisterUnavailable, match="timed out"):
        client.fetch_application(REFERENCE)


def test_refused_connection_says_what_to_check(tmp_path: Path) -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{held.getsockname()[1]}"
        with make_client(url, tmp_path) as client, pytest.raises(RegisterUnavailable) as caught:
            client.fetch_application(REFERENCE)
    for part in (url, "PLANNING_REGISTER_URL", "--documents FOLDER", "try again"):
        assert part in str(caught.value)


def test_retry_after_as_date_counts_from_the_servers_clock(register: Register, client: AtriumClient) -> None:
    there = datetime(2020, 1, 1, tzinfo=UTC)

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response_only(429)
        handler.send_header("Date", format_datetime(there, usegmt=True))
        handler.send_header("Retry-After", format_datetime(there + timedelta(seconds=1200), usegmt=True))
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    register.routes[PAGE_PATH] = answer
    with pytest.raises(RegisterThrottled) as caught:
        client.fetch_application(REFERENCE)
    assert caught.value.retry_after_seconds == 1200
    with pytest.raises(RegisterThrottled, match="left alone until"):
        client.fetch_application(REFERENCE)
    assert len(register.requests) == 1


@pytest.mark.parametrize("value", ["", "soon", "-5", "Wed, 99 Foo 2020"])
def test_throttled_without_a_readable_wait(register: Register, client: AtriumClient, value: str) -> None:
    register.routes[PAGE_PATH] = send(429, Retry_After=value)
    with pytest.raises(RegisterThrottled) as caught:
        client.fetch_application(REFERENCE)
    assert caught.value.retry_after_seconds is None


def test_other_hosts_are_never_asked(register: Register, client: AtriumClient, tmp_path: Path) -> None:
    with serve_register() as elsewhere:
        elsewhere.routes["/d"] = send(200, b"bait")
        register.routes["/away"] = send(302, Location=f"{elsewhere.url}/d")
        register.routes["/broken"] = send(302, Location="http://[half")
        for url in (
            f"{register.url}/away",
            f"{register.url}/broken",
            f"{elsewhere.url}/d",
            "file:///etc/hostname",
        ):
            with pytest.raises(PermanentError) as caught:
                client.download(listed(url), tmp_path / "x.part")
            assert type(caught.value) is PermanentError
        assert elsewhere.requests == []
    assert not (tmp_path / "x.part").exists()


def test_redirects_in_circles_end(register: Register, client: AtriumClient) -> None:
    register.routes[PAGE_PATH] = send(302, Location=PAGE_PATH)
    with pytest.raises(PermanentError, match="circles"):
        client.fetch_application(REFERENCE)
    assert len(register.requests) == 6


def test_file_that_cannot_be_written_is_explained(
    register: Register, client: AtriumClient, tmp_path: Path
) -> None:
    register.routes["/d"] = send(200, b"bytes")
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(PermanentError, match="PLANNING_TEMP_DIR"):
        client.download(listed(f"{register.url}/d"), tmp_path / "file" / "x.part")


def test_proxy_of_the_environment_is_not_asked_for_this_machine(
    register: Register, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    register.routes["/d"] = send(200, b"bytes")
    with make_client(register.url, tmp_path) as client:
        assert client.download(listed(f"{register.url}/d"), tmp_path / "x.part").size_bytes == 5


def test_user_agent_holds_only_what_a_header_can() -> None:
    assert describe_client(None) == "planning-review/0.1.0 (+no contact given)"
    assert describe_client("Zoë\r\nX-Evil: 1") == "planning-review/0.1.0 (+ZoX-Evil: 1)"
