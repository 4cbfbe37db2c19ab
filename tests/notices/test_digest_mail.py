"""A digest as it arrives by mail: looked at as text and as HTML, once, and kept while the server is away."""

import logging
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from icalendar import Calendar
from lxml import html

from blocks.storage import create_storage_backend
from cli.commands.check import run_checks
from planning_review.dates import london_today
from planning_review.errors import UsageError
from planning_review.notices.addresses import Address
from planning_review.notices.outbox import Delivery, count_waiting, find_outbox
from planning_review.notices.sending import check_address
from planning_review.publish.local_site import publish_on_disk
from planning_review.report.output_files import write_review_files
from planning_review.settings import Settings, load_settings
from run.bucket_site import publish_in_bucket
from run.digest import tell
from tests.support.handmade_review import HOSTILE, make_review
from tests.support.mail_server import PASSWORD, Mailbox, run_mail_server
from tests.support.s3_server import ACCESS_KEY_ID, BUCKET, SECRET_ACCESS_KEY, run_s3_server

NOW = datetime.now(UTC)
# Apprise imports it for PGP.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")

PUBLIC = "https://reviews.example.org/cycling"


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with run_mail_server() as found:
        yield found


@pytest.fixture(autouse=True)
def data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLANNING_DATA_DIR", str(tmp_path))
    monkeypatch.chdir(tmp_path)


def settings_for(*addresses: str, public: str | None = PUBLIC) -> Settings:
    return load_settings(PLANNING_NOTIFY=" ".join(addresses), PLANNING_PUBLIC_URL=public)


def publish(settings: Settings, **application: object) -> str:
    given = {"consultation_end": london_today() + timedelta(days=20)} | application
    review = make_review(application=given)
    publish_on_disk(settings, [review], NOW, london_today())
    return review.review_id


def send(settings: Settings, days: float = 0) -> tuple[bool, Delivery]:
    return tell(settings, None, NOW + timedelta(days=days))


def test_a_new_review_arrives_with_rating_place_days_left_and_a_link(mailbox: Mailbox) -> None:
    settings = settings_for(mailbox.address())
    review_id = publish(settings)
    assert send(settings) == (True, Delivery(sent=1))
    [message] = mailbox.messages
    assert message["Subject"] == "Planning reviews: 1 new"
    assert "readers@example.org" in message["To"]
    link = f"{PUBLIC}/25_00284_F/{review_id}_review.html"
    for shown in mailbox.parts():
        for words in ("Red: serious concerns", "Land east of Mill Lane", "20 days left", link):
            assert words in shown
    page = html.fromstring(mailbox.parts()[1])
    assert link in page.xpath("//a/@href")
    assert f"{PUBLIC}/index.html" in page.xpath("//a/@href")


def test_nothing_is_told_twice_and_a_change_is(mailbox: Mailbox) -> None:
    settings = settings_for(mailbox.address())
    publish(settings)
    send(settings)
    assert send(settings, 1) == (False, Delivery())
    publish(settings, proposal="190 dwellings")
    assert send(settings, 2)[0]
    assert [message["Subject"] for message in mailbox.messages] == [
        "Planning reviews: 1 new",
        "Planning reviews: 1 changed",
    ]


def test_a_near_last_day_is_told_before_it_passes(mailbox: Mailbox) -> None:
    settings = settings_for(mailbox.address())
    publish(settings, consultation_end=london_today() + timedelta(days=4))
    send(settings)
    assert "COMMENTS CLOSE WITHIN 5 DAYS" in mailbox.parts()[0].upper()
    assert "4 days left" in mailbox.parts()[0]


def test_silence_is_broken_once_a_week(mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = settings_for(mailbox.address())
    sent_on = []
    for day in range(16):
        monkeypatch.setattr(
            "run.digest.london_today", lambda day=day: date(2026, 12, 1) + timedelta(days=day)
        )
        if send(settings, day)[0]:
            sent_on.append(day)
    assert sent_on == [0, 7, 14]
    assert mailbox.messages[-1]["Subject"] == "Planning reviews: nothing new"
    assert "nothing new since 8 December 2026" in mailbox.parts()[0]


def test_what_no_link_opens_is_said_with_where_it_is_read(mailbox: Mailbox, tmp_path: Path) -> None:
    settings = settings_for(mailbox.address(), public=None)
    publish(settings)
    send(settings)
    text, shown = mailbox.parts()
    assert str(tmp_path / "output/index.html") in text
    # The council's own page alone, which opens for everybody.
    assert all("register.example.gov.uk" in link for link in html.fromstring(shown).xpath("//a/@href"))


def test_a_hostile_text_stays_text(mailbox: Mailbox) -> None:
    settings = settings_for(mailbox.address())
    publish(settings, proposal=HOSTILE, site_address=f"{HOSTILE}\nBcc: all@evil.example")
    send(settings)
    page = html.fromstring(mailbox.parts()[1])
    assert not page.xpath("//script | //img | //*[@onerror]")
    assert all(not link.startswith("javascript:") for link in page.xpath("//a/@href"))
    assert mailbox.messages[0]["Bcc"] is None


def test_with_the_server_away_nothing_is_lost_and_nothing_comes_twice(mailbox: Mailbox) -> None:
    with run_mail_server() as second:
        settings = settings_for(mailbox.address(), second.address())
        publish(settings)
        mailbox.refusal = "451 come back later"
        has_news, delivery = send(settings)
        assert has_news
        assert (delivery.sent, delivery.waiting, len(delivery.problems)) == (1, 1, 1)
        publish(settings, reference="25/00001/F")
        assert send(settings, 1)[1].waiting == 2
        mailbox.refusal = None
        assert send(settings, 2) == (False, Delivery(sent=2))
        assert [len(each.messages) for each in (mailbox, second)] == [2, 2]
        assert [message["Subject"] for message in mailbox.messages] == ["Planning reviews: 1 new"] * 2


def test_a_wrong_password_is_told_once_and_shown_nowhere(
    mailbox: Mailbox, caplog: pytest.LogCaptureFixture
) -> None:
    secret = "wr0ng pass/word"  # noqa: S105 - refused
    settings = settings_for(mailbox.address(secret))
    publish(settings)
    publish(settings, reference="25/00001/F")
    with caplog.at_level(logging.DEBUG):
        delivery = send(settings)[1]
        send(settings, 1)
    assert len(delivery.problems) == 1
    assert "535" in delivery.problems[0]
    assert "mailto://" in delivery.problems[0]
    said = "\n".join([*delivery.problems, caplog.text])
    assert all(each not in said for each in (secret, "wr0ng%20pass%2Fword", PASSWORD))
    assert count_waiting(find_outbox(settings)) == 1


def test_a_server_that_repeats_the_password_gets_it_into_no_message(mailbox: Mailbox) -> None:
    settings = settings_for(mailbox.address())
    publish(settings)
    mailbox.refusal = f"550 no mail for {PASSWORD}, group"
    [problem] = send(settings)[1].problems
    assert "550" in problem
    assert "********" in problem
    assert PASSWORD not in problem


def test_an_address_that_is_not_known_keeps_no_other_one_from_being_told(mailbox: Mailbox) -> None:
    settings = settings_for("carrierpigeon://loft:t0ps3cret@home/", mailbox.address())
    publish(settings)
    delivery = send(settings)[1]
    assert (delivery.sent, delivery.waiting) == (1, 1)
    assert "carrierpigeon://" in delivery.problems[0]
    assert "t0ps3cret" not in delivery.problems[0]


def test_without_the_setting_nothing_is_kept(tmp_path: Path) -> None:
    settings = load_settings()
    publish(settings)
    assert send(settings) == (False, Delivery())
    assert not (tmp_path / "notices").exists()


def test_check_notify_sends_a_test_and_refuses_what_is_no_address(
    mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PLANNING_NOTIFY", mailbox.address())
    assert run_checks("notify", None) == 0
    assert "took a test message" in capsys.readouterr().out
    assert len(mailbox.messages) == 1
    monkeypatch.setenv("PLANNING_NOTIFY", "carrierpigeon://loft:t0ps3cret@home/")
    with pytest.raises(UsageError, match="carrierpigeon") as refused:
        run_checks("notify", None)
    assert "t0ps3cret" not in str(refused.value)


@pytest.mark.parametrize("url", ["nosuch://a:b@c", "mailto://", "just words", "slack://x"])
def test_what_apprise_can_not_use_is_named_by_its_beginning_alone(url: str) -> None:
    with pytest.raises(
        UsageError, match="PLANNING_NOTIFY has an address that Apprise does not know"
    ) as refused:
        check_address(Address(url=url))
    assert "a:b" not in str(refused.value)


def test_a_last_day_is_told_when_it_is_near_the_day_before_and_on_the_day(
    mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = settings_for(mailbox.address())
    today = london_today()
    publish(settings, consultation_end=today + timedelta(days=6))
    sent_on = []
    for day in range(8):
        monkeypatch.setattr("run.digest.london_today", lambda day=day: today + timedelta(days=day))
        if send(settings, day)[0]:
            sent_on.append((day, mailbox.messages[-1]["Subject"].removeprefix("Planning reviews: ")))
    assert sent_on == [(0, "1 new"), (1, "1 closing soon"), (5, "1 closing soon"), (6, "1 closing soon")]
    assert "the last day is today" in mailbox.parts()[0]


def test_with_a_bucket_every_link_opens_for_its_reader(
    mailbox: Mailbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with run_s3_server() as server:
        for name, value in bucket_variables(server).items():
            monkeypatch.setenv(name, value)
        settings = settings_for(mailbox.address(), public=None)
        storage = create_storage_backend(settings)
        review = make_review(application={"consultation_end": london_today() + timedelta(days=20)})
        page = write_review_files(review, settings.output_dir / "25_00284_F", london_today())["html"]
        storage.upload(page, f"25_00284_F/output/{page.name}")
        publish_on_disk(settings, [review], NOW, london_today())
        publish_in_bucket(settings, storage, [review], NOW, london_today())
        send(settings)
        links = html.fromstring(mailbox.parts()[1]).xpath("//a/@href")
        ours = [link for link in links if link.startswith(server)]
        assert len(ours) == 2
        assert [httpx.get(link).status_code for link in ours] == [200, 200]
        calendar = httpx.get(storage.public_url("deadlines.ics") or "")
        assert calendar.headers["Content-Type"] == "text/calendar; charset=utf-8"
        assert len(Calendar.from_ical(calendar.content).walk("VEVENT")) == 1


def bucket_variables(server: str) -> dict[str, str]:
    return {
        "S3_ENDPOINT_URL": server,
        "S3_BUCKET": BUCKET,
        "S3_ACCESS_KEY_ID": ACCESS_KEY_ID,
        "S3_SECRET_ACCESS_KEY": SECRET_ACCESS_KEY,
    }
