"""Where the "take me there" link leads, in each of the map applications people have.

One rule: nobody is sent to an invented point. A station whose place is a placeholder is looked up by its official name
and town in the map application; only a station that somebody has placed is handed over as a coordinate, in the datum
which that application reads.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from urllib.parse import quote, urlencode

from harbour_api.domain.place import Datum, Place
from harbour_api.domain.station import Station, Town

CITY = "中山"
OURSELVES = "labourer-harbour"  # Baidu and Tencent want to know which page sends somebody


class MapApp(StrEnum):
    """A map application; `geo` is whichever one the phone itself opens."""

    AMAP = "amap"
    BAIDU = "baidu"
    TENCENT = "tencent"
    APPLE = "apple"
    GOOGLE = "google"
    GEO = "geo"


DATUMS = {
    MapApp.AMAP: Datum.GCJ02,
    MapApp.BAIDU: Datum.BD09,
    MapApp.TENCENT: Datum.GCJ02,
    MapApp.APPLE: Datum.GCJ02,
    MapApp.GOOGLE: Datum.WGS84,
    MapApp.GEO: Datum.WGS84,
}

# What would end a label: a semicolon begins another part of Tencent's marker, a geo label stands in parentheses.
AWKWARD: Mapping[MapApp, dict[str, str]] = {MapApp.TENCENT: {";": "；"}, MapApp.GEO: {"(": "（", ")": "）"}}


def destination(station: Station, town: Town, app: MapApp) -> tuple[Datum, str]:
    """Return the datum that application reads, and the address that finds this station in it.

    It is a marker where the station is placed, else a search by official name and town.
    """
    datum = _datum(app, station.place)
    if not station.is_placed:
        return datum, SEARCHES[app](f"{station.official_name or station.name} {town.name}")
    lon, lat = (_written(figure, datum) for figure in station.place.figures(datum))
    return datum, MARKERS[app](lon, lat, label_for(app, station.name))


def label_for(app: MapApp, name: str) -> str:
    """Return a name as a marker's label in that application."""
    return name.translate({ord(mark): other for mark, other in AWKWARD.get(app, {}).items()})


def directions_url(station: Station, town: Town) -> str:
    """Return the Amap address that finds this station: most phones on the street have it."""
    return destination(station, town, MapApp.AMAP)[1]


def _datum(app: MapApp, place: Place) -> Datum:
    """Return the datum an application reads there; Apple's maps are shifted inside China only."""
    is_shifted = place.figures(Datum.GCJ02) != place.figures()
    return Datum.WGS84 if app is MapApp.APPLE and not is_shifted else DATUMS[app]


def _written(figure: float, datum: Datum) -> str:
    return f"{figure:.6f}" if datum is Datum.WGS84 else f"{figure:.7f}"


def _address(base: str, **parameters: str) -> str:
    return f"{base}?{urlencode(parameters, quote_via=quote, safe='')}"


def _amap_marker(lon: str, lat: str, name: str) -> str:
    return _address(
        "https://uri.amap.com/marker", position=f"{lon},{lat}", name=name, coordinate="gaode", callnative="1"
    )


def _baidu_marker(lon: str, lat: str, name: str) -> str:
    words = {"title": name, "content": name, "output": "html", "src": OURSELVES}
    return _address("https://api.map.baidu.com/marker", location=f"{lat},{lon}", coord_type="bd09ll", **words)


def _tencent_marker(lon: str, lat: str, name: str) -> str:
    marker = f"coord:{lat},{lon};title:{name};addr:{name}"
    return _address("https://apis.map.qq.com/uri/v1/marker", marker=marker, coord_type="2", referer=OURSELVES)


def _geo_marker(lon: str, lat: str, name: str) -> str:
    return f"geo:{lat},{lon}?q={lat},{lon}({quote(name, safe='')})"


MARKERS: dict[MapApp, Callable[[str, str, str], str]] = {
    MapApp.AMAP: _amap_marker,
    MapApp.BAIDU: _baidu_marker,
    MapApp.TENCENT: _tencent_marker,
    MapApp.APPLE: lambda lon, lat, name: _address("https://maps.apple.com/", ll=f"{lat},{lon}", q=name),
    MapApp.GOOGLE: lambda lon, lat, _name: _address(
        "https://www.google.com/maps/search/", api="1", query=f"{lat},{lon}"
    ),
    MapApp.GEO: _geo_marker,
}
SEARCHES: dict[MapApp, Callable[[str], str]] = {
    MapApp.AMAP: lambda text: _address("https://uri.amap.com/search", keyword=text, city=CITY),
    MapApp.BAIDU: lambda text: _address(
        "https://api.map.baidu.com/place/search", query=text, region=CITY, output="html", src=OURSELVES
    ),
    MapApp.TENCENT: lambda text: _address(
        "https://apis.map.qq.com/uri/v1/search", keyword=text, region=CITY, referer=OURSELVES
    ),
    MapApp.APPLE: lambda text: _address("https://maps.apple.com/", q=text),
    MapApp.GOOGLE: lambda text: _address("https://www.google.com/maps/search/", api="1", query=text),
    MapApp.GEO: lambda text: f"geo:0,0?q={quote(text, safe='')}",  # 0,0 is how a geo address says: no point, search
}
