/* The map of who is near a station: gaps as areas, stations as small marks, towns as buttons, and what might open on top.
 * One rule: what is near and what is not was counted by the server, a digit for each point; nothing is measured here. */
(function () {
  'use strict';

  const map = window.HarbourMap;
  const words = map.words;
  const METRES_A_DEGREE = 111320;
  const AROUND = 0.024; // degrees on each side of a town's point: as far as its sample points lie
  const STAR = 'M12 1.5l3.1 6.9 7.4.8-5.5 5 1.5 7.3L12 17.8l-6.5 3.7L7 14.2l-5.5-5 7.4-.8z';
  const towns = [];
  let board = null;

  const row = (t) => document.getElementById('t' + t);
  const shareOf = (t) => row(t).parentNode.querySelector('.cover-share').textContent;

  /* One canvas for some thousand points: as elements of their own they would stall a cheap phone. */
  function samples(newMap, figures) {
    board = newMap;
    board.createPane('samples').style.zIndex = 410; // on the land
    board.createPane('stations').style.zIndex = 420;
    const canvas = L.canvas({ pane: 'samples', padding: 0.3 });
    const ink = getComputedStyle(board.getContainer());
    const area = (name, strength) => ({
      renderer: canvas, stroke: false, fillColor: ink.getPropertyValue(name).trim(), fillOpacity: strength, interactive: false,
    });
    const looks = [area('--near', 0.3), area('--gap', 0.65), area('--near', 1)]; // by digit; told apart in grey, too
    figures.points.forEach((at, index) => {
      L.rectangle(squareAround(at, figures.step), looks[words.near.charAt(index)]).addTo(board);
    });
  }

  function squareAround(at, metres) {
    const up = metres / 2 / METRES_A_DEGREE;
    const across = up / Math.cos((at[0] * Math.PI) / 180);
    return [[at[0] - up, at[1] - across], [at[0] + up, at[1] + across]];
  }

  function smallStation(feature, latlng) {
    const className = feature.properties.p ? 'cover-station' : 'cover-station cover-unsure';
    return L.circleMarker(latlng, { pane: 'stations', radius: 3, className: className, interactive: false });
  }

  function townShare(feature, latlng) {
    const t = feature.properties.t;
    const name = row(t).textContent;
    const short = map.shorten(name);
    const width = Math.max(40, 4 + short.length * (/[a-z]/i.test(short) ? 7.2 : 13));
    const icon = map.button({
      className: 'cover-town', width: width, height: 30, left: width / 2, top: -4,
      label: map.fill(words.townShare, { name: name, share: shareOf(t) }),
      content: [map.element('span', '', short), map.element('b', '', shareOf(t))],
    });
    const marker = L.marker(latlng, { icon: icon });
    marker.on('click', () => goTo(t));
    return (towns[t] = Object.assign(marker, { home: latlng, width: width, height: 30 }));
  }

  function goTo(t) {
    const at = towns[t].home;
    const around = L.latLngBounds([[at.lat - AROUND, at.lng - AROUND], [at.lat + AROUND, at.lng + AROUND]]);
    board.fitBounds(around, { animate: map.motion });
    map.say(map.fill(words.townShare, { name: row(t).textContent, share: shareOf(t) }));
  }

  function openCoverage() {
    document.querySelectorAll('.map-with-script').forEach((node) => (node.hidden = false));
    document.getElementById('map-all').addEventListener('click', map.showAll);
    towns.forEach((_, t) => linkRow(t));
    if (words.at) star(words.at);
    map.showAll();
    board.on('zoomend', () => map.spread(towns));
    map.spread(towns);
  }

  /* Without a script a town's name in the table leads nowhere, so it is no link. */
  function linkRow(t) {
    const link = map.element('a', '', row(t).textContent);
    link.href = '#map';
    link.addEventListener('click', (event) => {
      event.preventDefault();
      goTo(t);
      board.getContainer().scrollIntoView({ block: 'nearest' });
    });
    row(t).textContent = '';
    row(t).appendChild(link);
  }

  function star(at) {
    const svg = map.shape('svg', { viewBox: '0 0 24 24', width: 36, height: 36, 'aria-hidden': 'true' });
    map.shape('path', { class: 'cover-star', d: STAR }, svg);
    const icon = L.divIcon({ className: 'cover-point', html: svg, iconSize: [36, 36] });
    L.marker(at, { icon: icon, interactive: false, keyboard: false, zIndexOffset: 1000 }).addTo(board);
  }

  Object.assign(map, { samples: samples, smallStation: smallStation, townShare: townShare, openCoverage: openCoverage });
})();
