"""Civil days: today's in London, by which planning goes, and dates as people write them."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")


def london_today() -> date:
    """Return today's date in London."""
    return datetime.now(LONDON).date()


def format_date(day: date) -> str:
    """Return a date as people write it: `3 March 2026`."""
    return f"{day.day} {day:%B %Y}"
