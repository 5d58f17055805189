/* Where a station is: the phone's own position, waited for until it is good enough, and a pin on the map.
 * One rule: nothing is saved from here. Both only fill in a form, whose answer shows how far the place lies away. */
(function () {
  'use strict';

  const PATIENCE_MS = 20000;
  const CLOSE_ZOOM = 16;
  const SCHEMATIC_ZOOM = 12.5; // nearer it has nothing to tell by
  const map = window.HarbourMap;
  const byId = (id) => document.getElementById(id);
  const towns = Array.from(byId('place-towns').children).map((item) => item.textContent);
  let pin = null;

  /* ---- at the door ---- */

  function fillIn(form, latitude, longitude) {
    form.elements.lat.value = latitude.toFixed(7);
    form.elements.lon.value = longitude.toFixed(7);
  }

  function watch(button, form) {
    const says = byId('place-says');
    const bound = Number(button.dataset.bound);
    let best = null;
    let patience = 0;
    let watching = 0;

    function stop(text) {
      clearTimeout(patience);
      navigator.geolocation.clearWatch(watching);
      button.disabled = false;
      says.textContent = text;
    }

    function found(position) {
      const accuracy = Math.ceil(position.coords.accuracy);
      best = best === null ? accuracy : Math.min(best, accuracy);
      says.textContent = map.fill(button.dataset.busy, { n: accuracy });
      if (accuracy > bound) return;
      stop(map.fill(button.dataset.busy, { n: accuracy }));
      fillIn(form, position.coords.latitude, position.coords.longitude);
      form.elements.accuracy_m.value = accuracy;
      form.submit();
    }

    function giveUp() {
      stop(best === null ? button.dataset.failed : map.fill(button.dataset.poor, { n: best, bound: bound }));
    }

    button.disabled = true;
    says.textContent = button.dataset.start;
    patience = setTimeout(giveUp, PATIENCE_MS);
    const options = { enableHighAccuracy: true, maximumAge: 0, timeout: PATIENCE_MS };
    watching = navigator.geolocation.watchPosition(found, (error) => { if (error.code === 1) giveUp(); }, options);
  }

  function joinPhone() {
    const form = byId('place-device');
    if (!form || !navigator.geolocation) return;
    form.hidden = false;
    byId('place-here').addEventListener('click', (event) => watch(event.currentTarget, form));
  }

  /* ---- on the map: called by Folium's script ---- */

  function townLettering(feature, latlng) {
    const icon = L.divIcon({ className: 'map-lettering', html: map.element('span', '', map.shorten(towns[feature.properties.t])), iconSize: [96, 20] });
    return L.marker(latlng, { icon: icon, interactive: false, keyboard: false });
  }

  function drawing() {
    const svg = map.shape('svg', { viewBox: '0 0 28 36', width: 36, height: 46, 'aria-hidden': 'true' });
    map.shape('path', { class: 'map-pin', d: 'M14 1.5C7 1.5 1.5 7 1.5 13.8 1.5 23.2 14 34.5 14 34.5s12.5-11.3 12.5-20.7C26.5 7 21 1.5 14 1.5z' }, svg);
    map.shape('circle', { class: 'map-pin-eye', cx: 14, cy: 13.8, r: 4.6 }, svg);
    return svg;
  }

  function placePin(_, latlng) {
    const icon = map.button({ className: 'map-station place-pin', width: 48, height: 48, left: 24, top: 46, label: map.words.pin, content: [drawing()] });
    pin = L.marker(latlng, { icon: icon, draggable: true, autoPan: true });
    pin.on('dragend', moved);
    return pin;
  }

  function moved() {
    const form = byId('place-pin');
    const at = pin.getLatLng();
    fillIn(form, at.lat, at.lng);
    form.querySelector('button').disabled = false;
    map.say(map.words.moved);
  }

  function openPlace(board) {
    const proposed = byId('place-save');
    byId('place-pin').hidden = false;
    board.on('click', (event) => { pin.setLatLng(event.latlng); moved(); });
    map.showAll();
    board.setView(pin.getLatLng(), map.words.tiles ? CLOSE_ZOOM : SCHEMATIC_ZOOM, { animate: false });
    if (!proposed) return;
    pin.setLatLng([Number(proposed.dataset.lat), Number(proposed.dataset.lon)]);
    board.panTo(pin.getLatLng(), { animate: false });
  }

  joinPhone();
  Object.assign(map, { townLettering: townLettering, placePin: placePin, openPlace: openPlace });
})();
