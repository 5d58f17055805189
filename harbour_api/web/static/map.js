/* The map's hand: what Folium's script calls, and what joins the markers to the page's own list.
 * One rule: the map's script brings numbers only. Every word is cloned from the page or set as text, never as HTML.
 * Fixed words come from the JSON block #map-words. */
(function () {
  'use strict';

  const words = JSON.parse(document.getElementById('map-words').textContent);
  const motion = !matchMedia('(prefers-reduced-motion: reduce)').matches;
  const stations = []; // marker of station i
  const towns = []; // marker of town t
  const homes = []; // the list item and the list it came from, to undo a sorting
  const TIGHT = 320; // in a narrower frame, six bubbles in a row need to be slimmer
  const BUBBLE = { width: innerWidth < TIGHT ? 44 : 52, height: 52, middle: 20, han: 13, latin: 7.2 }; // a town's circle, its name below; widths
  const AIR = { paddingTopLeft: [50, 30], paddingBottomRight: [50, 36] }; // room for what stands on an outermost point
  const PIN_AIR = L.point(60, 100); // half of it on each side, so that the outermost pins are whole
  const CLOSEST_ZOOM = 15;
  const WHOLE_ZOOM = 11; // a single station is still seen within its city
  const ALONE_ZOOM = 12.5; // one station by itself is shown with its neighbours
  const CONTROLS = 112; // height of what stands at the map's lower edge: a popup stays above it
  let map = null;
  let view = null;
  let split = 0;
  let me = null;
  let opener = null;

  const byId = (id) => document.getElementById(id);
  const card = (i) => byId('s' + i);
  const nameOf = (i) => card(i).querySelector('.map-name').textContent;
  const townName = (t) => byId('t' + t).textContent;

  function fill(sentence, values) {
    return sentence.replace(/\{(\w+)\}/g, (_, key) => values[key]);
  }

  function say(text) {
    byId('map-status').textContent = text;
  }

  function element(tag, className, text) {
    const made = document.createElement(tag);
    if (className) made.className = className;
    if (text !== undefined) made.textContent = text;
    return made;
  }

  function shape(tag, attributes, parent) {
    const made = document.createElementNS('http://www.w3.org/2000/svg', tag);
    Object.keys(attributes).forEach((key) => made.setAttribute(key, attributes[key]));
    if (parent) parent.appendChild(made);
    return made;
  }

  /* Leaflet draws markers as <div>; a real <button> has its keys and its role from the browser. */
  const ButtonIcon = L.Icon.extend({
    createIcon: function () {
      const o = this.options;
      const button = element('button', 'leaflet-marker-icon ' + o.className);
      button.type = 'button';
      button.style.width = o.width + 'px';
      button.style.height = o.height + 'px';
      button.style.marginLeft = -o.left + 'px';
      button.style.marginTop = -o.top + 'px';
      button.setAttribute('aria-label', o.label);
      o.content.forEach((part) => button.appendChild(part));
      return button;
    },
    createShadow: () => null,
  });

  function button(options) {
    return new ButtonIcon(options);
  }

  /* ---- drawing: called by Folium's script ---- */

  function begin(newMap, options) {
    map = newMap;
    view = options.view;
    if (!motion) stopGliding();
    L.control.zoom({ position: 'bottomright', zoomInTitle: words.zoomIn, zoomOutTitle: words.zoomOut }).addTo(map);
    L.control.scale({ imperial: false, position: 'bottomleft' }).addTo(map);
    map.createPane('lettering').style.zIndex = 450;
    map.on('popupopen', enterPopup);
    map.on('popupclose', leavePopup);
    map.getContainer().addEventListener('keydown', (event) => {
      if (event.key === 'Escape') map.closePopup();
    });
  }

  /* Leaflet glides to make room for a popup and on arrow keys, whatever its animation options say. */
  function stopGliding() {
    const panBy = map.panBy;
    map.panBy = (offset, options) => panBy.call(map, offset, Object.assign({}, options, { animate: false }));
  }

  function sheet(_, options) {
    L.rectangle(options.extent, { className: 'map-sea', interactive: false }).addTo(map);
    keepWithin(options.extent);
    words.lettering.forEach((label) => lettering(label.at, label.text).addTo(map));
  }

  /* Nobody is shown the edge of the sheet. */
  function keepWithin(extent) {
    map.setMaxBounds(extent);
    map.on('resize', fillWindow);
    fillWindow();
  }

  function fillWindow() {
    map.setMinZoom(map.getBoundsZoom(map.options.maxBounds, true));
  }

  function lettering(at, text) {
    const icon = L.divIcon({ className: 'map-lettering', html: element('span', '', text), iconSize: [96, 20] });
    return L.marker(at, { icon: icon, pane: 'lettering', interactive: false, keyboard: false });
  }

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
    const icon = button({
      className: 'map-station', width: 48, height: 48, left: 24, top: 42,
      label: fill(words.openStation, { name: nameOf(i) }) + caveat(p), content: [pin(p)],
    });
    const marker = L.marker(latlng, { icon: icon, riseOnHover: true });
    Object.assign(marker, { town: t, placed: p });
    marker.on('click', () => show(i));
    stations[i] = marker;
    return marker;
  }

  /* A name without its rank, for want of room; screen readers get the whole one. */
  function shorten(name) {
    const suffix = words.townSuffixes.find((end) => name.endsWith(end)) || '';
    return name.slice(0, name.length - suffix.length);
  }

  function widthOf(name) {
    return Math.max(BUBBLE.width, 8 + name.length * (/[a-z]/i.test(name) ? BUBBLE.latin : BUBBLE.han));
  }

  function town(feature, latlng) {
    const { t, n } = feature.properties;
    const name = shorten(townName(t));
    const width = widthOf(name);
    const icon = button({
      className: 'map-bubble', width: width, height: BUBBLE.height, left: width / 2, top: BUBBLE.middle,
      label: fill(words.openTown, { name: townName(t), n: n }),
      content: [element('span', 'map-count', n), element('span', 'map-town-name', name)],
    });
    const marker = L.marker(latlng, { icon: icon });
    Object.assign(marker, { home: latlng, width: width, height: BUBBLE.height, lettering: lettering(latlng, townName(t)) });
    marker.on('click', (event) => goToTown(t, event.originalEvent.detail === 0));
    towns[t] = marker;
    return marker;
  }

  function open(_, options) {
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
    if (!near) spread(towns);
    if (held && held !== document.activeElement) map.getContainer().focus({ preventScroll: true });
  }

  /* Towns lie closer than fingers are wide: push markers apart, a little at a time, until none covers another, then
   * set them down there. Each brings its `home` and the width and height it takes up. Who lies west or north of whom
   * stays as it is on the ground. */
  function spread(markers) {
    const boxes = markers.map((marker) => {
      const home = map.latLngToLayerPoint(marker.home);
      return { marker: marker, home: home, at: home.clone() };
    });
    for (let round = 0; round < 300; round += 1) {
      boxes.forEach((one, index) => boxes.slice(0, index).forEach((other) => part(one, other)));
    }
    boxes.forEach((box) => box.marker.setLatLng(map.layerPointToLatLng(box.at)));
  }

  function part(one, other) {
    const gap = { x: (one.marker.width + other.marker.width) / 2, y: (one.marker.height + other.marker.height) / 2 };
    const way = { x: one.home.x < other.home.x ? -1 : 1, y: one.home.y < other.home.y ? -1 : 1 };
    const lack = { x: gap.x - way.x * (one.at.x - other.at.x), y: gap.y - way.y * (one.at.y - other.at.y) };
    const covers = Math.abs(one.at.x - other.at.x) < gap.x && Math.abs(one.at.y - other.at.y) < gap.y;
    if (!covers) return;
    const axis = lack.x < lack.y ? 'x' : 'y';
    const step = way[axis] * Math.min(lack[axis] / 2, 1.5);
    one.at[axis] += step;
    other.at[axis] -= step;
  }

  function showAll() {
    const closest = towns.length === 1 ? townZoom(stations) : WHOLE_ZOOM;
    map.fitBounds(view, Object.assign({ animate: false, maxZoom: closest }, AIR));
  }

  function townZoom(own) {
    return own.length > 1 ? CLOSEST_ZOOM : ALONE_ZOOM;
  }

  function goToTown(t, byKey) {
    const own = stations.filter((marker) => marker.town === t);
    const around = L.latLngBounds(own.map((marker) => marker.getLatLng()));
    const zoom = Math.min(townZoom(own), Math.max(split, map.getBoundsZoom(around, false, PIN_AIR)));
    map.setView(around.getCenter(), zoom, { animate: motion && !byKey });
    say(fill(words.openTown, { name: townName(t), n: own.length }));
    if (byKey) own[0].getElement().focus({ preventScroll: true });
  }

  /* ---- one station: a clone of its card ---- */

  function show(i) {
    const marker = stations[i];
    opener = document.activeElement;
    if (!map.hasLayer(marker)) map.setView(marker.getLatLng(), ALONE_ZOOM, { animate: false });
    openPopup(marker.getLatLng(), copyOf(card(i)), 34);
  }

  function copyOf(original) {
    const copy = element('div');
    Array.from(original.cloneNode(true).childNodes).forEach((node) => copy.appendChild(node));
    copy.querySelectorAll('.map-list-only').forEach((node) => node.remove());
    return copy;
  }

  function openPopup(latlng, content, lift) {
    const title = content.querySelector('.map-name');
    title.id = 'map-popup-name';
    title.tabIndex = -1;
    title.setAttribute('aria-level', '2');
    const room = Math.max(160, map.getSize().y - CONTROLS - 30);
    const options = {
      maxWidth: 280, minWidth: 210, maxHeight: room, offset: [0, -lift],
      autoPanPaddingTopLeft: [12, 12], autoPanPaddingBottomRight: [12, CONTROLS],
    };
    L.popup(options).setLatLng(latlng).setContent(content).openOn(map);
  }

  function enterPopup(event) {
    const box = event.popup.getElement();
    box.setAttribute('role', 'dialog');
    box.setAttribute('aria-labelledby', 'map-popup-name');
    box.querySelector('.leaflet-popup-close-button').setAttribute('aria-label', words.close);
    box.querySelector('.map-name').focus({ preventScroll: true });
  }

  function leavePopup(event) {
    const held = document.activeElement;
    const lost = held === document.body || event.popup.getElement().contains(held);
    if (lost && opener && document.contains(opener)) opener.focus({ preventScroll: true });
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
    const at = window.HarbourMap.place(position.coords.latitude, position.coords.longitude);
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
      map.fitBounds(L.latLngBounds(nearest.concat([at])), { padding: [48, 48], maxZoom: CLOSEST_ZOOM, animate: motion });
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

  /* Beside a list, on a desk, the map fills what the page's head leaves of the window. */
  function measure() {
    const page = document.querySelector('.map-page');
    page.style.setProperty('--above', page.getBoundingClientRect().top + window.scrollY + 'px');
    if (map) map.invalidateSize({ animate: false });
  }

  measure();
  window.addEventListener('resize', measure);
  if (window.ResizeObserver) new ResizeObserver(() => map && map.invalidateSize({ animate: false })).observe(byId('map'));
  window.HarbourMap = {
    motion: motion, begin: begin, sheet: sheet, keepWithin: keepWithin, place: L.latLng, air: AIR, station: station, town: town, open: open,
    words: words, element: element, shape: shape, fill: fill, say: say, button: button, openPopup: openPopup,
    shorten: shorten, widthOf: widthOf, spread: spread,
    showAll: showAll, showing: (from) => { opener = from; },
  };
})();
