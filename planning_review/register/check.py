"""The steps of `planning-review check register` that every platform shares.

What was expected stands in the error of the step that fails, before what was found.
"""

import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from planning_review.check_step import Step
from planning_review.documents.formats.sniffing import sniff_kind
from planning_review.errors import PlanningReviewError
from planning_review.models import Application, ApplicationPage, FileKind
from planning_review.register.platform import RegisterClient, RegisterSearch
from planning_review.register.robots import Robots
from planning_review.register.search import FoundApplication, FoundList, SearchWindow

_WINDOWS_DAYS = (7, 28)
# New applications often have no documents for some days.
_MOST_APPLICATIONS = 5


@contextmanager
def expecting(name: str, expected: str) -> Iterator[None]:
    """Put the step's name, and what it expected, before the message of an error."""
    try:
        yield
    except PlanningReviewError as error:
        raise PlanningReviewError(f"{name}: expected {expected}. {error}") from error


def describe_robots(robots: Robots, urls: Iterable[str]) -> Step:
    """Return what robots.txt says of the addresses that a scan goes to."""
    name = "robots.txt"
    with expecting(name, "a robots.txt, or a 404 where there is none"):
        refused = [url for url in urls if not robots.allows(url)]
    if refused:
        detail = (
            f"programs are asked not to search ({urlsplit(refused[0]).path}): review works, scan does not"
        )
        return Step(name, f"{detail}. The list below is fetched once, for you", is_warning=True)
    return Step(name, "programs may search: review and scan work")


def find_recent(search: RegisterSearch, today: date) -> FoundList:
    """Find the proven list of the last days, of more days where a few hold nothing."""
    with expecting("search", f"a list of the last {_WINDOWS_DAYS[0]} days as long as the number printed"):
        for days in _WINDOWS_DAYS:
            window = SearchWindow(date_from=today - timedelta(days=days - 1), date_to=today)
            found = search.find(window)
            if found.applications:
                return found
        raise PlanningReviewError(
            f"The register lists no {window.describe()}, which no council goes without. Make the same search "
            "by hand on the register."
        )


def describe_list(found: FoundList) -> Step:
    """Return what a list shows."""
    first = found.applications[0]
    shown = [name for name, value in first.model_dump(exclude={"register_url"}).items() if value is not None]
    printed = "with no number printed" if found.total_printed is None else f"of {found.total_printed} printed"
    return Step(
        "search",
        f"{found.window.describe()}: found {len(found.applications)} {printed}; "
        f"the list shows {', '.join(shown)}",
        is_warning=found.total_printed is None,
    )


def check_applications(
    client: RegisterClient,
    found: FoundList,
    temp_dir: Path,
    describe_expected: Callable[[FoundApplication], str],
) -> Iterator[Step]:
    """Yield an application of the list, its documents and a download, as each passes.

    describe_expected says what the page of an application should be.
    """
    pages: list[ApplicationPage] = []
    for application in found.applications[:_MOST_APPLICATIONS]:
        with expecting("application", describe_expected(application)):
            pages.append(client.fetch_application(application.reference))
        if len(pages) == 1:
            yield _describe_application(pages[0].application)
        if pages[-1].documents:
            break
    yield _describe_documents(pages)
    if pages[-1].documents:
        yield _check_download(client, pages[-1], temp_dir)


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
