"""The fields of a form whose names depend on what it is about: one row an amenity, one a weekday."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from fastapi import Depends, Request


async def fields_sent(request: Request) -> Mapping[str, str]:
    """Return a form's fields by name, line ends as here; what was typed is judged where it is read."""
    form = await request.form()
    return {name: value.replace("\r\n", "\n") for name, value in form.items() if isinstance(value, str)}


FieldsSent = Annotated[Mapping[str, str], Depends(fields_sent)]
