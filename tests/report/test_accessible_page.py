"""Anyone can read the page: by eye, by ear, on paper, on a phone, without colours and without a network."""

import json
import os
import re
import shutil
import subprocess
from datetime import date
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest
from lxml import html

from planning_review.report.html import render_html
from tests.support.handmade_review import make_hostile_review, make_review, make_rich_review

TODAY = date(2026, 11, 23)
BROWSER = shutil.which("chromium") or shutil.which("google-chrome")
AXE = Path(os.environ.get("AXE_PATH") or "axe.min.js")

REVIEWS = {"plain": make_review, "rich": make_rich_review, "hostile": make_hostile_review}
WIDTHS = (1280, 390, 320)

# What reads the page is put in by the test.
READ_PAGE = """
addEventListener("load", async () => {
  document.querySelectorAll("details").forEach((details) => { details.open = true; });
  const root = document.documentElement;
  const result = await axe.run(document, { resultTypes: ["violations"] });
  const found = {
    violations: result.violations.map((v) => [v.id, v.nodes.map((node) => node.html.slice(0, 200))]),
    passes: result.passes.length,
    overflow: root.scrollWidth - innerWidth,
    width: innerWidth,
    requests: performance.getEntriesByType("resource").map((entry) => entry.name),
    dark: matchMedia("(prefers-color-scheme: dark)").matches,
  };
  root.setAttribute("data-found", JSON.stringify(found));
});
"""


@cache
def render(name: str) -> str:
    return render_html(REVIEWS[name](), TODAY)


@pytest.fixture(params=list(REVIEWS))
def page(request: pytest.FixtureRequest) -> html.HtmlElement:
    return html.document_fromstring(render(request.param))


def read(element: html.HtmlElement) -> str:
    return " ".join(element.text_content().split())


def test_headings_go_down_one_level_at_a_time(page: html.HtmlElement) -> None:
    levels = [int(heading.tag[1]) for heading in page.xpath("//h1 | //h2 | //h3 | //h4 | //h5 | //h6")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert all(read(heading) for heading in page.xpath("//h1 | //h2 | //h3"))


def test_every_table_has_its_caption_and_its_heads(page: html.HtmlElement) -> None:
    tables = page.xpath("//table")
    assert tables
    for table in tables:
        assert table[0].tag == "caption"
        assert read(table[0])
        assert all(head.get("scope") in ("col", "row") for head in table.xpath(".//th"))
        columns = table.xpath("./thead/tr/th")
        for row in table.xpath("./tbody/tr"):
            assert len(row.xpath("./th[@scope='row']")) == 1
            assert len(row) == len(columns)
            # A narrow screen has no columns: each cell names its own.
            labels = [cell.get("data-label") for cell in row.xpath("./td")]
            assert labels == [read(column) for column in columns[1:]]


def test_landmarks_lists_and_labels(page: html.HtmlElement) -> None:
    assert page.get("lang") == "en-GB"
    for tag in ("header", "main", "nav", "footer"):
        assert page.xpath(f"//body/{tag} | //body/main/{tag}"), tag
    assert page.xpath("//meta[@name='viewport'][contains(@content, 'width=device-width')]")
    assert all(child.tag == "li" for child in page.xpath("//ul/* | //ol/*"))
    assert all(read(link) for link in page.xpath("//a"))
    assert all(details[0].tag == "summary" for details in page.xpath("//details"))
    assert not page.xpath("//img[not(@alt)]")
    ids = set(page.xpath("//@id"))
    for name in ("aria-labelledby", "aria-describedby"):
        assert set(page.xpath(f"//@{name}")) <= ids


def test_no_signal_is_of_colour_alone(page: html.HtmlElement) -> None:
    words = {
        "red": ("Red", "Not met", "Missing"),
        "amber": ("Amber", "Missing"),
        "green": ("Green",),
        "none": ("Not rated",),
    }
    for article in page.xpath("//article"):
        tone = article.get("class").split()[-1]
        (tag,) = article.xpath("./header//*[contains(@class, 'tag')]")
        assert read(tag) in words[tone]
        assert tag.xpath(".//*[local-name()='svg']")
    for tag in page.xpath("//*[contains(@class, 'tag')]"):
        assert read(tag)
        assert tag.xpath(".//*[local-name()='svg'][@aria-hidden='true']")


def test_each_rating_has_a_shape_of_its_own() -> None:
    shapes = {
        rating: html.document_fromstring(
            render_html(make_review(judgement={"overall_rating": rating}), TODAY)
        ).xpath("//section[contains(@class, 'verdict')]//*[local-name()='svg']/*[1]")[0]
        for rating in ("red", "amber", "green")
    }
    drawn = {(shape.tag, shape.get("d")) for shape in shapes.values()}
    assert len(drawn) == 3


def test_nothing_is_loaded_from_anywhere(page: html.HtmlElement) -> None:
    assert not page.xpath("//link | //iframe | //img | //object | //embed | //@src | //@srcset")
    style = page.xpath("string(//style)")
    assert "@import" not in style
    assert not re.search(r"url\(|https?:", style)
    (policy,) = page.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    assert policy.startswith("default-src 'none'")
    opened = page.xpath("//a/@href")
    assert all(href.startswith(("#", "https://", "http://", "letters.html")) for href in opened)


def test_paper_and_dark_rooms_are_thought_of() -> None:
    style = html.document_fromstring(render("plain")).xpath("string(//style)")
    assert "@media print" in style
    assert "@page" in style
    assert "prefers-color-scheme: dark" in style


@pytest.mark.proof
@pytest.mark.skipif(BROWSER is None, reason="needs Chromium")
@pytest.mark.skipif(not AXE.is_file(), reason="needs axe-core: set AXE_PATH to its axe.min.js")
@pytest.mark.parametrize("is_dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", list(REVIEWS))
def test_axe_finds_nothing_and_nothing_sticks_out(
    name: str, width: int, is_dark: bool, tmp_path: Path
) -> None:
    found = read_in_browser(render(name), width, is_dark, tmp_path)

    assert found["violations"] == []
    assert found["passes"] > 25
    assert found["width"] == width
    assert found["overflow"] <= 0
    assert found["requests"] == []
    assert found["dark"] is is_dark


@pytest.mark.proof
@pytest.mark.skipif(BROWSER is None, reason="needs Chromium")
@pytest.mark.skipif(not AXE.is_file(), reason="needs axe-core: set AXE_PATH to its axe.min.js")
def test_axe_does_find_what_is_wrong(tmp_path: Path) -> None:
    broken = render("plain").replace("<h1>", '<h1 style="color: #eee">').replace(' lang="en-GB"', "")
    found = read_in_browser(broken, 1280, False, tmp_path)
    assert {"color-contrast", "html-has-lang"} <= {violation[0] for violation in found["violations"]}


def read_in_browser(text: str, width: int, is_dark: bool, folder: Path) -> dict[str, object]:
    """Return what axe and the layout say of a page at a width, every part of it opened."""
    # Headless Chromium has no window narrower than 500 pixels: a frame has.
    script = f"<script>{AXE.read_text(encoding='utf-8')}</script><script>{READ_PAGE}</script>"
    inner = re.sub(r"<meta http-equiv=\"Content-Security-Policy\"[^>]*>", "", text)
    (folder / "page.html").write_text(inner.replace("</body>", f"{script}</body>"), encoding="utf-8")
    outer = folder / "outer.html"
    outer.write_text(
        f"""<!DOCTYPE html><html style="color-scheme: light dark"><body style="margin: 0">
        <iframe id="frame" src="page.html" width="{width}" height="4000" style="border: 0"></iframe>
        <script>
        const frame = document.getElementById("frame");
        const timer = setInterval(() => {{
          const found = frame.contentDocument?.documentElement?.getAttribute("data-found");
          if (found) {{ clearInterval(timer); document.documentElement.setAttribute("data-found", found); }}
        }}, 20);
        </script></body></html>""",
        encoding="utf-8",
    )
    run = subprocess.run(
        [
            str(BROWSER),
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--allow-file-access-from-files",
            f"--user-data-dir={folder / 'profile'}",
            "--window-size=1400,4200",
            "--virtual-time-budget=20000",
            *(["--force-dark-mode", "--blink-settings=preferredColorScheme=0"] if is_dark else []),
            "--dump-dom",
            outer.as_uri(),
        ],
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    match = re.search(r'data-found="([^"]*)"', run.stdout)
    assert match, f"The browser read nothing: {run.stderr[-2000:]}"
    result: dict[str, object] = json.loads(html.fromstring(f"<p>{match[1]}</p>").text_content())
    return result
