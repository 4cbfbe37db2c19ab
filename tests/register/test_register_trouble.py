"""What goes wrong on the way to a register: certificates, walls and 429 in mid-run, parts and drips."""

import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from planning_review.errors import BotChallenge, PermanentError, RegisterThrottled, RegisterUnavailable
from planning_review.models import ListedDocument
from planning_review.register import responses
from planning_review.register.atrium.client import AtriumClient
from planning_review.register.councils import get_council
from planning_review.register.http import _make_trust
from tests.support.register_server import Register, send, serve_register

PAGE = (Path(__file__).parents[1] / "resources" / "register" / "cherwell_full.html").read_bytes()
REFERENCE = "25/00284/F"
PAGE_PATH = f"/Planning/Display/{REFERENCE}"
FILE = "/Document/Download"
WALL = b"<html><head><title>Just a moment...</title></head><body>Checking your browser</body></html>"


def make_client(url: str, folder: Path) -> AtriumClient:
    return AtriumClient(
        get_council("sample", url),
        locks_dir=folder / "locks",
        interval_seconds=0,
        contact=None,
        pages_dir=folder / "pages",
    )


@pytest.fixture
def register() -> Iterator[Register]:
    with serve_register() as served:
        yield served


def listed(register: Register) -> ListedDocument:
    return ListedDocument(document_id="1-2-3", title="Plan", register_url=f"{register.url}{FILE}?imageId=3")


def issue(
    name: str, by: tuple[x509.Certificate, ec.EllipticCurvePrivateKey] | None, *, is_authority: bool
) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    """Return a certificate and its key; it vouches for itself where nobody issues it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(by[0].subject if by else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=2))
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
    )
    if not is_authority:
        own = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
        built = built.add_extension(own, critical=False)
    return built.sign(by[1] if by else key, hashes.SHA256()), key


def write_pem(path: Path, *certificates: x509.Certificate) -> Path:
    path.write_bytes(b"".join(each.public_bytes(serialization.Encoding.PEM) for each in certificates))
    return path


@pytest.mark.parametrize("sends_intermediate", [False, True])
def test_register_that_leaves_out_its_intermediate_certificate(
    sends_intermediate: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = issue("Root", None, is_authority=True)
    between = issue("Between", root, is_authority=True)
    own, key = issue("Register", between, is_authority=False)
    chain = write_pem(tmp_path / "chain.pem", own, *([between[0]] if sends_intermediate else []))
    pem = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (tmp_path / "key.pem").write_bytes(key.private_bytes(*pem))
    monkeypatch.setenv("SSL_CERT_FILE", str(write_pem(tmp_path / "root.pem", root[0])))
    _make_trust.cache_clear()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            send(200, PAGE, Content_Type="text/html")(self)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain, tmp_path / "key.pem")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        with make_client(f"https://127.0.0.1:{server.server_port}", tmp_path) as client:
            if sends_intermediate:
                assert client.fetch_application(REFERENCE).application.reference == REFERENCE
            else:
                with pytest.raises(PermanentError, match="leave out their issuer's intermediate certificate"):
                    client.fetch_application(REFERENCE)
    finally:
        server.shutdown()
        server.server_close()
        _make_trust.cache_clear()


def test_wall_in_the_middle_of_a_run_is_asked_nothing_more(register: Register, tmp_path: Path) -> None:
    register.routes[PAGE_PATH] = send(200, PAGE, Content_Type="text/html")
    register.routes[FILE] = send(200, b"%PDF-1.7", Content_Type="application/pdf")
    with make_client(register.url, tmp_path) as client:
        client.fetch_application(REFERENCE)
        client.download(listed(register), tmp_path / "part")
        register.routes[FILE] = send(403, WALL, Content_Type="text/html")
        for ask in (
            lambda: client.download(listed(register), tmp_path / "part"),
            lambda: client.download(listed(register), tmp_path / "part"),
            lambda: client.fetch_application(REFERENCE),
        ):
            with pytest.raises(BotChallenge, match="wants to see a person"):
                ask()
    assert len(register.requests) == 3


def test_part_of_a_file_is_no_file(register: Register, tmp_path: Path) -> None:
    register.routes[FILE] = send(206, b"%PDF-1.7 half", Content_Type="application/pdf")
    with (
        make_client(register.url, tmp_path) as client,
        pytest.raises(PermanentError, match="a part of the file"),
    ):
        client.download(listed(register), tmp_path / "part")
    assert not (tmp_path / "part").exists()


def test_file_that_drips_is_not_waited_for(
    register: Register, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(responses, "_GRACE_SECONDS", 0.0)
    monkeypatch.setattr(responses, "_SLOWEST_BYTES_PER_SECOND", 1e12)
    register.routes[FILE] = send(200, b"%PDF-1.7", Content_Type="application/pdf")
    with (
        make_client(register.url, tmp_path) as client,
        pytest.raises(RegisterUnavailable, match="not waited"),
    ):
        client.download(listed(register), tmp_path / "part")
    assert not (tmp_path / "part").exists()


def test_too_many_requests_slow_down_whoever_asks_next(register: Register, tmp_path: Path) -> None:
    register.routes[PAGE_PATH] = send(429, b"slow down")
    council = get_council("sample", register.url)
    manners = {"interval_seconds": 0.05, "contact": None, "locks_dir": tmp_path, "pages_dir": tmp_path}
    with AtriumClient(council, **manners) as client, pytest.raises(RegisterThrottled):
        client.fetch_application(REFERENCE)
    register.routes[PAGE_PATH] = send(200, PAGE, Content_Type="text/html")
    with AtriumClient(council, **manners) as another:
        another.fetch_application(REFERENCE)
        another.fetch_application(REFERENCE)
    assert min(register.gaps) > 0.09
