/* The public map's stations and towns, and what joins them to the page's own list.
 * One rule: a popup says what the list says, for it is a clone of the card. */
(function () {
  'use strict';

  const hand = window.HarbourMap;
  const { words, fill, say, shape, element } = hand;
  const stations = []; // marker of station i
  const towns = []; // marker of town t
  const homes = []; // the list item and the list it came from, to undo a sorting
  const PIN_AIR = L.point(60, 100); // half of it on each side, so that the outermost pins are whole
  const CLOSEST_ZOOM = 15;
  const ALONE_ZOOM = 12.5; // one station by itself is shown with its neighbours
  let map = null;
  let split = 0;
  let me = null;

  const byId = (id) => document.getElementById(id);
  const card = (i) => byId('s' + i);
  const nameOf = (i) => card(i).querySelector('.map-name').textContent;
  const townName = (t) => byId('t' + t).textContent;

  /* ---- drawing: called by Folium's script ---- */

  function pin(placed) {
    const svg = shape('svg', { viewBox: '0 0 28 36', width: 28, height: 36, 'aria-hidden': 'true' });
    const outline = 'M14 1.5C7 1.5 1.5 7 1.5 13.8 1.5 23.2 14 34.5 14 34.5s12.5-11.3 12.5-20.7C26.5 7 21 1.5 14 1.5z';
    shape('path', { class: placed ? 'map-pin' : 'map-pin map-pin-unsure', d: outline }, svg);
    shape('circle', { class: 'map-pin-eye', cx: 14, cy: 13.8, r: 4.6 }, svg);
    return svg;
  }

  function caveat(placed) {
    return placed ? '' : ' (' + words.unplaced + ')';
  }

  function station(feature, latlng) {
    const { i, t, p } = feature.properties;
    const icon = hand.button({
      className: 'map-station', width: 48, height: 48, left: 24, top: 42,
      label: fill(words.openStation, { name: nameOf(i) }) + caveat(p), content: [pin(p)],
    });
    const marker = L.marker(latlng, { icon: icon, riseOnHover: true });
    Object.assign(marker, { town: t, placed: p });
    marker.on('click', () => show(i));
    stations[i] = marker;
    return marker;
  }

  function town(feature, latlng) {
    const { t, n } = feature.properties;
    const name = hand.shorten(townName(t));
    const width = hand.widthOf(name);
    const icon = hand.button({
      className: 'map-bubble', width: width, height: hand.bubble.height, left: width / 2, top: hand.bubble.middle,
      label: fill(words.openTown, { name: townName(t), n: n }),
      content: [element('span', 'map-count', n), element('span', 'map-town-name', name)],
    });
    const marker = L.marker(latlng, { icon: icon });
    Object.assign(marker, { home: latlng, width: width, height: hand.bubble.height, lettering: hand.lettering(latlng, townName(t)) });
    marker.on('click', (event) => goToTown(t, event.originalEvent.detail === 0));
    towns[t] = marker;
    return marker;
  }

  function open(newMap, options) {
    map = newMap;
    split = options.split;
    map.on('zoomend', swap);
    showAll();
    swap();
    joinPage();
  }

  /* ---- towns from afar, stations from near ---- */

  function swap() {
    const near = map.getZoom() >= split;
    const held = document.activeElement;
    stations.forEach((marker) => (near ? marker.addTo(map) : marker.remove()));
    towns.forEach((marker) => (near ? marker.remove() : marker.addTo(map)));
    towns.forEach((marker) => (near ? marker.lettering.addTo(map) : marker.lettering.remove()));
    if (!near) hand.spread(towns);
    if (held && held !== document.activeElement) map.getContainer().focus({ preventScroll: true });
  }

  function showAll() {
    hand.showAll(towns.length === 1 ? townZoom(stations) : undefined);
  }

  function townZoom(own) {
    return own.length > 1 ? CLOSEST_ZOOM : ALONE_ZOOM;
  }

  function goToTown(t, byKey) {
    const own = stations.filter((marker) => marker.town === t);
    const around = L.latLngBounds(own.map((marker) => marker.getLatLng()));
    const zoom = Math.min(townZoom(own), Math.max(split, map.getBoundsZoom(around, false, PIN_AIR)));
    map.setView(around.getCenter(), zoom, { animate: hand.motion && !byKey });
    say(fill(words.openTown, { name: townName(t), n: own.length }));
    if (byKey) own[0].getElement().focus({ preventScroll: true });
  }

  /* ---- one station: a clone of its card ---- */

  function show(i) {
    const marker = stations[i];
    hand.showing(document.activeElement);
    if (!map.hasLayer(marker)) map.setView(marker.getLatLng(), ALONE_ZOOM, { animate: false });
    hand.openPopup(marker.getLatLng(), copyOf(card(i)), 34);
  }

  function copyOf(original) {
    const copy = element('div');
    Array.from(original.cloneNode(true).childNodes).forEach((node) => copy.appendChild(node));
    copy.querySelectorAll('.map-list-only').forEach((node) => node.remove());
    return copy;
  }

  /* ---- the page around the map ---- */

  function joinPage() {
    document.querySelectorAll('.map-with-script').forEach((node) => (node.hidden = false));
    byId('map-all').addEventListener('click', showAll);
    document.addEventListener('click', (event) => {
      const link = event.target.closest('[data-show], [data-town]');
      if (link) follow(link, event);
    });
    const locate = byId('map-locate');
    if ('geolocation' in navigator) locate.addEventListener('click', findMe);
    else locate.hidden = true;
    const linked = /^#s(\d+)$/.exec(location.hash);
    if (linked && stations[linked[1]]) show(Number(linked[1]));
  }

  function follow(link, event) {
    if (link.dataset.town !== undefined) {
      groupByTown();
      goToTown(Number(link.dataset.town), false);
      return;
    }
    event.preventDefault();
    link.focus({ preventScroll: true });
    show(Number(link.dataset.show));
    map.getContainer().scrollIntoView({ block: 'nearest' });
  }

  function findMe() {
    say(words.locating);
    const patience = { timeout: 8000, maximumAge: 60000, enableHighAccuracy: true };
    navigator.geolocation.getCurrentPosition(found, notFound, patience);
  }

  function notFound() {
    say(words.notLocated);
    const list = byId('map-towns');
    list.focus({ preventScroll: true });
    list.scrollIntoView({ block: 'nearest' });
  }

  function found(position) {
    const at = hand.place(position.coords.latitude, position.coords.longitude);
    const order = stations
      .map((marker, i) => ({ i: i, metres: map.distance(at, marker.getLatLng()) }))
      .sort((one, other) => one.metres - other.metres);
    if (!order.length) return;
    markMe(at, position.coords.accuracy);
    sortByDistance(order);
    const first = order[0].i;
    say(fill(words.located, { name: nameOf(first) + caveat(stations[first].placed), distance: spoken(order[0].metres) }));
    if (map.options.maxBounds.contains(at)) {
      const nearest = order.slice(0, 3).map((entry) => stations[entry.i].getLatLng());
      map.fitBounds(L.latLngBounds(nearest.concat([at])), { padding: [48, 48], maxZoom: CLOSEST_ZOOM, animate: hand.motion });
    }
  }

  function markMe(at, accuracy) {
    if (me) me.remove();
    const around = L.circle(at, { radius: accuracy, className: 'map-me-around', interactive: false });
    me = L.layerGroup([around, L.circleMarker(at, { radius: 9, className: 'map-me', interactive: false })]).addTo(map);
  }

  /* As the finder says it: tens of metres below a kilometre, tenths of one above. */
  function spoken(metres) {
    if (metres < 995) return fill(words.metres, { n: Math.max(10, Math.round(metres / 10) * 10) });
    return fill(words.kilometres, { n: (metres / 1000).toFixed(1) });
  }

  function sortByDistance(order) {
    const list = byId('map-near').querySelector('ol');
    order.forEach((entry) => {
      const item = card(entry.i);
      if (item.parentNode !== list && !homes[entry.i]) homes[entry.i] = item.parentNode;
      item.querySelector('.map-distance').textContent = spoken(entry.metres);
      list.appendChild(item);
    });
    byId('map-near').hidden = false;
    byId('map-by-town').hidden = true;
  }

  function groupByTown() {
    homes.forEach((list, i) => list.appendChild(card(i)));
    byId('map-near').hidden = true;
    byId('map-by-town').hidden = false;
  }

  Object.assign(hand, { station: station, town: town, open: open });
})();
