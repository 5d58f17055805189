"""The pages' words: every sentence has its English, and the catalogue holds no sentence that nobody says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po

from harbour_api.domain.problems import Invalid
from harbour_api.web import words as words_module
from harbour_api.web.words import Words

WEB = Path(words_module.__file__).parent
KEYWORDS = {"_": None, "words": None, "mark": None}


def said() -> dict[str, str]:
    """Every sentence in templates and pages, with the file that says it."""
    return {sentence: path.name for path in _sources() for sentence in _sentences(path)}


def _sources() -> Iterator[Path]:
    yield from sorted(WEB.rglob("*.html"))
    yield from sorted(WEB.rglob("*.py"))


def _sentences(path: Path) -> Iterator[str]:
    method = "jinja2.ext:babel_extract" if path.suffix == ".html" else "python"
    with path.open("rb") as source:
        for _, message, _, _ in extract(method, source, keywords=KEYWORDS):
            yield message if isinstance(message, str) else message[0]


def english() -> Catalog:
    with (WEB / "locales" / "en.po").open("rb") as source:
        return read_po(source, locale="en")


def test_every_sentence_on_a_page_has_its_english() -> None:
    known = {str(entry.id) for entry in english() if entry.id and entry.string and not entry.fuzzy}

    missing = {sentence: file for sentence, file in said().items() if sentence not in known}

    assert missing == {}


def test_the_catalogue_holds_no_sentence_that_no_page_says() -> None:
    unused = {str(entry.id) for entry in english() if entry.id} - set(said())

    assert unused == set()


def test_both_languages_fill_in_the_same_values() -> None:
    from string import Formatter

    def names(text: str) -> set[str]:
        return {name for _, name, _, _ in Formatter().parse(text) if name is not None}

    differing = [entry.id for entry in english() if entry.id and names(str(entry.id)) != names(str(entry.string))]

    assert differing == []


def test_a_page_is_chinese_unless_english_is_asked_for() -> None:
    assert Words.asked(None).lang == Words.asked("").lang == "zh"
    assert Words.asked("en")("营业中") == "Open"
    assert Words.asked("zh").html_lang == "zh-CN"


def test_a_language_we_do_not_have_is_refused() -> None:
    with pytest.raises(Invalid) as refused:
        Words.asked("fr")

    assert refused.value.errors[0].parameter == "lang"


def test_a_sentence_without_english_is_shown_in_chinese() -> None:
    assert Words("en")("还没有英文的 {what}", what="句子") == "还没有英文的 句子"


def test_braces_in_a_value_are_shown_and_never_read() -> None:
    assert Words()("叫做 {name}", name="{0.__class__}") == "叫做 {0.__class__}"


def test_a_sentence_for_a_script_keeps_its_braces() -> None:
    assert Words()("{name}，查看详情") == "{name}，查看详情"


def test_a_fact_without_a_name_in_one_language_is_named_in_the_other() -> None:
    assert Words("en").pick("饮水机", "") == "饮水机"
    assert Words("zh").pick("", "Water") == "Water"
