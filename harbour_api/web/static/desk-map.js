/* The managers' layer: visits as circles over time, by station or by town. The page brings figures and names
 * (#map-figures), Folium's script brings places.
 * One rule: what is shown is what the page's list of periods says; every figure of it is taken by `countOf`. */
(function () {
  'use strict';

  const map = window.HarbourMap;
  const { words, time, circles, popup } = map;
  const figures = JSON.parse(document.getElementById('map-figures').textContent);
  const MANY = 500; // as in maps/figures.py: past so many stations circles are dots on one canvas
  const TARGET = 30; // the least a finger is given; 48 would cover the neighbours
  const points = { station: [], town: [] };
  let markers = [];
  let rings = []; // around what is broken
  let drawn = ''; // which scale the markers are drawn by
  let board = null;
  let canvas = null;

  const isTown = () => time.by() === 'town';
  const layer = () => (time.isWhole() ? figures.whole : figures)[time.by()];
  const column = () => (time.isWhole() ? 0 : time.at());
  const countOf = (index) => layer().counts[index][column()];
  const nameOf = (index) => (isTown() ? figures.towns : figures.names)[index];
  const pointOf = (index) => points[time.by()][index];
  const looksOf = (index) => circles.looksOf(layer(), countOf(index), pointOf(index));

  /* ---- taking in places: called by Folium's script ---- */

  function visitsOf(feature, latlng) {
    const { i, t, p, b } = feature.properties;
    points.station[i] = { latlng: latlng, town: t, broken: b, unplaced: !p };
    return null;
  }

  function visitsIn(feature, latlng) {
    const { t, n } = feature.properties;
    points.town[t] = { latlng: latlng, stations: n };
    return null;
  }

  /* A station that came, went or moved to another town since the page was made would shift all others. */
  function openDesk(newMap, told) {
    board = newMap;
    if (told.roll !== figures.roll) {
      map.say(words.changed);
      return;
    }
    board.createPane('rings').style.zIndex = 620; // the circles have 600, popups 700
    joinPage();
    turn();
    board.invalidateSize({ animate: false }); // the legend has taken its room by now
    map.showAll();
    board.on('zoomend', spreadTowns);
    spreadTowns();
  }

  function joinPage() {
    document.querySelectorAll('.map-with-script').forEach((node) => (node.hidden = false));
    document.querySelectorAll('.map-without-script').forEach((node) => (node.hidden = true));
    document.getElementById('map-all').addEventListener('click', map.showAll);
    document.addEventListener('click', followName);
    time.begin(turn, () => {
      board.closePopup();
      turn();
    });
  }

  function followName(event) {
    const link = event.target.closest('[data-show]');
    if (!link) return;
    event.preventDefault();
    link.focus({ preventScroll: true });
    if (isTown()) byStations();
    show(Number(link.dataset.show));
    board.getContainer().scrollIntoView({ block: 'nearest' });
  }

  function byStations() {
    const list = document.getElementById('map-by');
    list.value = 'station';
    list.dispatchEvent(new Event('change'));
  }

  /* ---- words ---- */

  /* What wants doing at a station. */
  function alarmsOf(index) {
    if (isTown()) return [];
    const broken = pointOf(index).broken;
    const reports = figures.reports[index];
    return [
      broken ? map.fill(words.broken, { n: broken }) : '', reports ? map.fill(words.reports, { n: reports }) : '',
    ].filter(Boolean);
  }

  /* What one must know to read the figure. */
  function notesOf(index) {
    const point = pointOf(index);
    const notes = isTown()
      ? [map.fill(words.reporting, { n: point.stations, k: layer().reporting[index][column()] })]
      : [point.unplaced ? words.unplaced : ''];
    return notes.concat(hasSamples(index) ? words.sample : '').filter(Boolean);
  }

  function hasSamples(index) {
    if (!isTown()) return figures.samples[index];
    return points.station.some((point, i) => point.town === index && figures.samples[i]);
  }

  function labelOf(index) {
    return [nameOf(index), popup.spoken(countOf(index))].concat(alarmsOf(index), notesOf(index)).join(' · ');
  }

  function show(index) {
    const told = {
      name: nameOf(index), now: countOf(index), counts: figures[time.by()].counts[index], at: time.at(),
      alarms: alarmsOf(index), notes: notesOf(index), code: isTown() ? '' : figures.codes[index],
    };
    map.showing(document.activeElement);
    map.openPopup(markers[index].getLatLng(), popup.content(told), 6);
  }

  /* ---- circles ---- */

  function turn() {
    const scale = time.by() + time.isWhole();
    if (scale === drawn) repaintAll();
    else draw();
    drawn = scale;
    showLegend();
    fillTables();
    announce();
  }

  function draw() {
    markers.concat(rings).forEach((layer) => layer.remove());
    const shown = points[time.by()];
    canvas = shown.length > MANY ? canvas || L.canvas({ padding: 0.3 }) : null;
    markers = shown.map((point, index) => (canvas ? dotOf(index) : markerOf(index)));
    rings = [];
    shown.forEach((point, index) => point.broken && rings.push(ringOf(index)));
    repaintAll();
    spreadTowns();
  }

  function markerOf(index) {
    const latlng = pointOf(index).latlng;
    const marker = L.marker(latlng, { icon: iconOf(index), riseOnHover: true }).addTo(board);
    marker.on('click', () => show(index));
    return Object.assign(marker, { home: latlng }, roomFor(index));
  }

  function dotOf(index) {
    const dot = L.circleMarker(pointOf(index).latlng, { renderer: canvas });
    return dot.on('click', () => show(index)).addTo(board);
  }

  function ringOf(index) {
    const where = canvas ? { renderer: canvas } : { pane: 'rings' };
    const ring = L.circleMarker(pointOf(index).latlng, Object.assign({ interactive: false, fill: false, opacity: 1 }, where));
    return Object.assign(ring.addTo(board), { index: index });
  }

  /* What a circle may come to need over all periods, so that moving the slider moves no circle. */
  function roomFor(index) {
    const widest = Math.max(TARGET, ...layer().counts[index].map((count) => circles.across(layer(), count)));
    return isTown() ? { width: Math.max(widest, map.widthOf(map.shorten(nameOf(index)))), height: widest + 16 } : {};
  }

  /* Towns are few and may step aside for each other; stations stay where they are. */
  function spreadTowns() {
    if (isTown()) map.spread(markers);
  }

  /* The large ones undermost, so that the small ones are seen and tapped; then the rings, so that none is hidden. */
  function repaintAll() {
    markers.forEach(repaint);
    rings.forEach((ring) => ring.setStyle(circles.ringOnMap(looksOf(ring.index), canvas))); // its radius with the rest
    if (canvas) bySize().map((index) => markers[index]).concat(rings).forEach((dot) => dot.bringToFront());
  }

  function repaint(marker, index) {
    if (canvas) {
      marker.setStyle(circles.onCanvas(looksOf(index)));
      return;
    }
    marker.setIcon(iconOf(index));
    marker.setZIndexOffset(-100 * looksOf(index).across);
  }

  function bySize() {
    const sizes = markers.map((_, index) => looksOf(index).across);
    return sizes.map((_, index) => index).sort((one, other) => sizes[other] - sizes[one]);
  }

  function iconOf(index) {
    const looks = looksOf(index);
    const target = Math.max(looks.across, TARGET);
    const below = isTown() ? [map.element('span', 'map-town-name', map.shorten(nameOf(index)))] : [];
    return map.button({
      className: 'map-circle', width: target, height: target, left: target / 2, top: target / 2,
      label: labelOf(index), content: [circles.inButton(looks)].concat(below),
    });
  }

  /* ---- around the map ---- */

  function showLegend() {
    document.querySelectorAll('#map-legend ul').forEach((list) => {
      list.hidden = list.dataset.scale !== time.by() + (time.isWhole() ? '-whole' : '');
    });
  }

  function fillTables() {
    const now = time.isWhole() ? figures.whole : figures;
    document.querySelectorAll('.map-table [data-i]').forEach((row) => {
      const count = now[row.dataset.kind].counts[row.dataset.i][column()];
      row.querySelector('.map-now').textContent = count === null ? '—' : count;
      row.dataset.now = count === null ? -1 : count;
      const known = row.querySelector('.map-known');
      if (known) known.textContent = now.town.reporting[row.dataset.i][column()];
    });
  }

  function announce() {
    const rows = (time.isWhole() ? figures.whole : figures).station.counts;
    const known = rows.map((row) => row[column()]).filter((figure) => figure !== null);
    const total = known.reduce((sum, figure) => sum + figure, 0);
    const period = words.periods[time.at()];
    map.say(map.fill(words.status, { period: period, n: total, k: known.length, missing: rows.length - known.length }));
    document.querySelectorAll('.map-now-name').forEach((name) => (name.textContent = words.dates[time.at()]));
  }

  /* What is drawn at present, for a picture of it: where, how it looks, and what it is called. */
  function scene() {
    return {
      board: board, heading: [words.dates[time.at()], words.audience, isTown() ? words.byTown : words.byStation],
      key: document.getElementById('map-at').value,
      marks: bySize().map((index) => ({
        at: board.latLngToContainerPoint(markers[index].getLatLng()), looks: looksOf(index), label: labelOf(index),
        below: isTown() ? map.shorten(nameOf(index)) : '',
      })),
    };
  }

  Object.assign(map, { visitsOf: visitsOf, visitsIn: visitsIn, openDesk: openDesk, scene: scene });
})();
