"""The notice above every public page, in heat, in heavy rain, or in the season of exams."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class NoticeKind(StrEnum):
    """What a notice is about."""

    HEAT = "heat"
    RAIN = "rain"
    EXAM = "exam"


@dataclass(frozen=True, slots=True)
class Notice:
    """A text in both languages that holds from `starts_at` up to `ends_at`, and not at that instant any more."""

    kind: NoticeKind
    starts_at: datetime
    ends_at: datetime
    text: str
    text_en: str

    def holds(self, at: datetime) -> bool:
        """Whether it is shown at an instant."""
        return self.starts_at <= at < self.ends_at
