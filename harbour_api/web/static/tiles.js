/* The operator's tiles as the ground, and the one position that the server never sees: the phone's own.
 * One rule: on GCJ-02 tiles everything is in GCJ-02. The server hands out shifted figures; here the published formula
 * shifts where the phone says it is, so that it need not be sent anywhere. */
(function () {
  'use strict';

  const hand = window.HarbourMap;
  const AXIS = 6378245; // of the ellipsoid of Krasovsky, in metres
  const FLATTENED = 0.00669342162296594323; // its eccentricity, squared
  const CHINA = { west: 72.004, south: 0.8293, east: 137.8347, north: 55.8271 }; // as in domain/place.py

  function tiles(map, options) {
    const [least, most] = options.zooms;
    const layer = { bounds: options.extent, noWrap: true, minNativeZoom: least, maxNativeZoom: most, alt: '' };
    map.getContainer().classList.add('map-tiled');
    L.tileLayer(hand.words.tiles, layer).addTo(map);
    hand.keepWithin(options.extent);
    hand.air.paddingBottomRight = [50, 84]; // above who must be named, which may take two lines
    if (options.shifted) hand.place = shifted;
  }

  function shifted(lat, lon) {
    const inside = lon >= CHINA.west && lon <= CHINA.east && lat >= CHINA.south && lat <= CHINA.north;
    return inside ? shift(lat, lon) : L.latLng(lat, lon);
  }

  function shift(lat, lon) {
    const x = lon - 105;
    const y = lat - 35;
    const phi = (lat / 180) * Math.PI;
    const squashed = 1 - FLATTENED * Math.sin(phi) * Math.sin(phi);
    const alongMeridian = (AXIS * (1 - FLATTENED)) / (squashed * Math.sqrt(squashed));
    const alongParallel = (AXIS / Math.sqrt(squashed)) * Math.cos(phi);
    const degrees = (metres, radius) => (metres * 180) / (radius * Math.PI);
    return L.latLng(lat + degrees(northward(x, y), alongMeridian), lon + degrees(eastward(x, y), alongParallel));
  }

  function northward(x, y) {
    const plain = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * Math.sqrt(Math.abs(x));
    return plain + ripple(x) + waves(y, [[20, 1], [40, 3], [160, 12], [320, 30]]);
  }

  function eastward(x, y) {
    const plain = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * Math.sqrt(Math.abs(x));
    return plain + ripple(x) + waves(x, [[20, 1], [40, 3], [150, 12], [300, 30]]);
  }

  function ripple(x) {
    return ((20 * Math.sin(6 * x * Math.PI) + 20 * Math.sin(2 * x * Math.PI)) * 2) / 3;
  }

  /* Each wave by its height and its length. */
  function waves(at, all) {
    return (all.reduce((sum, [height, length]) => sum + height * Math.sin((at / length) * Math.PI), 0) * 2) / 3;
  }

  hand.tiles = tiles;
})();
