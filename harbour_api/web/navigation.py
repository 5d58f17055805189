"""Where the "take me there" link leads.

One rule: nobody is sent to an invented point. A station whose place is a placeholder is looked up by its official name
and town in the map application; only a station that somebody has placed is handed over as a coordinate, with its datum.
"""

from __future__ import annotations

from urllib.parse import urlencode

from harbour_api.domain.station import Station, Town

AMAP = "https://uri.amap.com"


def directions_url(station: Station, town: Town) -> str:
    """Return the Amap address that finds this station: a marker where it is placed, else a search by name and town."""
    if not station.is_placed:
        keyword = f"{station.official_name or station.name} {town.name}"
        return f"{AMAP}/search?{urlencode({'keyword': keyword, 'city': '中山'})}"
    lon, lat = station.place.figures()
    marker = {"position": f"{lon:.6f},{lat:.6f}", "name": station.name, "coordinate": "wgs84", "callnative": "1"}
    return f"{AMAP}/marker?{urlencode(marker)}"
