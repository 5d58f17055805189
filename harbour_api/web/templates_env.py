"""Pages from templates: one environment that escapes everything, and one way to answer with a page.

One rule: a template gets `_` (its words), `link` (an address in its language) and what its page passes, nothing else.
A name that was not passed is an error here, never a blank on the page.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from harbour_api.domain.problems import Fault, Invalid
from harbour_api.web.assets import Assets
from harbour_api.web.words import HTML_LANG, Words, mark

STYLE = "site.css"
BROKEN_TITLE = mark("我们这边出了问题")
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
    """Return the Jinja environment of all pages; `asset(name)` gives a file's address and `style` the inline style."""
    pages = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    pages.globals["asset"] = assets.url
    pages.globals["style"] = assets.text(STYLE)
    return pages


def style_hash(assets: Assets) -> str:
    """Return the source expression by which a Content-Security-Policy admits the inline style, without the quotes."""
    digest = hashlib.sha256(assets.text(STYLE).encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"


def render(
    request: Request,
    template: str,
    words: Words,
    context: Mapping[str, object],
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> HTMLResponse:
    """Answer with a page in the asker's language."""
    common = {"_": words, "lang": words.lang, "html_lang": words.html_lang, "link": Links(words.lang)}
    page = request.app.state.house.pages.get_template(template)
    text = page.render({"switch": switch_links(request.query_params.multi_items()), **context, **common})
    return HTMLResponse(text, status_code=status, headers=dict(headers or {}))


def problem_page(
    request: Request, *, status: int, detail: str, errors: Iterable[Fault] = (), reference: str = ""
) -> HTMLResponse:
    """Answer with a plain page that says what went wrong, and under which reference the log has it."""
    words = problem_words(request)
    title = words(PROBLEM_TITLES.get(status, BROKEN_TITLE))
    context = {"status_code": status, "title": title, "detail": detail, "errors": list(errors), "reference": reference}
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
