"""A station as schema.org JSON-LD: what search engines and assistants read from its page.

One rule: a machine shows no basis beside a fact, so what is only assumed is left out here, and so is an invented point.
"""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from typing import Any

from markupsafe import Markup

from harbour_api.domain.hours import local_day, spans
from harbour_api.domain.network import Network
from harbour_api.domain.station import Basis, Offering, OfferingState, Station, Status

DAYS = 7
GUESSES = frozenset({Basis.ASSUMED, Basis.PLACEHOLDER})
ENDS_HTML = str.maketrans({character: f"\\u{ord(character):04x}" for character in "<>&"})


def linked_data(network: Network, station: Station, now: datetime, url: str) -> Markup:
    """Return the content of the script element: JSON in ASCII, in which nothing can end that element."""
    known = {name: value for name, value in _facts(network, station, now, url).items() if value not in (None, "", [])}
    return Markup(json.dumps(known).translate(ENDS_HTML))  # noqa: S704 - no character that means anything to HTML is left


def _facts(network: Network, station: Station, now: datetime, url: str) -> dict[str, Any]:
    return {
        "@context": "https://schema.org",
        "@type": "Place",
        "@id": url,
        "url": url,
        "identifier": station.code,
        "name": station.name,
        "alternateName": station.name_en,
        "telephone": station.phone,
        "isAccessibleForFree": True,
        "publicAccess": True,
        "address": _address(network, station),
        "geo": _geo(station),
        "amenityFeature": [_amenity(network, one) for one in station.offerings if _is_known(network, one)],
        "specialOpeningHoursSpecification": _hours(station, local_day(now)),
    }


def _address(network: Network, station: Station) -> dict[str, str]:
    parts = {"@type": "PostalAddress", "addressCountry": "CN", "addressRegion": "广东省", "addressLocality": "中山市"}
    return parts | {"streetAddress": station.address or network.town(station.town).name}


def _geo(station: Station) -> dict[str, Any] | None:
    if not station.is_placed:
        return None
    lon, lat = station.place.figures()
    return {"@type": "GeoCoordinates", "latitude": lat, "longitude": lon}


def _is_known(network: Network, offering: Offering) -> bool:
    is_said = offering.state is not OfferingState.UNKNOWN and offering.basis not in GUESSES
    return is_said and offering.amenity in network.amenities


def _amenity(network: Network, offering: Offering) -> dict[str, Any]:
    name, is_there = network.amenities[offering.amenity].zh, offering.state is OfferingState.YES
    known = {"@type": "LocationFeatureSpecification", "name": name, "value": is_there}
    if offering.season is None:
        return known
    first, last = offering.season.first.isoformat(), offering.season.last.isoformat()
    return known | {"validFrom": first, "validThrough": last}


def _hours(station: Station, first: date) -> list[dict[str, str]]:
    """Return the open stretches of the coming days; a day that a closure may touch is not spoken of."""
    is_guess = station.basis.get("opening_hours", Basis.ASSUMED) in GUESSES
    if is_guess or station.closures or station.opening_hours is None or station.status is not Status.OPERATING:
        return []
    days = [first + timedelta(days=ahead) for ahead in range(DAYS)]
    return [
        _stretch(day, span.start, span.end)
        for day in days
        for span in spans(station.opening_hours, day)
        if span.is_open
    ]


def _stretch(day: date, start: int, end: int) -> dict[str, str]:
    opens, closes = (f"{minute // 60:02d}:{minute % 60:02d}" for minute in (start, min(end, 1439)))
    on = day.isoformat()
    return {
        "@type": "OpeningHoursSpecification", "validFrom": on, "validThrough": on, "opens": opens, "closes": closes,
    }  # fmt: skip
