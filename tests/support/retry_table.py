"""The retry table: each row a real fault, how it is mended, and what the retry has to do and may not do."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from pathlib import Path

from planning_review.documents.text_store import TextStore
from planning_review.references import reference_folder
from planning_review.sample.served_application import ServedApplication, ServedDocument
from tests.support.applications import FACTS, make_application, make_document, make_pdf
from tests.support.faulty_register import Fault, RegisterServer
from tests.support.s3_server import Fault as StoreFault
from tests.support.s3_server import FaultProxy, answer

TITLES = ("First statement", "Second statement")
KEYS = ("001_First_statement.pdf", "002_Second_statement.pdf")
SECOND = TITLES[1]
WARNED = "CompletedWithWarnings"
OUTPUTS = ("upload review.html", "upload review.json", "upload review.md")
REVIEW = ("output",) * 3
MANIFEST = "manifest.json"
SLOW_DOWN = answer(503, "SlowDown", "later")
DISK_FULL = StoreFault("answer", 503, b'{"error":"InternalError","message":"disk full"}')


@dataclass(frozen=True)
class Site:
    """Where a row's runs work: an application of its own, under a folder.

    proxy stands before the bucket, chroma before a Chroma server; None where the row has none.
    more are the variables that its runs need beside their folders.
    """

    number: int
    folder: Path
    register: RegisterServer
    proxy: FaultProxy | None = None
    chroma: FaultProxy | None = None
    more: Mapping[str, str] = field(default_factory=dict)

    @property
    def reference(self) -> str:
        return f"26/{self.number:05d}/F"

    @property
    def key(self) -> str:
        """The application's folder in the bucket, and under the data folder's parts."""
        return reference_folder(self.reference, "cherwell")

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def temp(self) -> Path:
        return self.folder / "temp"

    @cached_property
    def documents(self) -> tuple[ServedDocument, ...]:
        # No other application's bytes, since what is known of equal ones is used again; and made once,
        # since a PDF's own id is another each time.
        return tuple(
            make_document(10 * self.number + n, make_pdf(f"{title} of {self.reference}", FACTS[n]), title)
            for n, title in enumerate(TITLES)
        )

    @property
    def application(self) -> ServedApplication:
        return make_application(*self.documents, reference=self.reference)

    @property
    def second(self) -> ServedDocument:
        return self.documents[1]

    @property
    def text_path(self) -> Path:
        """Where the text of the second document is kept."""
        return TextStore(self.data / "text").path(sha256(self.second.read_bytes()).hexdigest())

    @property
    def variables(self) -> dict[str, str]:
        index = {"PLANNING_CHROMA_URL": self.chroma.url} if self.chroma else {}
        folders = {"PLANNING_DATA_DIR": str(self.data), "PLANNING_TEMP_DIR": str(self.temp)}
        return {**folders, **index, **self.more}


Fail = Callable[[Site], dict[str, str] | None]
"""Breaks something, or returns the variables with which a run finds it broken."""


def fail_register_page(site: Site) -> None:
    path = f"/Planning/Display/{site.reference}"
    site.register.set_fault(path, Fault(kind="status", status=503, times=4))


def fail_download(site: Site) -> None:
    site.register.set_fault(site.second.document_id, Fault(kind="status", status=503, times=4))


def refuse_download(site: Site) -> None:
    site.register.set_fault(site.second.document_id, Fault(kind="status", status=403, times=1))


def fail_put(part: str) -> Fail:
    """Return what makes every PUT fail whose key under the application's folder starts with a part."""
    return lambda site: _fail_bucket(site, f"{site.key}/{part}")


def fail_text_in_bucket(site: Site) -> None:
    _fail_bucket(site, f"results/text/{site.text_path.name}")


def block_text(site: Site) -> None:
    site.text_path.mkdir(parents=True)


def unblock_text(site: Site) -> None:
    site.text_path.rmdir()


def block_index(site: Site) -> None:
    site.data.mkdir(parents=True, exist_ok=True)
    (site.data / "chroma").write_text("in the way")


def unblock_index(site: Site) -> None:
    (site.data / "chroma").unlink()


def fail_chroma(part: str) -> Fail:
    """Return what makes one kind of request to the Chroma server fail, such as its `/add`."""

    def fail(site: Site) -> None:
        assert site.chroma is not None
        site.chroma.fail_path("POST", part, DISK_FULL)

    return fail


def lengthen_temp(site: Site) -> dict[str, str]:
    """Return a TMPDIR with room in its path for a file's short name, but not for the workers' folder."""
    path = site.folder / "deep"
    longest = os.pathconf(site.folder, "PC_PATH_MAX") - 24
    while (room := longest - len(str(path)) - 1) > 0:
        path /= "d" * min(room, 200)
    path.mkdir(parents=True)
    return {"TMPDIR": str(path)}


def _fail_bucket(site: Site, part: str) -> None:
    assert site.proxy is not None
    site.proxy.fail_path("PUT", part, SLOW_DOWN)


@dataclass(frozen=True)
class Kind:
    """A kind of failure, how the first attempt ends, and what the retry does.

    tries are the requests that the first attempt makes for what fails. ran are the tasks of the
    retry that don't come back cached, beside ALWAYS; asked the documents that it asks the register
    for, stored what it puts into the bucket.
    """

    name: str
    fail: Fail
    ran: Sequence[str]
    asked: Sequence[str] = ()
    stored: Sequence[str] = ()
    ends: str = "Failed"
    tries: Mapping[str, int] = field(default_factory=dict)
    mend: Callable[[Site], None] = lambda site: None
    needs_chroma: bool = False


ALWAYS = ("draw the quotes", "list the letters", "publish the index", "read the register", "write the review")
ALWAYS_IN_BUCKET = ("upload the pictures of quotes",)
"""In every attempt: the register is asked anew, the review put together from what is so today."""


def all_of(*steps: str) -> list[str]:
    """Return steps of both documents, as their tasks are named."""
    return [f"{step} {title}" for step in steps for title in TITLES]


def second_of(*steps: str) -> list[str]:
    """Return steps of the second document."""
    return [f"{step} {TITLES[1]}" for step in steps]


IN_DATA_FOLDER = (
    Kind(
        "register-page",
        fail_register_page,
        tries={"page": 4},
        ran=[*all_of("download", "read", "index"), "judge"],
        asked=TITLES,
    ),
    Kind(
        "download",
        fail_download,
        tries={SECOND: 4},
        ran=[*second_of("download", "read", "index"), "judge"],
        asked=[SECOND],
    ),
    Kind("extraction", lengthen_temp, ran=[*all_of("read", "index"), "judge"]),
    Kind("storing-text", block_text, mend=unblock_text, ran=[*second_of("read", "index"), "judge"]),
    Kind("indexing", block_index, mend=unblock_index, ran=[*all_of("index"), "judge"]),
    Kind("judgement", fail_chroma("/query"), needs_chroma=True, ran=["judge"]),
)

IN_BUCKET = (
    Kind(
        "register-page",
        fail_register_page,
        tries={"page": 4},
        ran=[*all_of("download", "upload", "read", "index"), "judge", *OUTPUTS],
        asked=TITLES,
        stored=[*KEYS, MANIFEST, "text", "text", *REVIEW],
    ),
    Kind(
        "download",
        fail_download,
        tries={SECOND: 4},
        ran=[*second_of("download", "upload", "read", "index"), "judge", *OUTPUTS],
        asked=[SECOND],
        stored=[KEYS[1], MANIFEST, "text", *REVIEW],
    ),
    Kind(
        "extraction",
        lengthen_temp,
        ran=[*all_of("read", "index"), "judge", *OUTPUTS],
        stored=["text", "text", *REVIEW],
    ),
    Kind(
        "storing-text",
        fail_text_in_bucket,
        tries={"text": 3},
        ran=[*second_of("read", "index"), "judge", *OUTPUTS],
        stored=["text", *REVIEW],
    ),
    Kind(
        "indexing",
        fail_chroma("/add"),
        needs_chroma=True,
        ran=[*all_of("index"), "judge", *OUTPUTS],
        stored=REVIEW,
    ),
    Kind("judgement", fail_chroma("/query"), needs_chroma=True, ran=["judge", *OUTPUTS], stored=REVIEW),
    # The temporary folder held the only copy: the register is asked for it, nothing is read anew.
    Kind(
        "upload",
        fail_put(KEYS[1]),
        ends=WARNED,
        tries={KEYS[1]: 3},
        ran=[*second_of("download", "upload"), *OUTPUTS],
        asked=[SECOND],
        stored=[KEYS[1], MANIFEST, *REVIEW],
    ),
    Kind("output", fail_put("output/rev_"), ends=WARNED, tries={"output": 9}, ran=OUTPUTS, stored=REVIEW),
    # Nothing is stored under a key before the manifest that gives it away.
    Kind(
        "manifest",
        fail_put(MANIFEST),
        ends=WARNED,
        ran=[*all_of("download", "upload"), *OUTPUTS],
        asked=TITLES,
        stored=[*KEYS, MANIFEST, *REVIEW],
    ),
)

DOWNLOAD_REFUSED = Kind(
    "download",
    refuse_download,
    tries={SECOND: 1},
    ran=[*second_of("download", "read", "index"), "judge"],
    asked=[SECOND],
)
UPLOAD_KEPT = Kind(
    "upload",
    fail_put(KEYS[1]),
    ends=WARNED,
    tries={KEYS[1]: 3},
    ran=[*second_of("upload"), *OUTPUTS],
    stored=[KEYS[1], MANIFEST, *REVIEW],
)

IN_DATA_FOLDER_IN_ONE_PROCESS = (
    # The first, before there is an index.
    *(kind for kind in IN_DATA_FOLDER if kind.name == "indexing"),
    DOWNLOAD_REFUSED,
    *(kind for kind in IN_DATA_FOLDER if kind.name == "storing-text"),
)
IN_BUCKET_IN_ONE_PROCESS = (
    *(kind for kind in IN_BUCKET if kind.name == "storing-text"),
    UPLOAD_KEPT,
    *(kind for kind in IN_BUCKET if kind.name == "output"),
)
