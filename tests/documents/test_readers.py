"""What the readers make of office files and mail that are unlike the usual: no text lost, none invented."""

import zipfile
from datetime import datetime
from pathlib import Path

import openpyxl

from planning_review.documents.extraction import read_text
from planning_review.documents.formats.html import extract_html_text
from planning_review.documents.formats.plain_text import decode_text
from planning_review.documents.formats.sniffing import sniff_kind
from planning_review.documents.pages.page_text import lay_out_rows
from planning_review.documents.workers.messages import PageRead, TextJob
from planning_review.models import PageText
from tests.support.corpus import odt_text
from tests.support.document_files import DRAWING, word_paragraph, write_odt_content, write_word_parts
from tests.support.ole_files import make_properties, write_msg

HEAD = b"From: anna@example.org\r\nDate: Wed, 01 Oct 2025\r\nSubject: The path\r\nMIME-Version: 1.0\r\n"


def read_pages(path: Path) -> list[PageText]:
    events = read_text(TextJob(path=str(path), kind=sniff_kind(path)))
    return [event.page for event in events if isinstance(event, PageRead)]


def read_one(path: Path) -> str:
    (page,) = read_pages(path)
    assert page.reason is None
    return page.text


def read_bytes(path: Path, data: bytes) -> str:
    path.write_bytes(data)
    return read_one(path)


def body_of(path: Path, data: bytes) -> str:
    """Return what follows a mail's headers."""
    return read_bytes(path, data).partition("\n\n")[2]


def multipart(kind: str, *parts: tuple[str, str]) -> bytes:
    inner = "".join(f"--q\r\n{headers}\r\n\r\n{text}\r\n" for headers, text in parts)
    return HEAD + f'Content-Type: multipart/{kind}; boundary="q"\r\n\r\n{inner}--q--\r\n'.encode()


PLAIN, HTML = "Content-Type: text/plain", "Content-Type: text/html"


def test_rows_keep_figures_below_their_headings() -> None:
    rows = [
        ["", "Junction", "AM", "", "PM"],
        ["", "Station Road", "", "", "212"],
        ["", "", "", "", ""],
        ["", "Total", "9", "", ""],
    ]
    assert lay_out_rows(rows) == ["Junction | AM | PM", "Station Road | – | 212", "Total | 9"]
    assert lay_out_rows([["A", *"bcdefgh"], ["", *[""] * 6, "far away"], ["a", *[""] * 6, "z"]]) == [
        "A | b | c | d | e | f | g | h",
        "far away",
        "a | z",
    ]


def test_an_html_body_before_a_plain_footer_is_read(tmp_path: Path) -> None:
    mail = multipart("mixed", (HTML, "<p>I object.</p>"), (PLAIN, "This message is confidential."))
    assert body_of(tmp_path / "a.eml", mail) == "I object.\n\nThis message is confidential."


def test_of_two_forms_of_a_mail_the_plain_one_is_read_unless_it_only_points_to_the_other(
    tmp_path: Path,
) -> None:
    long = "The shared path is too narrow for the cyclists who use it. " * 5 + "Please widen it."
    both = multipart("alternative", (PLAIN, long), (HTML, f"<p>{long}</p>"))
    assert body_of(tmp_path / "a.eml", both) == long
    stub = multipart("alternative", (PLAIN, "See the HTML version."), (HTML, f"<p>{long}</p>"))
    assert body_of(tmp_path / "b.eml", stub) == long


def test_a_body_with_a_name_is_a_body_and_what_is_no_text_is_named(tmp_path: Path) -> None:
    shown = 'Content-Type: text/plain; name="body.txt"\r\nContent-Disposition: inline'
    file = 'Content-Type: text/plain; name="notes.txt"\r\nContent-Disposition: attachment'
    mail = multipart("mixed", (shown, "I object."), (file, "not shown"), ("Content-Type: text/calendar", "x"))
    (tmp_path / "a.eml").write_bytes(mail)
    body, *attached = read_pages(tmp_path / "a.eml")
    assert body.text.partition("\n\n")[2] == (
        "I object.\n\nAttachments: notes.txt, a file without a name (text/calendar)"
    )
    assert [(page.part, page.text) for page in attached] == [
        ("attachment 1", "not shown"),
        ("attachment 2", "x"),
    ]


def test_mail_in_the_wrong_encoding_is_read(tmp_path: Path) -> None:
    head = HEAD.replace(b"The path", "Café path".encode())
    says_latin = head + b"Content-Type: text/plain; charset=iso-8859-1\r\n\r\n"
    assert "Subject: Café path\n\nCafé – 2 m" in read_bytes(
        tmp_path / "a.eml", says_latin + "Café – 2 m".encode()
    )
    assert body_of(tmp_path / "b.eml", says_latin + "Anna’s café".encode("cp1252")) == "Anna’s café"
    encoded = (
        b"\r\n" + HEAD + b"Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\nSGVsbG8="
    )
    assert body_of(tmp_path / "c.eml", encoded) == "Hello"
    quoted = HEAD + b"Content-Transfer-Encoding: quoted-printable\r\n\r\ncaf=C3=A9 is too=\r\n narrow"
    assert body_of(tmp_path / "d.eml", quoted) == "café is too narrow"


def test_text_that_is_cut_within_a_letter_or_has_a_wrong_byte_stays_utf_8(tmp_path: Path) -> None:
    assert decode_text("“Café” is “closed”".encode() + b"\xff") == "“Café” is “closed”\ufffd"
    assert decode_text(b"\x1b$B%+\x1b(B", "iso-2022-jp") == "カ"
    assert decode_text(b"caf\xe9", "rot13") == decode_text(b"caf\xe9", "a\x00") == "café"
    path = tmp_path / "a.txt"
    path.write_bytes(b"x" + "é ".encode() * 1_500_000)
    (page,) = read_pages(path)
    assert page.text.startswith("xé é é")
    path.write_bytes(b"begins" + b" " * 4_100_000 + b"ends")
    (page,) = read_pages(path)
    assert (page.text, page.reason) == ("begins", "only its first 4,000,000 bytes were read")


def test_an_outlook_message_with_bytes_that_are_not_in_its_encoding_keeps_its_body(tmp_path: Path) -> None:
    path = write_msg(tmp_path / "a.msg", body=None, html=b"<p>Caf\xe9 \x81 stands</p>")
    assert read_one(path).endswith("Café \ufffd stands")
    odd = write_msg(tmp_path / "b.msg", body=None, extra={"__substg1.0_1000001F": b"H\0i\0!"})
    assert "Hi" in read_one(odd)


def test_what_is_attached_to_an_older_outlook_message_keeps_its_name(tmp_path: Path) -> None:
    attached = make_properties({}, 8, {0x3701: DRAWING})
    extra = {
        "__attach_version1.0_#00000000": {**attached, "__substg1.0_3707001E": "Café.dwg\0".encode("cp1252")}
    }
    _, page = read_pages(write_msg(tmp_path / "a.msg", extra=extra))
    assert page.part == "attachment 1 (Café.dwg)"


def test_what_a_style_sheet_hides_is_no_text() -> None:
    style = "<style>.unseen, p#gone {display: none} @media print {.menu {display: none}}</style>"
    seen = "<p class='menu'>Menu</p><div id='gone'>Kept</div>"
    hidden = "<p class='small unseen'>Widened</p><p id='gone'>Gone</p>"
    assert (
        extract_html_text(f"<html><head>{style}</head><body>{seen}{hidden}</body></html>") == "Menu\n\nKept"
    )
    assert "Widened" in extract_html_text(f"<html><body>{seen}{hidden}</body></html>")


def test_cells_of_html_tables_are_lines_unless_the_table_is_the_page_s_layout() -> None:
    outlook = (
        "<table><tr><td><p>Flats</p></td>\n<td></td><td><p>24</p><p>max</p></td></tr></table><p>After</p>"
    )
    assert extract_html_text(outlook) == "Flats | 24 max\n\nAfter"
    assert extract_html_text("<table><tr><td><p>Dear Sir</p><p>I object.</p></td></tr></table>") == (
        "Dear Sir\n\nI object."
    )
    letter = f"<p>Dear Sir</p><p>{'I object. ' * 30}</p><table><tr><td>A<td>1<tr><td>B<td>2</table>"
    page = extract_html_text(f"<table><tr><td>{letter}</td><td>Logo</td></tr></table>")
    assert page.startswith("Dear Sir\n\nI object.")
    assert page.endswith("I object.\n\nA | 1\nB | 2\n\nLogo")


def test_a_word_table_keeps_its_columns_where_cells_are_empty_or_merged(tmp_path: Path) -> None:
    def row(*cells: str) -> str:
        return "<w:tr>" + "".join(f"<w:tc>{cell}</w:tc>" for cell in cells) + "</w:tr>"

    text = word_paragraph
    wide = f'<w:tcPr><w:gridSpan w:val="2"/></w:tcPr>{text("Both")}'
    rows = row(text("Use"), text("AM"), text("PM"), text("Day"))
    rows += row(text("Flats"), text(""), text("24"), text("30")) + row(text("Shop"), wide, text("6"))
    path = write_word_parts(tmp_path / "a.docx", {"document": f"<w:body><w:tbl>{rows}</w:tbl></w:body>"})
    assert read_one(path) == "Use | AM | PM | Day\nFlats | – | 24 | 30\nShop | Both | – | 6"


def test_boxes_formulas_symbols_and_changes_in_a_word_file(tmp_path: Path) -> None:
    def run(inner: str) -> str:
        return f"<w:r>{inner}</w:r>"

    def field(state: str) -> str:
        data = f"<w:ffData><w:checkBox>{state}</w:checkBox></w:ffData>"
        return run(f'<w:fldChar w:fldCharType="begin">{data}</w:fldChar>')

    math = 'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'
    box = f"<w:pict><w:txbxContent>{word_paragraph('In a box')}</w:txbxContent></w:pict>"
    ticked = field('<w:default w:val="0"/><w:checked/>')
    paragraphs = (
        run("<w:t>Before</w:t>") + run(box) + run("<w:t>after</w:t>"),
        f"<m:oMath {math}><m:r><m:t>v=85</m:t></m:r></m:oMath>"
        + run('<w:sym w:font="Symbol" w:char="F0A3"/>')
        + run("<w:t>90</w:t>"),
        ticked + run("<w:t>Yes</w:t>") + field('<w:default w:val="0"/>') + run("<w:t>No</w:t>"),
        run('<w:sym w:font="Wingdings 2" w:char="F0FC"/>') + run('<w:sym w:font="Other" w:char="F0FC"/>'),
        "<w:del>"
        + run("<w:delText>gone</w:delText>")
        + "</w:del><w:ins>"
        + run("<w:t>new</w:t>")
        + "</w:ins>",
    )
    body = "".join(f"<w:p>{paragraph}</w:p>" for paragraph in paragraphs)
    path = write_word_parts(tmp_path / "a.docx", {"document": f"<w:body>{body}</w:body>"})
    assert read_one(path) == ("Before\nIn a box\nafter\n\nv=85≤90\n\n☒ Yes☐ No\n\n✓\n\nnew")


def test_an_open_document_table_keeps_its_columns_and_a_box_its_lines(tmp_path: Path) -> None:
    def cell(text: str, repeats: int = 1) -> str:
        return f'<b:table-cell b:number-columns-repeated="{repeats}"><t:p>{text}</t:p></b:table-cell>'

    first = cell("Use") + cell("AM") + cell("PM") + cell("Day")
    second = cell("Flats") + cell("") + cell("24", 2)
    box = '<d:text-box xmlns:d="d"><t:p>In a box</t:p></d:text-box>'
    table = f"<b:table><b:table-row>{first}</b:table-row><b:table-row>{second}</b:table-row></b:table>"
    path = write_odt_content(tmp_path / "a.odt", odt_text(f"{table}<t:p>Before{box}after</t:p>"))
    assert read_one(path) == "Use | AM | PM | Day\nFlats | – | 24 | 24\n\nBefore\nIn a box\nafter"


def test_an_excel_sheet_reads_as_excel_shows_it(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["Day", "Share", "AM", "PM"])
    sheet.append([datetime(2025, 10, 1), 0.07, None, 0.1 + 0.2])
    sheet.append([datetime(2025, 10, 1, 8, 30), 1, "two\nlines", True])
    sheet["B2"].number_format = sheet["B3"].number_format = "0%"
    sheet["D2"].number_format = '0.0" %"'
    book.create_sheet("Sums").append([2, "=A1*2"])
    hidden = book.create_sheet("Workings")
    hidden.append([1])
    hidden.sheet_state = "hidden"
    book.save(tmp_path / "a.xlsx")
    first, sums, workings = read_pages(tmp_path / "a.xlsx")
    assert first.text == (
        "Sheet\n\nDay | Share | AM | PM\n2025-10-01 | 7% | – | 0.3\n"
        "2025-10-01 08:30:00 | 100% | two lines | True"
    )
    assert first.reason is None
    assert (sums.text, workings.text) == ("Sums\n\n2", "Workings (hidden)\n\n1")
    assert sums.reason == "some of its cells hold formulas without their values, and were left out"
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    parts["xl/worksheets/sheet2.xml"] = parts["xl/worksheets/sheet2.xml"].replace(
        b'<c r="B1">', b'<c r="B1" t="str">'
    )
    with zipfile.ZipFile(path, "w") as package:
        for name, data in parts.items():
            package.writestr(name, data)
    assert read_pages(path)[1].reason is None


def test_an_rtf_file_is_read_with_its_tables_notes_edges_and_boxes_and_without_what_was_deleted(
    tmp_path: Path,
) -> None:
    rtf = rb"""{\rtf1\ansi{\header Council {\b only}}The site{\footnote \pard Measured {\i along} it.}
 lies \{here\}.\par
{\insrsid1 Kept }{\rtlch \deleted\insrsid2 gone }text\par
\pard Use\cell AM\cell PM\cell\row Flats\cell \cell 24\cell\row
{\shp{\*\shpinst\x{\sp{\sn a}}{\shptxt \pard In a box}}}{\header Council {\b only}}\bin5 {{{{{Caf\'e9}"""
    assert read_bytes(tmp_path / "a.rtf", b"\xef\xbb\xbf" + rtf) == (
        "The site lies {here}.\nKept text\nUse | AM | PM\nFlats | – | 24\nCafé\n Council only\n"
        " Measured along it.\n In a box"
    )
