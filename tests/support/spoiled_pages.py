"""Pages as they come when something goes wrong: cut anywhere, or spoiled in one place."""

import random
from collections.abc import Iterator
from datetime import date

from planning_review.sample.pages import render_application, render_results
from planning_review.sample.served_application import ServedApplication, ServedDocument
from tests.support.skins import SKINS

REFERENCE = "26/00417/OUT"
COUNT = 6
_LONGEST_LOSS = 60
_NAMES = (b"href", b"class", b"table", b"</td>", b"</tr>", b"</a>", b"Document", b"data-imageID", b"<tr")


def make_pages() -> dict[str, bytes]:
    """Return the page of one application of COUNT documents in each shape of its documents."""
    documents = tuple(
        ServedDocument(
            document_id=f"162147-{7_000_000 + 1_111 * n}-{90 + 7 * n}",
            title=f"Transport Assessment, part {n}",
            file_name=f"TA part {n}.pdf",
            listed_date=date(2026, 2, n + 1),
            category="Supporting Documents" if n % 2 else "Proposed Plans",
            content=b"%PDF-1.7",
        )
        for n in range(COUNT)
    )
    application = ServedApplication(
        reference=REFERENCE,
        fields={"Application Number": REFERENCE, "Location": "Mill Lane", "Proposal": "42 dwellings"},
        documents=documents,
    )
    pages = {name: render_application(application, skin).encode() for name, skin in SKINS.items()}
    pages["counted"] = pages["cherwell"].replace(b">Documents<", f">Documents ({COUNT})<".encode())
    pages["grid rows"] = _wrap(
        "<table class='documentGrid'><tr><th>View</th><th>Description</th></tr>",
        "<tr class='grid-dataRow' data-module='PLA' data-recordNumber='{0}' data-planID='{1}.0000' "
        "data-imageID='{2}.0000' data-fileName='p.pdf'><td><button>View</button></td><td>Plan {2}</td></tr>",
        "</table>",
        documents,
    )
    pages["list"] = _wrap(
        "<h3>Plans</h3><ul>",
        "<li><a href='/Document/Download?recordNumber={0}&amp;planId={1}&amp;imageId={2}'>Plan {2}</a></li>",
        "</ul>",
        documents,
    )
    return pages


def make_results(skin: str, count: int) -> bytes:
    """Return a page of results that holds all of so many applications."""
    found = [
        ServedApplication(
            reference=f"26/{10_007 + 13 * n}/F", fields={"Location": "A", "Proposal": f"Barn {n}"}
        )
        for n in range(count)
    ]
    return render_results(found, (), 25, SKINS[skin]).encode()


def cut_anywhere(page: bytes, step: int) -> Iterator[bytes]:
    """Yield the page's beginnings."""
    return (page[:end] for end in range(0, len(page.rstrip()) - 1, step))


def spoil_somewhere(page: bytes, times: int, seed: int) -> Iterator[bytes]:
    """Yield the page with one place lost, doubled or overwritten; the same ones for a seed."""
    chance = random.Random(seed)  # noqa: S311
    for _ in range(times):
        start = chance.randrange(len(page))
        end = start + chance.randrange(1, _LONGEST_LOSS)
        match chance.randrange(4):
            case 0:
                yield page[:start] + page[end:]
            case 1:
                yield page[:end] + page[start:]
            case 2:
                yield page[:start] + bytes([chance.choice(b"<>\"'=/ x-!&\xff\x00")]) + page[start + 1 :]
            case _:
                names = [
                    b"href",
                    b"class",
                    b"table",
                    b"</td>",
                    b"</tr>",
                    b"</a>",
                    b"Document",
                    b"data-imageID",
                    b"<tr",
                ]
                name = chance.choice(names)
                at = page.find(name, start)
                yield page if at < 0 else page[:at] + b"x" + page[at + 1 :]


def _wrap(before: str, row: str, after: str, documents: tuple[ServedDocument, ...]) -> bytes:
    rows = "".join(row.format(*document.document_id.split("-")) for document in documents)
    return (
        "<html><head><title>Application</title></head><body><dl class='details-grid'>"
        f"<dt>Application Number</dt><dd>{REFERENCE}</dd><dt>Proposal</dt><dd>Homes</dd></dl>"
        f"{before}{rows}{after}</body></html>"
    ).encode()
