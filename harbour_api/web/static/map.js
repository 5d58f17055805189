/* The map's hand, on every page that has a map: what Folium's script calls to begin one, and what draws on it.
 * One rule: the map's script brings numbers only. Every word is cloned from the page or set as text, never as HTML.
 * Fixed words come from the JSON block #map-words. */
(function () {
  'use strict';

  const words = JSON.parse(document.getElementById('map-words').textContent);
  const motion = !matchMedia('(prefers-reduced-motion: reduce)').matches;
  const TIGHT = 320; // in a narrower frame, six bubbles in a row need to be slimmer
  const BUBBLE = { width: innerWidth < TIGHT ? 44 : 52, height: 52, middle: 20, han: 13, latin: 7.2 }; // a town's circle, its name below; widths
  const AIR = { paddingTopLeft: [50, 30], paddingBottomRight: [50, 36] }; // room for what stands on an outermost point
  const WHOLE_ZOOM = 11; // a single station is still seen within its city
  const CONTROLS = 112; // height of what stands at the map's lower edge: a popup stays above it
  let map = null;
  let view = null;
  let opener = null;

  const byId = (id) => document.getElementById(id);

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

  /* A name without its rank, for want of room; screen readers get the whole one. */
  function shorten(name) {
    const suffix = words.townSuffixes.find((end) => name.endsWith(end)) || '';
    return name.slice(0, name.length - suffix.length);
  }

  function widthOf(name) {
    return Math.max(BUBBLE.width, 8 + name.length * (/[a-z]/i.test(name) ? BUBBLE.latin : BUBBLE.han));
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

  /* A number says how close at most; as a listener it is called with an event. */
  function showAll(closest) {
    const zoom = typeof closest === 'number' ? closest : WHOLE_ZOOM;
    map.fitBounds(view, Object.assign({ animate: false, maxZoom: zoom }, AIR));
  }

  /* ---- a popup ---- */

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
    motion: motion, begin: begin, sheet: sheet, keepWithin: keepWithin, place: L.latLng, air: AIR, bubble: BUBBLE,
    words: words, element: element, shape: shape, fill: fill, say: say, button: button, lettering: lettering,
    openPopup: openPopup, shorten: shorten, widthOf: widthOf, spread: spread,
    showAll: showAll, showing: (from) => { opener = from; },
  };
})();
