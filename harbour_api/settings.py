"""What an operator may set, by environment variables that begin with HARBOUR_. A mistyped name stops the start."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from harbour_api.domain.place import Datum

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


_HOST = re.compile(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*(:[0-9]{1,5})?")
_PLAIN = re.compile(r"[!-~]+")  # no blank, no control character, ASCII
TILE_FILE = ".mbtiles"


def _tiles(source: str) -> str:
    """Return a template of addresses, or the path of an .mbtiles file that is there."""
    if source.startswith(("http://", "https://")):
        return _tile_template(source)
    if source and not source.endswith(TILE_FILE):
        raise ValueError(f"must begin with http:// or https://, or be the path of an {TILE_FILE} file")
    if source and not Path(source).is_file():
        raise ValueError("there is no such file")
    return source


def _tile_template(url: str) -> str:
    if sorted(re.findall(r"\{[^{}]*\}", url)) != ["{x}", "{y}", "{z}"] or len(re.findall("[{}]", url)) != 6:
        raise ValueError("must hold {z}, {x} and {y} once each, and no other braces")
    if not (_PLAIN.fullmatch(url) and _HOST.fullmatch(urlsplit(url).netloc)):
        raise ValueError("must name a plain host, and hold neither blanks nor a user name")
    return url


def _tile_datum(datum: Datum) -> Datum:
    if datum is Datum.BD09:
        raise ValueError("must be wgs84 or gcj02: tiles in bd09 are not numbered as XYZ tiles are")
    return datum


def _rate(rate: str) -> str:
    if rate and not re.fullmatch(r"[1-9][0-9]{0,5}/(second|minute|hour)", rate):
        raise ValueError("must be a number of reads and a time, such as 600/minute, 20/second or 5000/hour")
    return rate


def _file(path: Path) -> Path:
    if not path.is_file():
        raise ValueError("there is no such file")
    return path


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
    tiles_url: Annotated[str, AfterValidator(_tiles)] = Field(
        "", description="tiles under the maps: an XYZ address with {z}, {x} and {y}, or the path of an .mbtiles file"
    )
    tiles_datum: Annotated[Datum, AfterValidator(_tile_datum)] = Field(
        Datum.WGS84, description="datum of the tiles: wgs84 or gcj02"
    )
    tiles_attribution: Annotated[str, Field(max_length=200)] = Field(
        "", description="who must be named on a map of these tiles", validate_default=True
    )
    tiles_approval: Annotated[str, Field(max_length=100)] = Field(
        "", description="approval number of the map, shown on it"
    )
    boundary_file: Annotated[Path, AfterValidator(_file)] | None = Field(
        None, description="GeoJSON file of the city's boundary, in WGS-84"
    )
    frame_ancestors: Annotated[str, AfterValidator(_frame_sources)] = Field(
        "*", description="sites that may show the map in a frame, as sources separated by spaces"
    )

    read_rate: Annotated[str, AfterValidator(_rate)] = Field(
        "", description="how often an address may read, such as 600/minute; without it as often as it likes"
    )

    @model_validator(mode="before")
    @classmethod
    def _public_on_its_port(cls, given: dict[str, Any]) -> dict[str, Any]:
        """Where nothing else is said, the public reaches the service on this machine, by the port it listens on."""
        return {"public_url": f"http://127.0.0.1:{given['port']}", **given} if "port" in given else given

    @field_validator("tiles_attribution")
    @classmethod
    def _is_given_with_tiles(cls, text: str, given: ValidationInfo) -> str:
        if given.data.get("tiles_url") and not text.strip():
            raise ValueError("must be set where HARBOUR_TILES_URL is: a map names where it comes from")
        return text.strip()

    @property
    def tile_file(self) -> Path | None:
        """The .mbtiles file, where the tiles are one."""
        return Path(self.tiles_url) if self.tiles_url.endswith(TILE_FILE) and "://" not in self.tiles_url else None

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
