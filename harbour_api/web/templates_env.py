"""Pages from templates: one environment that escapes everything, and one way to answer with a page.

One rule: a template gets `_` (its words), `link` (an address in its language), `asset` and `look` (the reader's),
`icon`, `here` (its own address), `notice` (what is said to all) and what its page passes, nothing else. A name that was
not passed is an error here, never a blank on the page.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse

from harbour_api.domain.notice import NoticeKind
from harbour_api.domain.problems import Fault, Invalid
from harbour_api.web.assets import Assets
from harbour_api.web.icons import SPRITE, PageIcons, Sprite
from harbour_api.web.look import COOKIE, Look
from harbour_api.web.words import HTML_LANG, Words, mark

if TYPE_CHECKING:
    from harbour_api.web.house import House

INLINED = ("site.css", "station.css")  # in the pages that are opened first: a second request is seconds on slow 3G
BROKEN_TITLE = mark("我们这边出了问题")
NOTICE_KINDS = {NoticeKind.HEAT: mark("高温"), NoticeKind.RAIN: mark("暴雨"), NoticeKind.EXAM: mark("考试季")}
PROBLEM_TITLES = {
    400: mark("这个网址有误"),
    401: mark("请先登录"),
    403: mark("您没有权限"),
    404: mark("这里没有内容"),
    405: mark("这里不能这样操作"),
    409: mark("与已有内容冲突"),
    412: mark("别人刚刚改过，请重新打开"),
    413: mark("内容太大"),
    422: mark("填写有误"),
    429: mark("操作太频繁，请稍后再试"),
    503: mark("暂时无法保存，请稍后再试"),
}


def environment(assets: Assets) -> Environment:
    """Return the Jinja environment of all pages; `inline` has the inline styles, the others are for `render`."""
    pages = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    pages.globals["assets"] = assets
    pages.globals["sprite"] = Sprite(assets.text(SPRITE), assets.url(SPRITE))
    # Our own files, as they are: the policy admits them by their digests.
    pages.globals["inline"] = {name: Markup("<style>" + assets.text(name) + "</style>") for name in INLINED}  # noqa: S704
    return pages


def style_sources(assets: Assets) -> str:
    """Return the source expressions by which a Content-Security-Policy admits the inline styles."""
    digests = (hashlib.sha256(assets.text(name).encode()).digest() for name in INLINED)
    return " ".join(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)


def render(
    request: Request,
    template: str,
    words: Words,
    context: Mapping[str, object],
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> HTMLResponse:
    """Answer with a page in the asker's language and look."""
    pages: Environment = request.app.state.house.pages
    shared: Mapping[str, Any] = pages.globals
    own: dict[str, Any] = {"switch": switch_links(request.query_params.multi_items()), **context}
    here = request.url.path + own["switch"][words.lang]
    common = {
        "_": words,
        "lang": words.lang,
        "html_lang": words.html_lang,
        "link": Links(words.lang),
        "icon": PageIcons(shared["sprite"]),
        "notice": partial(_banner, request.app.state.house, words),
        **_looks(shared["assets"], Look.of_cookie(request.cookies.get(COOKIE))),
    }
    text = pages.get_template(template).render({"here": here, **own, **common})
    return HTMLResponse(text, status_code=status, headers={"Vary": "Cookie", **(headers or {})})


def _banner(house: House, words: Words) -> dict[str, str] | None:
    """Return the notice that holds now, in the page's language; a page asks for it only where it shows one."""
    notice = house.notice()
    if notice is None:
        return None
    return {"name": words(NOTICE_KINDS[notice.kind]), "text": words.pick(notice.text, notice.text_en)}


def _looks(assets: Assets, look: Look) -> dict[str, object]:
    """Return the look, and `asset`, which leads to a style sheet in the form that suits it."""
    return {"look": look, "asset": lambda name: assets.url(name, look.variant)}


def problem_page(
    request: Request, home: str, *, status: int, detail: str, errors: Iterable[Fault] = (), reference: str = ""
) -> HTMLResponse:
    """Answer with a plain page that says what went wrong, under which reference the log has it, and leads `home`."""
    words = problem_words(request)
    title = words(PROBLEM_TITLES.get(status, BROKEN_TITLE))
    told = {"status_code": status, "title": title, "detail": detail, "errors": list(errors), "reference": reference}
    # A refused address is not told back, not even as the way back from the look.
    context = told | {"home": home, "here": "/"}
    return render(request, "problem.html", words, context, status=status)


def problem_words(request: Request) -> Words:
    """Return the asker's language; a page about a problem never fails on the language itself."""
    try:
        return Words.asked(request.query_params.get("lang"))
    except Invalid:
        return Words()


class Links:
    """Addresses within the site that stay in the page's language: `link("/map", town="442000001")`."""

    def __init__(self, lang: str) -> None:
        self._lang = lang

    def __call__(self, path: str, pairs: Iterable[tuple[str, str]] = (), **more: str) -> str:
        """Return the address of a path with these parameters, and with the language where it is not the default."""
        query = [*pairs, *more.items(), *([] if self._lang == "zh" else [("lang", self._lang)])]
        return f"{path}?{urlencode(query)}" if query else path


def switch_links(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return each language's address of the same page: only a query, so that no odd path can lead to another host.

    A page that reads its query gives the pairs as it read them, so that a rounded position stays rounded.
    """
    kept = [(name, value) for name, value in pairs if name != "lang"]
    return {lang: "?" + urlencode([*kept, ("lang", lang)]) for lang in HTML_LANG}
