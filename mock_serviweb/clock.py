"""The server's clock: UTC inside, America/Bogota for people."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

BOGOTA = ZoneInfo("America/Bogota")


def stamp(*, seconds_ago: float = 0.0) -> str:
    """Write this moment, or one `seconds_ago`, as stored: UTC, ISO 8601, always with microseconds."""
    return (datetime.now(UTC) - timedelta(seconds=seconds_ago)).isoformat(timespec="microseconds")


def for_people(moment: str) -> str:
    """Show a stored moment as a Colombian reads it: `24/11/2026 08:40`."""
    return datetime.fromisoformat(moment).astimezone(BOGOTA).strftime("%d/%m/%Y %H:%M")


def day_for_people(moment: str) -> str:
    """Show the day of a stored moment: `24/11/2026`."""
    return for_people(moment)[:10]


def year() -> int:
    """Say which year it is in Colombia: radicados begin with it."""
    return datetime.now(BOGOTA).year
