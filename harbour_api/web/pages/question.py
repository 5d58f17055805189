"""What somebody asks of the finder: the query of `/`, read strictly.

One rule: nothing is guessed. An unknown parameter or a value out of bounds is refused by name, for a misspelt filter
that is ignored would list stations without what was asked for. An empty value is none: forms send their empty fields.
A town chosen by hand stands above a position from the phone, which the form carries along.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from starlette.datastructures import QueryParams

from harbour_api.domain.network import Needs, Network
from harbour_api.domain.place import Place
from harbour_api.domain.problems import Invalid, Unknown
from harbour_api.domain.station import Town

SINGLE = ("town", "lon", "lat", "q", "open", "all", "lang")
REPEATED = ("amenity",)
Q_LENGTH = 60
POSITION_DECIMALS = 4  # about 11 m: enough to sort by, and no more than is needed of where somebody stands
_FIGURE = re.compile(r"-?[0-9]{1,3}(\.[0-9]{1,20})?")


@dataclass(frozen=True, slots=True)
class Question:
    """Where the asker is (a town's point, a position or neither) and what the station must have."""

    town: Town | None = None
    position: Place | None = None
    q: str = ""
    amenities: tuple[str, ...] = ()
    open_now: bool = False
    everything: bool = False

    @classmethod
    def read(cls, query: QueryParams, network: Network) -> Question:
        """Return the question a query string asks; Invalid names the parameter that breaks a bound."""
        single = _single_values(query)
        town = _town(single["town"], network)
        position = _position(single["lon"], single["lat"])
        return cls(
            town=town,
            position=None if town else position,
            q=_search(single["q"]),
            amenities=_amenities(query, network),
            open_now=_flag("open", single["open"]),
            everything=_flag("all", single["all"]),
        )

    @property
    def origin(self) -> Place | None:
        """Where distances are measured from."""
        return self.town.place if self.town else self.position

    @property
    def is_filtered(self) -> bool:
        """Whether some stations may be left out."""
        return bool(self.q or self.amenities or self.open_now)

    @property
    def is_asked(self) -> bool:
        """Whether anything was asked at all; nothing asked lists every station."""
        return self.origin is not None or self.is_filtered

    def needs(self, now: datetime) -> Needs:
        """Return the filter; the town is where to measure from, never a border to stop at."""
        return Needs(amenities=self.amenities, open_at=now if self.open_now else None, q=self.q or None)

    def pairs(self) -> list[tuple[str, str]]:
        """Return the question as query parameters, without `all` and `lang`."""
        asked = [("town", self.town.code)] if self.town else []
        if self.position:
            asked += [("lon", f"{self.position.lon:.4f}"), ("lat", f"{self.position.lat:.4f}")]
        asked += [("q", self.q)] if self.q else []
        asked += [("amenity", code) for code in self.amenities]
        return asked + ([("open", "1")] if self.open_now else [])


def _single_values(query: QueryParams) -> dict[str, str]:
    for name in query:
        if name not in SINGLE and name not in REPEATED:
            raise Invalid.parameter(name, f"there is no such parameter; known: {', '.join((*SINGLE, *REPEATED))}")
    for name in SINGLE:
        if len(query.getlist(name)) > 1:
            raise Invalid.parameter(name, "may be given once")
    return {name: query.get(name, "").strip() for name in SINGLE}


def _town(code: str, network: Network) -> Town | None:
    if not code:
        return None
    try:
        return network.town(code)
    except Unknown as error:
        raise Invalid.parameter("town", "must be the code of a town") from error


def _position(lon: str, lat: str) -> Place | None:
    if not lon and not lat:
        return None
    degrees = _degrees("lon", lon, 180), _degrees("lat", lat, 90)
    return Place.at(*degrees)


def _degrees(name: str, text: str, bound: int) -> float:
    if not text:
        raise Invalid.parameter(name, "lon and lat must be given together")
    if not _FIGURE.fullmatch(text) or abs(float(text)) > bound:
        raise Invalid.parameter(name, f"must be a number of degrees between -{bound} and {bound}")
    return round(float(text), POSITION_DECIMALS)


def _search(text: str) -> str:
    if len(text) > Q_LENGTH:
        raise Invalid.parameter("q", f"must have at most {Q_LENGTH} characters")
    return text


def _amenities(query: QueryParams, network: Network) -> tuple[str, ...]:
    codes = tuple(dict.fromkeys(code for code in query.getlist("amenity") if code))
    if not all(code in network.amenities for code in codes):
        raise Invalid.parameter("amenity", "must be the code of an amenity")
    return codes


def _flag(name: str, text: str) -> bool:
    if text not in ("", "1"):
        raise Invalid.parameter(name, "must be 1 or left out")
    return text == "1"
