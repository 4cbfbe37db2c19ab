"""A real S3 server for the tests, and a proxy before it that breaks on request."""

import http.client
import io
import socket
import ssl
import struct
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
from botocore.config import Config
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from moto.server import ThreadedMotoServer

from planning_review.settings import Settings
from tests.support.botocore_data import keep_botocore_data

ACCESS_KEY_ID = "AKIAIOSFODNN7EXAMPLE"
SECRET_ACCESS_KEY = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"  # noqa: S105 - Amazon's documented example
BUCKET = "test-documents"
VIRTUAL_DOMAIN = "storage.example.test"
"""Hosts below it are buckets, when the proxy is asked for them."""


def make_settings(endpoint_url: str | None, **values: Any) -> Settings:
    """Return settings for the tests' bucket, untouched by any .env file or variable."""
    defaults: dict[str, Any] = {
        "s3_endpoint_url": endpoint_url,
        "s3_bucket": BUCKET,
        "s3_access_key_id": ACCESS_KEY_ID,
        "s3_secret_access_key": SECRET_ACCESS_KEY,
        "s3_key_prefix": "planning",
        "s3_region": None,
        "s3_acl": "public-read",
        "s3_addressing_style": "auto",
        "s3_public_base_url": None,
        "s3_storage_block": None,
        "AWS_CA_BUNDLE": None,
    }
    return Settings(_env_file=None, **(defaults | values))


@contextmanager
def run_s3_server() -> Iterator[str]:
    """Serve S3 on 127.0.0.1 with one empty bucket; yields the address."""
    keep_botocore_data()
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"
    try:
        with closing(make_raw_client(url)) as client:
            client.create_bucket(Bucket=BUCKET)
        yield url
    finally:
        server.stop()


def make_raw_client(url: str) -> Any:
    """Return a plain client, to look at the bucket without the code under test."""
    return boto3.client(
        "s3",
        endpoint_url=url,
        region_name="us-east-1",
        aws_access_key_id=ACCESS_KEY_ID,
        aws_secret_access_key=SECRET_ACCESS_KEY,
        config=Config(s3={"addressing_style": "path"}),
    )


@dataclass(frozen=True)
class Fault:
    """What the proxy does to one request.

    kind: `answer` (this status and body, the server sees nothing), `reset` (cut in the middle of the
    body), `lost` (the server does it, the answer never arrives), `silent` (nothing, for good), `spoil` (the
    server is given this body in place of the one that was sent).
    """

    kind: str
    status: int = 0
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


def answer(status: int, code: str = "", message: str = "", **headers: str) -> Fault:
    """Return a fault that answers as S3 does, with a code in an XML body."""
    error = f"<Error><Code>{code}</Code><Message>{message}</Message></Error>"
    xml = f'<?xml version="1.0" encoding="UTF-8"?>{error}'
    return Fault("answer", status, xml.encode() if code else b"", headers)


def cut_answer(content: bytes, promised_bytes: int) -> Fault:
    """Return a fault that ends before the length it announced."""
    return Fault("answer", 200, content, {"Content-Length": str(promised_bytes)})


RESET = Fault("reset")
LOST = Fault("lost")
SILENT = Fault("silent")


class FaultProxy:
    """Passes requests on to the server, except where it was told to fail; counts them by method."""

    def __init__(self, upstream: str, tls: ssl.SSLContext | None = None) -> None:
        self.upstream = urlsplit(upstream).netloc
        self.counts: Counter[str] = Counter()
        self.paths: list[str] = []
        self.requests: list[tuple[str, str, int]] = []
        self.headers: list[dict[str, str]] = []
        self.closing = threading.Event()
        self._faults: dict[str, list[Fault]] = {}
        self._always: dict[str, Fault] = {}
        self._by_path: list[tuple[str, str, Fault]] = []
        self.spoiled: list[str] = []
        self._lock = threading.Lock()
        self.tls = tls
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self.server.daemon_threads = True
        self.server.block_on_close = False
        self.server.proxy = self  # type: ignore[attr-defined]

    def fail(self, method: str, fault: Fault, times: int | None = None) -> None:
        """Do this to the next requests with the method, to every one without a number."""
        with self._lock:
            if times is None:
                self._always[method] = fault
            else:
                self._faults.setdefault(method, []).extend([fault] * times)

    def fail_path(self, method: str, part: str, fault: Fault) -> None:
        """Do this to every request with the method whose path holds a part, until `mend`."""
        with self._lock:
            self._by_path.append((method, part, fault))

    def mend(self, part: str = "") -> None:
        """Do nothing of what `fail_path` asked for any longer, where its part holds this one."""
        with self._lock:
            self._by_path = [fault for fault in self._by_path if part not in fault[1]]

    def count(self, method: str, part: str) -> int:
        """Return how many requests with the method came for paths that hold a part."""
        return sum(asked == method and part in path for asked, path, _ in self.requests)

    def count_stored(self, part: str) -> int:
        """Return how many PUTs for paths that hold a part were answered with 200."""
        return sum((asked, status) == ("PUT", 200) and part in path for asked, path, status in self.requests)

    @property
    def url(self) -> str:
        """The address that clients of the proxy use, over http."""
        return f"http://127.0.0.1:{self.server.server_port}"

    def take_fault(self, method: str, path: str, headers: dict[str, str]) -> Fault | None:
        """Count the request, and return what is to happen to it."""
        with self._lock:
            self.counts[method] += 1
            self.paths.append(path)
            self.headers.append(headers)
            for wanted, part, fault in self._by_path:
                if wanted == method and part in path:
                    self.spoiled.append(path)
                    return fault
            waiting = self._faults.get(method)
            return waiting.pop(0) if waiting else self._always.get(method)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def _serve(self) -> None:
        proxy: FaultProxy = self.server.proxy  # type: ignore[attr-defined]
        fault = proxy.take_fault(self.command, self.path, dict(self.headers.items()))
        length = int(self.headers.get("Content-Length") or 0)
        if fault is not None and fault.kind == "silent":
            proxy.closing.wait()
            self.close_connection = True
            return
        if fault is not None and fault.kind == "reset":
            self.rfile.read(length // 2)
            self._cut()
            return
        body = self.rfile.read(length)
        if fault is not None and fault.kind == "answer":
            self._reply(fault.status, fault.headers, fault.body)
            return
        if fault is not None and fault.kind == "spoil":
            body = fault.body
            for name in ("Content-MD5", "Content-Length"):
                del self.headers[name]
        status, headers, content = self._ask_upstream(proxy, body)
        if fault is not None and fault.kind == "lost":
            self._cut()
            return
        self._reply(status, headers, content)

    def _ask_upstream(self, proxy: FaultProxy, body: bytes) -> tuple[int, dict[str, str], bytes]:
        host = (self.headers["Host"] or "").partition(":")[0]
        bucket = host.removesuffix(f".{VIRTUAL_DOMAIN}") if host.endswith(f".{VIRTUAL_DOMAIN}") else ""
        path = f"/{bucket}{self.path}" if bucket else self.path
        headers = {k: v for k, v in self.headers.items() if k.lower() not in ("connection", "host")}
        # Closed too where the server is gone or silent: else the socket outlives the test that saw it.
        with closing(http.client.HTTPConnection(proxy.upstream, timeout=120)) as connection:
            connection.request(self.command, path, body=body or None, headers=headers)
            with connection.getresponse() as answered:
                return answered.status, dict(answered.getheaders()), answered.read()

    def _reply(self, status: int, headers: dict[str, str], content: bytes) -> None:
        self.server.proxy.requests.append((self.command, self.path, status))  # type: ignore[attr-defined]
        self.send_response_only(status)
        is_length_given = False
        for name, value in headers.items():
            if name.lower() not in ("connection", "transfer-encoding"):
                self.send_header(name, value)
                is_length_given |= name.lower() == "content-length"
        if not is_length_given and status not in (204, 304):
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)
            self.close_connection |= len(content) < int(headers.get("Content-Length", 0))

    def _cut(self) -> None:
        # Closing with linger 0 sends a reset instead of an orderly end.
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True

    def do_CONNECT(self) -> None:
        self.send_response_only(200)
        self.end_headers()
        tls: ssl.SSLContext = self.server.proxy.tls  # type: ignore[attr-defined]
        with tls.wrap_socket(self.request, server_side=True) as self.request:
            self.setup()
            self.handle()
            self.finish()
        # The base class flushes and closes these once more, after the connection has ended.
        self.rfile, self.wfile = io.BytesIO(), io.BytesIO()

    do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = _serve  # noqa: N815 - the base class names them

    def log_message(self, format: str, *arguments: object) -> None:
        """Say nothing: stderr belongs to the tests."""

    def handle(self) -> None:
        try:
            super().handle()
        except (ConnectionError, ssl.SSLError):
            self.close_connection = True

    def finish(self) -> None:
        try:
            super().finish()
        except (OSError, ValueError):
            self.close_connection = True


@contextmanager
def run_proxy(
    upstream: str, tls: ssl.SSLContext | None = None, is_tls_outside: bool = True
) -> Iterator[FaultProxy]:
    """Run a proxy before the server; with tls it speaks https itself, or inside CONNECT only."""
    proxy = FaultProxy(upstream, tls)
    if tls is not None and is_tls_outside:
        proxy.server.socket = tls.wrap_socket(
            proxy.server.socket, server_side=True, do_handshake_on_connect=False
        )
    thread = threading.Thread(target=proxy.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        proxy.closing.set()
        proxy.server.shutdown()
        proxy.server.server_close()
        thread.join()


def proxy_url(proxy: FaultProxy, scheme: str = "http") -> str:
    """Return the address that clients of the proxy use."""
    return f"{scheme}://127.0.0.1:{proxy.server.server_port}"


def make_certificate(folder: Path, *names: str) -> tuple[Path, ssl.SSLContext]:
    """Make a self-signed certificate for 127.0.0.1 and the names; returns its file and a server's context."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "tests")])
    now = datetime.now(UTC)
    alternatives = [x509.IPAddress(ip_address("127.0.0.1")), *(x509.DNSName(each) for each in names)]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate_path, key_path = folder / "certificate.pem", folder / "key.pem"
    certificate_path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    key_path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate_path, key_path)
    return certificate_path, context
