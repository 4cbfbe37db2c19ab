"""A second platform, as small as one can be: a folder where a council pins its applications up.

A sub-folder is an application: `notice.txt` says what is proposed, all else is a document. Run as a
module it is `planning-review` in a process where the sample's council has such a register.
"""

import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Self

from planning_review.check_step import Step
from planning_review.errors import ApplicationNotFound
from planning_review.models import Application, ApplicationPage, ListedDocument
from planning_review.register.councils import _read_councils
from planning_review.register.platform import PLATFORMS, Council, Downloaded, Platform
from planning_review.register.search import FoundApplication, FoundList, SearchWindow
from planning_review.settings import Settings

BOARD_VARIABLE = "PINBOARD_FOLDER"


def pin_up(board: Path) -> None:
    """Give the sample's council a pinboard, in this process."""
    PLATFORMS["pinboard"] = "tests.support.pinboard_platform:Pinboard"
    _read_councils()["sample"] = {
        "name": "Pinned District",
        "platform": "pinboard",
        "register_url": "http://127.0.0.1:9",
        "board": str(board),
    }


class Pinboard(Platform):
    """A council's register where it is a folder."""

    def __init__(self, council: Council) -> None:
        self.council = council
        self.board = Path(council.options["board"])

    def application_url(self, reference: str) -> str:
        return f"{self.council.register_url}/pinned/{reference.replace('/', '-')}"

    def parse_application(self, page: bytes, reference: str) -> ApplicationPage:
        return self._describe(page.decode(), reference, ())

    def open_client(
        self, settings: Settings, shared_turn: Callable[[], None] | None = None
    ) -> "PinboardReader":
        return PinboardReader(self)

    def open_search(
        self,
        settings: Settings,
        shared_turn: Callable[[], None] | None = None,
        *,
        may_retry: bool = True,
    ) -> "PinboardReader":
        return PinboardReader(self)

    def walk_checks(self, settings: Settings, today: date) -> Iterator[Step]:
        with self.open_search(settings) as search:
            found = search.find(SearchWindow(date_from=today, date_to=today))
        yield Step("board", f"{found.total_printed} pinned up")

    def fetch(self, reference: str) -> ApplicationPage:
        folder = self.board / reference.replace("/", "-")
        if not folder.is_dir():
            raise ApplicationNotFound(f"{reference} is not on the board.")
        paths = sorted(path for path in folder.iterdir() if path.name != "notice.txt")
        documents = tuple(
            ListedDocument(
                document_id=f"pin-{hashlib.sha256(path.name.encode()).hexdigest()[:8]}",
                title=path.stem,
                file_name=path.name,
                register_url=f"{self.application_url(reference)}/{path.name}",
            )
            for path in paths
        )
        return self._describe((folder / "notice.txt").read_text(), reference, documents)

    def _describe(
        self, proposal: str, reference: str, documents: tuple[ListedDocument, ...]
    ) -> ApplicationPage:
        application = Application(
            reference=reference,
            council=self.council.code,
            register_url=self.application_url(reference),
            proposal=proposal,
        )
        return ApplicationPage(application=application, documents=documents, documents_available=True)


class PinboardReader:
    """Goes to the board: its client and its search in one."""

    def __init__(self, pinboard: Pinboard) -> None:
        self._pinboard = pinboard

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def fetch_application(self, reference: str) -> ApplicationPage:
        return self._pinboard.fetch(reference)

    def download(self, document: ListedDocument, part_path: Path) -> Downloaded:
        folder, _, name = document.register_url.partition("/pinned/")[2].partition("/")
        part_path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(self._pinboard.board / folder / name, part_path)
        content = part_path.read_bytes()
        return Downloaded(
            sha256=hashlib.sha256(content).hexdigest(), size_bytes=len(content), content_type=None
        )

    def find(self, window: SearchWindow) -> FoundList:
        references = sorted(path.name.replace("-", "/") for path in self._pinboard.board.iterdir())
        applications = tuple(
            FoundApplication(
                reference=reference,
                proposal=self._pinboard.fetch(reference).application.proposal,
                received_date=window.date_to,
                register_url=self._pinboard.application_url(reference),
            )
            for reference in references
        )
        return FoundList(window=window, applications=applications, total_printed=len(applications))


if __name__ == "__main__":
    from cli.main import main

    pin_up(Path(os.environ[BOARD_VARIABLE]))
    main()
