"""The State Council's notices as data, written down by hand: the oracle for holidays and make-up working days.

- 2025: 国务院办公厅关于2025年部分节假日安排的通知, 国办发明电〔2024〕12号, 12 November 2024
- 2026: 国务院办公厅关于2026年部分节假日安排的通知, 4 November 2025

A notice is the only authority; nothing here is derived from a library.
"""

from __future__ import annotations

from datetime import date, timedelta

HOLIDAYS = {  # first day off, last day off
    "元旦 2025": (date(2025, 1, 1), date(2025, 1, 1)),
    "春节 2025": (date(2025, 1, 28), date(2025, 2, 4)),
    "清明节 2025": (date(2025, 4, 4), date(2025, 4, 6)),
    "劳动节 2025": (date(2025, 5, 1), date(2025, 5, 5)),
    "端午节 2025": (date(2025, 5, 31), date(2025, 6, 2)),
    "国庆节、中秋节 2025": (date(2025, 10, 1), date(2025, 10, 8)),
    "元旦 2026": (date(2026, 1, 1), date(2026, 1, 3)),
    "春节 2026": (date(2026, 2, 15), date(2026, 2, 23)),
    "清明节 2026": (date(2026, 4, 4), date(2026, 4, 6)),
    "劳动节 2026": (date(2026, 5, 1), date(2026, 5, 5)),
    "端午节 2026": (date(2026, 6, 19), date(2026, 6, 21)),
    "中秋节 2026": (date(2026, 9, 25), date(2026, 9, 27)),
    "国庆节 2026": (date(2026, 10, 1), date(2026, 10, 7)),
}
MAKE_UP_DAYS = frozenset(
    {
        date(2025, 1, 26), date(2025, 2, 8), date(2025, 4, 27), date(2025, 9, 28), date(2025, 10, 11),
        date(2026, 1, 4), date(2026, 2, 14), date(2026, 2, 28), date(2026, 5, 9), date(2026, 9, 20),
        date(2026, 10, 10),
    }
)  # fmt: skip
FIRST, LAST = date(2025, 1, 1), date(2026, 12, 31)


def days(first: date, last: date) -> list[date]:
    """Return the days from first to last, both in."""
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


DAYS_OFF = frozenset(day for span in HOLIDAYS.values() for day in days(*span))
