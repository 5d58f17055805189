"""The parameters of pages: how they are described, and the refusal of those a page does not know."""

from __future__ import annotations

from starlette.datastructures import QueryParams

from harbour_api.domain.problems import Invalid
from harbour_api.web.words import Words


def page_parameter(name: str, description: str, *, repeated: bool = False) -> dict[str, object]:
    """Return the description of a query parameter that a page reads by itself."""
    word = {"type": "string"}
    schema = {"type": "array", "items": word} if repeated else word
    return {"name": name, "in": "query", "description": description, "schema": schema}


LANG = page_parameter("lang", "Language of the page: zh (default) or en.")


def language_only(query: QueryParams, *more: str) -> Words:
    """Return the words of a page that takes no parameter but `lang` and what `more` names."""
    for name in query:
        if name not in ("lang", *more):
            raise Invalid.parameter(name, f"there is no such parameter; known: {', '.join(('lang', *more))}")
    return Words.asked(query.get("lang"))
