"""What the small register answers to each address, when nothing goes wrong."""

from http import HTTPStatus
from mimetypes import guess_type

from planning_review.sample.exchange import Answer, Request, answer_not_found, answer_page
from planning_review.sample.pages import render_application
from planning_review.sample.search_site import SearchSite
from planning_review.sample.served import Fault, ServedApplication, ServedDocument
from planning_review.sample.skins import Skin

_DISPLAY = "/Planning/Display"
_DOWNLOAD = "/Document/Download"


def read_reference(request: Request, skin: Skin) -> str | None:
    """Return the reference of the application whose page is asked for, None for any other address."""
    if skin.display_route == "query":
        values = request.query.get("applicationNumber", [])
        return values[0] if request.path == _DISPLAY and values else None
    return request.path.removeprefix(f"{_DISPLAY}/") if request.path.startswith(f"{_DISPLAY}/") else None


def read_document_id(request: Request) -> str | None:
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


def answer_application(
    request: Request,
    application: ServedApplication | None,
    skin: Skin,
    search: SearchSite,
    fault: Fault | None,
) -> Answer:
    """Return an application's page, or what the register serves where it knows none."""
    if application is None:
        return search.serve_form(request, skin.unknown_status)
    kind = fault.kind if fault else None
    page = render_application(
        application, skin, with_documents=kind != "no-documents", with_summary=kind != "no-summary"
    )
    return answer_page(page)


def answer_document(document: ServedDocument | None) -> Answer:
    """Return a document's bytes."""
    if document is None:
        return answer_not_found()
    kind = guess_type(document.file_name)[0] or "application/octet-stream"
    return Answer(HTTPStatus.OK, document.read_bytes(), kind, document=document)
