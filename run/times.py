"""The civil day that planning goes by."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")


def london_today() -> date:
    """Return today's date in London."""
    return datetime.now(LONDON).date()
