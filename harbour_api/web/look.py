"""How a reader wants the pages to look: larger, with more contrast, light or dark. A cookie keeps that and no more.

One rule: what is not chosen is left to the reader's own device. A look changes how a page is shown, never what it says.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from urllib.parse import urlsplit

COOKIE = "look"
DEVICE = "device"  # a form's word for what is not chosen: an empty field would be no field
CHOICES = {"size": ("elder",), "contrast": ("high",), "scheme": ("light", "dark")}


@dataclass(frozen=True, slots=True)
class Look:
    """One word for each question, or an empty text for what the device says."""

    size: str = ""
    contrast: str = ""
    scheme: str = ""

    @classmethod
    def of_cookie(cls, cookie: str | None) -> Look:
        """Return the look a cookie keeps; words that are no choice are passed over, for a cookie is never refused."""
        kept = set((cookie or "").split("."))
        return cls(**{name: next((word for word in words if word in kept), "") for name, words in CHOICES.items()})

    @property
    def cookie(self) -> str:
        """The chosen words, as the cookie keeps them; empty where nothing is chosen."""
        return ".".join(word for word in self._words() if word)

    @property
    def variant(self) -> str:
        """The form of a style sheet that answers what was chosen; empty for the one that asks the device."""
        return style_variant(self.contrast, self.scheme)

    def _words(self) -> list[str]:
        return [getattr(self, field.name) for field in fields(self)]


def style_variant(contrast: str, scheme: str) -> str:
    """Return the name of a style sheet's form by what it answers beforehand."""
    return "-".join(word for word in (contrast, scheme) if word)


def own_path(text: str) -> str:
    """Return an address of this site to lead back to: the text itself, or the first page where it leads elsewhere."""
    # A browser reads a backslash as a slash and drops tabs and line ends, so each could hide another host.
    if not text.startswith("/") or text.startswith("//") or "\\" in text or any(ord(mark) < 33 for mark in text):
        return "/"
    parts = urlsplit(text)
    return text if not parts.scheme and not parts.netloc else "/"
