"""A kept page can be sent to others: no token, session or cookie stands in it, all else does."""

from pathlib import Path

from planning_review.register.kept_page import keep_page, scrub_address, scrub_page

SECRET = b"CfDJ8secret0123456789"
PAGE = b"""<html><head><meta name="csrf-token" content="%(s)b"></head><body>
<form action="/online/search.do;jsessionid=%(s)b?action=simple&amp;_csrf=%(s)b#top">
<input name="__RequestVerificationToken" type="hidden" value="%(s)b" />
<input type='hidden' value='%(s)b' name='_csrf'><input type=hidden name=__VIEWSTATE value=%(s)b>
<input name="DateReceivedFrom" value="01/12/2026"></form>
<script>var csrfToken = '%(s)b'; document.cookie = "JSESSIONID=%(s)b; path=/"; var total = "114";</script>
<a href="/Planning/Display/25/00284/F">25/00284/F</a></body></html>""" % {b"s": SECRET}


def test_secrets_go_and_the_rest_stays() -> None:
    scrubbed = scrub_page(PAGE)
    assert SECRET not in scrubbed
    assert PAGE.count(SECRET) == 8 == scrubbed.count(b"(removed)")
    for kept in (
        b'value="01/12/2026"',
        b'var total = "114"',
        b"/Planning/Display/25/00284/F",
        b"?action=simple",
    ):
        assert kept in scrubbed


def test_address() -> None:
    asked = "GET https://r.example.org/a.do;jsessionid=0A1B?x=1&_csrf=0a-1b"
    assert scrub_address(asked) == "GET https://r.example.org/a.do;jsessionid=(removed)?x=1&_csrf=(removed)"


def test_pages_that_differ_are_kept_apart(tmp_path: Path) -> None:
    said, path = keep_page(tmp_path / "pages", "sample_25/00284/F", PAGE)
    assert path is not None
    assert str(path) in said
    assert path.name.startswith("sample_25_00284_F_")
    assert path.read_bytes() == scrub_page(PAGE)
    assert keep_page(tmp_path / "pages", "sample_25/00284/F", PAGE + b" ")[1] != path


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "pages").write_text("a file")
    said, path = keep_page(tmp_path / "pages", "x", PAGE)
    assert path is None
    assert "could not be kept" in said
