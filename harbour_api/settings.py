"""What an operator may set, by environment variables that begin with HARBOUR_. A mistyped name stops the start."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, ValidationError

PREFIX = "HARBOUR_"


class SettingsRefused(Exception):
    """The environment sets something this program does not know, or a value it cannot use."""


def _http_address(url: str) -> str:
    if not url.startswith(("http://", "https://")):
        raise ValueError("must begin with http:// or https://")
    return url.rstrip("/")


_SOURCE = r"(\*|'self'|https?:|(https?://)?(\*\.)?[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*(:([0-9]{1,5}|\*))?)"
_SOURCES = re.compile(rf"{_SOURCE}( +{_SOURCE})*")


def _database_address(url: str) -> str:
    if not url.startswith(("sqlite:///", "postgresql+psycopg://")):
        raise ValueError("must begin with sqlite:/// or postgresql+psycopg://")
    return url


def _frame_sources(text: str) -> str:
    if not _SOURCES.fullmatch(text):
        raise ValueError("must be `*`, or sources like https://www.example.org, separated by spaces")
    return text


class Settings(BaseModel):
    """The settings, each with its default; the README's table says what they mean."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    database_url: Annotated[str, AfterValidator(_database_address)] = Field(
        "sqlite:///data/harbour.db", description="SQLite file or PostgreSQL with PostGIS"
    )
    host: str = Field("127.0.0.1", description="address to listen on")
    port: int = Field(8000, ge=1, le=65535, description="port to listen on")
    public_url: Annotated[str, AfterValidator(_http_address)] = Field(
        "http://127.0.0.1:8000", description="where the public reaches the service; https makes cookies secure"
    )
    trusted_proxies: str = Field("", description="addresses of reverse proxies whose forwarding headers count")
    admin_password: Annotated[SecretStr, Field(min_length=10, max_length=200)] | None = Field(
        None, description="password of the first administrator `admin`; random and printed once where unset"
    )
    sample_visits: bool = Field(True, description="whether seeding adds sample visits, marked as such")
    frame_ancestors: Annotated[str, AfterValidator(_frame_sources)] = Field(
        "*", description="sites that may show the map in a frame, as sources separated by spaces"
    )

    @property
    def is_secure(self) -> bool:
        """Whether the public comes by https."""
        return self.public_url.startswith("https://")


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Return the settings the environment names; SettingsRefused lists every fault, and the nearest right names."""
    given = {name[len(PREFIX) :].lower(): value for name, value in environment.items() if name.startswith(PREFIX)}
    faults = [_unknown(name) for name in given if name not in Settings.model_fields]
    try:
        settings = Settings(**{name: value for name, value in given.items() if name in Settings.model_fields})  # type: ignore[arg-type]
    except ValidationError as error:
        faults += [f"{PREFIX}{str(fault['loc'][0]).upper()}: {fault['msg']}" for fault in error.errors()]
    if faults:
        raise SettingsRefused("\n".join(faults))
    return settings


def _unknown(name: str) -> str:
    nearest = difflib.get_close_matches(name, Settings.model_fields, n=1, cutoff=0.4)
    hint = f"; did you mean {PREFIX}{nearest[0].upper()}?" if nearest else ""
    return f"{PREFIX}{name.upper()}: there is no such setting{hint}"
