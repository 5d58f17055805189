"""The pages' words in Chinese and English.

One rule: the Chinese sentence in the code or template is the key, so a page reads as what it shows, and a sentence that
has no English yet is shown in Chinese rather than as a blank. A sentence that is kept in a table and translated later
is wrapped in `mark`, so that the catalogue's test finds it.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from harbour_api.domain.problems import Invalid

LOCALES = Path(__file__).parent / "locales"
DEFAULT = "zh"
HTML_LANG = {"zh": "zh-CN", "en": "en"}


def mark(msgid: str) -> str:
    """Return the sentence as it is; it tells the catalogue's test that this one is translated elsewhere."""
    return msgid


class Words:
    """One language: call it with the Chinese sentence and the values its braces name."""

    def __init__(self, lang: str = DEFAULT) -> None:
        self.lang = lang
        self.html_lang = HTML_LANG[lang]
        self._catalogue = {} if lang == DEFAULT else catalogue(lang)

    @classmethod
    def asked(cls, lang: str | None) -> Words:
        """Return the words of the `lang` a query names, Chinese where it names none; Invalid for any other."""
        if not lang:
            return cls()
        if lang not in HTML_LANG:
            raise Invalid.parameter("lang", "must be one of: zh, en")
        return cls(lang)

    def __call__(self, msgid: str, /, **values: object) -> str:
        """Return the sentence in this language, its braces filled in with the values."""
        # A sentence without values may keep its braces: a page's script fills them in.
        text = self._catalogue.get(msgid, msgid)
        return text.format(**values) if values else text

    def pick(self, zh: str, en: str) -> str:
        """Return a fact's name in this language; in the other where this one is empty."""
        return (en or zh) if self.lang == "en" else (zh or en)


@lru_cache(maxsize=1)
def catalogue(lang: str) -> dict[str, str]:
    """Return the translations of one language by their Chinese sentence."""
    from babel.messages.pofile import read_po  # on first use: a Chinese page never needs it

    with (LOCALES / f"{lang}.po").open("rb") as source:
        messages = list(read_po(source, locale=lang))
    return {str(entry.id): str(entry.string) for entry in messages if entry.id and entry.string and not entry.fuzzy}
