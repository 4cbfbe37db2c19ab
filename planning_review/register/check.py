"""Walks a council's register from its search to a document, and says what it found at each step.

Every page is asked for once, at the usual pace. What was expected stands in the error of the step that
fails, before what was found.
"""

import tempfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from urllib.parse import unquote

from planning_review.check_step import Step
from planning_review.documents.formats.sniffing import sniff_kind
from planning_review.errors import ApplicationNotFound, PlanningReviewError
from planning_review.models import Application, ApplicationPage, FileKind
from planning_review.register.atrium.check_search import (
    check_form,
    describe_list,
    expecting,
    find_applications,
)
from planning_review.register.atrium.client import RegisterClient
from planning_review.register.councils import Council
from planning_review.register.search import FoundApplication
from planning_review.settings import Settings

# A reference that no council gives out: the answer proves that the pages are the platform's.
_UNKNOWN_REFERENCE = "00/00000/F"
# New applications often have no documents for some days.
_MOST_APPLICATIONS = 5


def walk_register_checks(council: Council, settings: Settings, today: date) -> Iterator[Step]:
    """Yield each step as it passes; raise PlanningReviewError at the one that does not.

    today is the last day searched (Europe/London).
    """
    client = RegisterClient(
        council,
        locks_dir=settings.locks_dir,
        interval_seconds=settings.register_interval_seconds,
        contact=settings.contact,
        pages_dir=settings.pages_dir,
    )
    with client:
        yield _check_unknown_reference(client)
        yield from check_form(council, settings, today)
        found = find_applications(council, settings, today)
        yield describe_list(found)
        pages: list[ApplicationPage] = []
        for application in found.applications[:_MOST_APPLICATIONS]:
            pages.append(_read_application(client, application, council))
            if len(pages) == 1:
                yield _describe_application(pages[0].application)
            if pages[-1].documents:
                break
        yield _describe_documents(pages)
        if pages[-1].documents:
            yield _check_download(client, pages[-1], settings.temp_dir)


def _check_unknown_reference(client: RegisterClient) -> Step:
    name = "unknown application"
    with expecting(name, f"the register not to know {_UNKNOWN_REFERENCE}, with its search page or a 404"):
        try:
            client.fetch_application(_UNKNOWN_REFERENCE)
        except ApplicationNotFound:
            return Step(name, f"the register answers, and does not know {_UNKNOWN_REFERENCE}")
        raise PlanningReviewError(f"It claims to know it. Open {_UNKNOWN_REFERENCE} in a browser.")


def _read_application(
    client: RegisterClient, application: FoundApplication, council: Council
) -> ApplicationPage:
    expected = f"the page of {application.reference}, which the list names"
    asked = council.application_url(application.reference)
    if unquote(asked).casefold() != unquote(application.register_url).casefold():
        expected += f" (at {application.register_url}: display_route in councils.yaml may be wrong)"
    with expecting("application", expected):
        return client.fetch_application(application.reference)


def _describe_application(application: Application) -> Step:
    fields = application.model_dump(exclude={"reference", "council", "register_url", "other_fields"})
    read = [name for name, value in fields.items() if value is not None]
    missing = [name for name, value in fields.items() if value is None]
    others = len(application.other_fields)
    return Step(
        "application",
        f"{application.reference}: read {', '.join(read) or 'nothing'}, other fields {others}; "
        f"empty or not shown: {', '.join(missing) or 'none'}",
        is_warning=application.proposal is None or application.site_address is None,
    )


def _describe_documents(pages: list[ApplicationPage]) -> Step:
    name, last = "documents", pages[-1]
    if last.documents:
        categories = {document.category for document in last.documents if document.category}
        count, reference = len(last.documents), last.application.reference
        return Step(name, f"{reference}: listed {count}, categories {len(categories)}")
    tried = ", ".join(page.application.reference for page in pages)
    if any(page.documents_available for page in pages):
        return Step(name, f"the table is there and empty on {tried}: no download was tried", is_warning=True)
    raise PlanningReviewError(
        f"{name}: expected a documents table on one of {tried}. None of their pages has one: open "
        f"{last.application.register_url} in a browser and see whether documents are listed."
    )


def _check_download(client: RegisterClient, page: ApplicationPage, temp_dir: Path) -> Step:
    name = "download"
    # The smallest that says its size: one may be over 100 MB.
    document = min(
        page.documents, key=lambda each: (each.size_bytes_listed is None, each.size_bytes_listed or 0)
    )
    with expecting(name, f"the bytes of {document.title[:80]!r}"):
        temp_dir.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=temp_dir) as folder:
            path = Path(folder) / "document"
            downloaded = client.download(document, path)
            kind = sniff_kind(path)
        if kind in (FileKind.EMPTY, FileKind.HTML):
            came = "nothing" if kind is FileKind.EMPTY else "a web page"
            raise PlanningReviewError(
                f"There came {came} from {document.register_url}. Open it in a browser."
            )
    return Step(name, f"{document.title[:80]!r}: {downloaded.size_bytes} bytes, {kind.value}")
