"""A small register that answers over HTTP as the Atrium platform does."""

import threading
from collections.abc import Sequence
from http import HTTPStatus
from mimetypes import guess_type
from types import TracebackType
from typing import Self

from planning_review.sample.http_server import (
    Answer,
    AnsweringServer,
    Request,
    Visitor,
    answer_not_found,
    answer_page,
)
from planning_review.sample.pages import render_application
from planning_review.sample.search_site import SearchSite
from planning_review.sample.served_application import ServedApplication, ServedDocument
from planning_review.sample.skin import CHERWELL, Skin

_DISPLAY = "/Planning/Display"
_DOWNLOAD = "/Document/Download"


class RegisterServer:
    """Serve applications on 127.0.0.1 from `with` to its end; port 0 takes a free one.

    A search finds them by their fields "Received Date", "Valid Date" and "Decision Date" (dd/mm/yyyy).
    """

    def __init__(
        self, applications: Sequence[ServedApplication], *, port: int = 0, skin: Skin = CHERWELL
    ) -> None:
        self.skin = skin
        self.search = SearchSite(skin, self.list_applications)
        self._applications = {application.reference: application for application in applications}
        self._server = AnsweringServer(port, self.respond)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def url(self) -> str:
        """The register's address, without a slash at its end."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def list_applications(self) -> list[ServedApplication]:
        """Return every application as it stands now."""
        return list(self._applications.values())

    def find_application(self, reference: str) -> ServedApplication | None:
        """Return an application as it stands now."""
        return self._applications.get(reference)

    def find_document(self, document_id: str) -> ServedDocument | None:
        """Return a document as it stands now."""
        found = (d for a in self.list_applications() for d in a.documents if d.document_id == document_id)
        return next(found, None)

    def respond(self, request: Request, visitor: Visitor) -> None:
        """Answer a visitor; any thread may ask."""
        visitor.send(self.answer(request))

    def answer(self, request: Request) -> Answer:
        """Return the answer to a request."""
        document_id, reference = parse_document_id(request), parse_reference(request, self.skin)
        if request.method == "GET" and document_id is not None:
            return _answer_document(self.find_document(document_id))
        # The register keeps the slashes of a reference; written as %2F they are another path.
        if request.method == "GET" and reference is not None and not request.is_escaped:
            application = self.find_application(reference)
            if application is None:
                return self.search.serve_form(request, self.skin.unknown_status)
            return answer_page(render_application(application, self.skin))
        return self.search.answer(request) or answer_not_found()


def parse_reference(request: Request, skin: Skin) -> str | None:
    """Return the reference of the application whose page is asked for, None for any other address."""
    if skin.display_route == "query":
        values = request.query.get("applicationNumber", [])
        return values[0] if request.path == _DISPLAY and values else None
    return request.path.removeprefix(f"{_DISPLAY}/") if request.path.startswith(f"{_DISPLAY}/") else None


def parse_document_id(request: Request) -> str | None:
    """Return the identity of the document that is asked for; the file's name in it means nothing."""
    if request.path != _DOWNLOAD:
        return None
    values = request.query
    try:
        if values["module"] != ["PLA"]:
            return None
        return "-".join(values[name][0] for name in ("recordNumber", "planId", "imageId"))
    except KeyError:
        return None


def _answer_document(document: ServedDocument | None) -> Answer:
    if document is None:
        return answer_not_found()
    kind = guess_type(document.file_name)[0] or "application/octet-stream"
    return Answer(HTTPStatus.OK, document.read_bytes(), kind, document=document)
