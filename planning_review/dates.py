"""Dates as people read them."""

from datetime import date


def format_date(day: date) -> str:
    """Return a date as people write it: `3 March 2026`."""
    return f"{day.day} {day:%B %Y}"
