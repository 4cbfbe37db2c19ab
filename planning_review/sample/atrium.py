"""A small register that answers over HTTP as the Atrium platform does, and fails when told to."""

import threading
import time
from collections.abc import Sequence
from types import TracebackType
from typing import Any, NamedTuple, Self

from planning_review.sample.atrium_http import AtriumHTTPServer
from planning_review.sample.exchange import Answer, Request, answer_not_found
from planning_review.sample.routes import (
    answer_application,
    answer_document,
    read_document_id,
    read_reference,
)
from planning_review.sample.search_site import RESULTS_PATH, SearchSite
from planning_review.sample.served import Fault, ServedApplication, ServedDocument, format_size
from planning_review.sample.skins import Skin, get_skin

__all__ = ["Fault", "RecordedRequest", "RegisterServer", "ServedApplication", "ServedDocument"]


class RecordedRequest(NamedTuple):
    """A request as it arrived; at_seconds is of the monotonic clock, path holds the query."""

    at_seconds: float
    method: str
    path: str


class RegisterServer:
    """Serve applications on 127.0.0.1 from `with` to its end; port 0 takes a free one.

    A search finds them by their fields "Received Date", "Valid Date" and "Decision Date" (dd/mm/yyyy).
    """

    def __init__(
        self, applications: Sequence[ServedApplication], *, port: int = 0, skin: Skin | str = "cherwell"
    ) -> None:
        self.skin = get_skin(skin) if isinstance(skin, str) else skin
        self._search = SearchSite(self.skin, self.list_applications)
        self._lock = threading.Lock()
        self._applications = {application.reference: application for application in applications}
        self._requests: list[RecordedRequest] = []
        self._faults: dict[str, list[Fault]] = {}
        self.stopping = threading.Event()
        self._server = AtriumHTTPServer(("127.0.0.1", port), self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stopping.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def url(self) -> str:
        """The register's address, without a slash at its end."""
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def requests(self) -> list[RecordedRequest]:
        """Every request so far, in the order of arrival."""
        with self._lock:
            return list(self._requests)

    def set_fault(self, document_id_or_path: str, *faults: Fault) -> None:
        """Let answers for a document, or for a path without its query, go wrong; none mends them.

        An application's page is `/Planning/Display/{reference}` on every skin. `/Search/Results` is the
        list of results, and `POST /Search/Results` the form that asks for it. Faults take their turn in
        the order given, each for its `times`.
        """
        with self._lock:
            self._faults[document_id_or_path] = list(faults)

    def add_application(self, application: ServedApplication) -> None:
        """Serve one more application, or another in place of the one with its reference."""
        with self._lock:
            self._applications[application.reference] = application

    def add_document(self, reference: str, document: ServedDocument) -> None:
        """List one more document, after the others of its category."""
        with self._lock:
            application = self._applications[reference]
            documents = list(application.documents)
            places = [n for n, other in enumerate(documents, start=1) if other.category == document.category]
            documents.insert(places[-1] if places else len(documents), document)
            self._applications[reference] = application.model_copy(update={"documents": tuple(documents)})

    def replace_bytes(self, document_id: str, content: bytes) -> None:
        """Give a document other bytes under the same id; the size printed changes with them."""
        self._change(document_id, {"content": content, "path": None, "size": format_size(len(content))})

    def remove_document(self, document_id: str) -> None:
        """Take a document off the register: it is neither listed nor served."""
        self._change(document_id, None)

    def list_applications(self) -> list[ServedApplication]:
        """Return every application as it stands now."""
        with self._lock:
            return list(self._applications.values())

    def find_application(self, reference: str) -> ServedApplication | None:
        """Return an application as it stands now."""
        with self._lock:
            return self._applications.get(reference)

    def find_document(self, document_id: str) -> ServedDocument | None:
        """Return a document as it stands now."""
        found = (d for a in self.list_applications() for d in a.documents if d.document_id == document_id)
        return next(found, None)

    def record_request(self, method: str, path: str) -> None:
        """Note a request that has arrived."""
        with self._lock:
            self._requests.append(RecordedRequest(time.monotonic(), method, path))

    def answer(self, request: Request, fault: Fault | None) -> Answer:
        """Return the answer to a request; a fault here is one that shapes the page."""
        document_id, reference = read_document_id(request), read_reference(request, self.skin)
        if request.method == "GET" and document_id is not None:
            return answer_document(self.find_document(document_id))
        # The register keeps the slashes of a reference; written as %2F they are another path.
        if request.method == "GET" and reference is not None and not request.is_escaped:
            application = self.find_application(reference)
            return answer_application(request, application, self.skin, self._search, fault)
        return self._search.answer(request, fault) or answer_not_found()

    def name_fault_keys(self, request: Request) -> tuple[str, ...]:
        """Return what a fault for this request may be set on, the nearest first."""
        document_id, reference = read_document_id(request), read_reference(request, self.skin)
        own = document_id or (f"/Planning/Display/{reference}" if reference else "")
        if request.method == "POST" and request.path == RESULTS_PATH:
            return (f"POST {RESULTS_PATH}",)
        return (own, request.path)

    def take_fault(self, *keys: str) -> Fault | None:
        """Return the fault of the next answer for the first of the keys that has one."""
        with self._lock:
            for key in keys:
                waiting = self._faults.get(key)
                if not waiting:
                    continue
                fault = waiting[0]
                if fault.times is not None:
                    left = fault.times - 1
                    waiting[:1] = [fault.model_copy(update={"times": left})] if left else []
                return fault
        return None

    def _change(self, document_id: str, update: dict[str, Any] | None) -> None:
        with self._lock:
            for reference, application in self._applications.items():
                kept = [d for d in application.documents if d.document_id != document_id]
                if len(kept) == len(application.documents):
                    continue
                if update is not None:
                    kept = [
                        d.model_copy(update=update) if d.document_id == document_id else d
                        for d in application.documents
                    ]
                self._applications[reference] = application.model_copy(update={"documents": tuple(kept)})
                return
        raise KeyError(document_id)
