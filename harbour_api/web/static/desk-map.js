/* The managers' layer: visits as circles over time, by station or by town. The page brings figures and names
 * (#map-figures), Folium's script brings places.
 * One rule: nothing recorded (null) is never drawn, counted or spoken as 0. */
(function () {
  'use strict';

  const map = window.HarbourMap;
  const words = map.words;
  const figures = JSON.parse(document.getElementById('map-figures').textContent);
  const SHADES = ['#fde725', '#5ec962', '#21918c', '#3b528b', '#440154']; // viridis: told apart by every kind of sight
  const MIDDLE = 2; // the shade where there is one class only
  const DARK_FROM = 3; // shades from here on carry white figures
  const MANY = 500; // past so many stations circles are dots on one canvas: a button each would stall a phone
  const LARGEST = { few: 48, many: 24 }; // diameter in pixels of the largest figure
  const SMALLEST = { few: 14, many: 6 };
  const TARGET = 30; // the least a finger is given; 48 would cover the neighbours
  const units = { station: unit('station'), town: unit('town') };
  const rows = []; // table cells of station i for the period shown
  const last = words.periods.length - 1;
  let chosen = 'station';
  let period = last;
  let board = null;
  let canvas = null;

  function unit(kind) {
    return Object.assign({ points: [], markers: [] }, figures[kind]);
  }

  const size = () => (units.station.points.length > MANY && chosen === 'station' ? 'many' : 'few');

  /* ---- taking in places: called by Folium's script ---- */

  function visitsOf(feature, latlng) {
    const { i, t, p, b } = feature.properties;
    units.station.points[i] = { latlng: latlng, town: t, broken: b, unplaced: !p };
    return null;
  }

  function visitsIn(feature, latlng) {
    const { t, n } = feature.properties;
    units.town.points[t] = { latlng: latlng, stations: n };
    return null;
  }

  function openDesk(newMap) {
    board = newMap;
    if (!isSame()) {
      map.say(words.changed);
      return;
    }
    document.querySelectorAll('.map-with-script').forEach((node) => (node.hidden = false));
    document.querySelectorAll('.map-table tbody tr').forEach((row) => (rows[row.id.slice(1)] = row));
    const slider = document.getElementById('map-period');
    period = latestRecorded();
    slider.value = period;
    slider.addEventListener('input', () => turnTo(Number(slider.value)));
    document.querySelectorAll('[name="map-unit"]').forEach((radio) => radio.addEventListener('change', () => choose(radio)));
    document.getElementById('map-all').addEventListener('click', map.showAll);
    document.addEventListener('click', followName);
    draw();
    turnTo(period);
    board.invalidateSize({ animate: false }); // the legend has taken its room by now
    map.showAll();
    board.on('zoomend', spreadTowns);
    spreadTowns();
  }

  /* A station that came or went between the page and its script would shift all others. */
  function isSame() {
    return units.station.points.length === figures.names.length && units.town.points.length === figures.towns.length;
  }

  /* The page opens on the latest period of which anything is known, not on a week that nobody has logged yet. */
  function latestRecorded() {
    const known = (at) => units.station.counts.some((row) => typeof row[at] === 'number');
    for (let at = last; at > 0; at -= 1) if (known(at)) return at;
    return last;
  }

  /* ---- words ---- */

  /* A period that has only begun says so: it is not to be read as a drop. */
  function periodName() {
    const name = words.periods[period];
    return period === last ? map.fill(words.soFar, { period: name }) : name;
  }

  function nameOf(index) {
    return chosen === 'station' ? figures.names[index] : figures.towns[index];
  }

  function spoken(count) {
    return count === null ? words.none : map.fill(words.visits, { n: count });
  }

  /* What wants doing at a station. */
  function alarmsOf(index) {
    if (chosen === 'town') return [];
    const broken = units.station.points[index].broken;
    const reports = figures.reports[index];
    return [
      broken ? map.fill(words.broken, { n: broken }) : '', reports ? map.fill(words.reports, { n: reports }) : '',
    ].filter(Boolean);
  }

  /* What one must know to read the figure. */
  function notesOf(index) {
    const point = units[chosen].points[index];
    const notes = chosen === 'town'
      ? [map.fill(words.reporting, { n: point.stations, k: units.town.reporting[index][period] })]
      : [point.unplaced ? words.unplaced : ''];
    return notes.concat(hasSamples(index) ? words.sample : '').filter(Boolean);
  }

  function hasSamples(index) {
    if (chosen === 'station') return figures.samples[index];
    return units.station.points.some((point, i) => point.town === index && figures.samples[i]);
  }

  function labelOf(index) {
    return [nameOf(index), spoken(countOf(index))].concat(alarmsOf(index), notesOf(index)).join(' · ');
  }

  /* ---- circles ---- */

  function countOf(index) {
    return units[chosen].counts[index][period];
  }

  function diameter(count) {
    if (!count) return count === 0 ? SMALLEST[size()] + 4 : SMALLEST[size()];
    return Math.max(SMALLEST[size()], Math.round(LARGEST[size()] * Math.sqrt(count / units[chosen].most)));
  }

  /* Spread the classes there are over the whole range of shades. */
  function shadeOf(count) {
    const breaks = units[chosen].breaks;
    const step = breaks.filter((bound) => count >= bound).length;
    return breaks.length ? Math.round((step * (SHADES.length - 1)) / breaks.length) : MIDDLE;
  }

  /* How a figure looks, wherever it is drawn: as a button, on a canvas or in a saved picture. */
  function looksOf(count, point) {
    const across = diameter(count);
    const shade = count ? shadeOf(count) : 0;
    const fits = across >= 8 + 7 * String(count).length; // else its popup and the table say it
    return {
      across: across, broken: point.broken > 0, unplaced: Boolean(point.unplaced), none: count === null,
      fill: count ? SHADES[shade] : '#fffdf8', ink: count && shade >= DARK_FROM ? '#ffffff' : '#1b1a17',
      text: count !== null && fits ? String(count) : '',
    };
  }

  function draw() {
    Object.keys(units).forEach((kind) => units[kind].markers.forEach((marker) => marker.remove()));
    const shown = units[chosen];
    canvas = size() === 'many' ? canvas || L.canvas({ padding: 0.3 }) : null;
    shown.markers = shown.points.map((point, index) => (canvas ? dotOf(index) : markerOf(index)));
    drawLegend();
    spreadTowns();
  }

  function markerOf(index) {
    const point = units[chosen].points[index];
    const marker = L.marker(point.latlng, { icon: iconOf(index), riseOnHover: true }).addTo(board);
    marker.on('click', () => show(index));
    return Object.assign(marker, { home: point.latlng }, roomFor(index));
  }

  function dotOf(index) {
    const dot = L.circleMarker(units[chosen].points[index].latlng, Object.assign({ renderer: canvas }, dotStyle(index)));
    return dot.on('click', () => show(index)).addTo(board);
  }

  function dotStyle(index) {
    const looks = looksOf(countOf(index), units[chosen].points[index]);
    return {
      radius: looks.across / 2, fillColor: looks.fill, fillOpacity: looks.none ? 0 : 0.85, weight: looks.broken ? 2.5 : 1,
      color: looks.broken ? '#d55e00' : '#1b1a17', dashArray: looks.none || looks.unplaced ? '2 2' : null,
    };
  }

  /* What a circle may come to need over all periods, so that moving the slider moves no circle. */
  function roomFor(index) {
    const widest = Math.max(TARGET, ...units[chosen].counts[index].map(diameter));
    return chosen === 'town' ? { width: Math.max(widest, map.widthOf(map.shorten(nameOf(index)))), height: widest + 16 } : {};
  }

  /* Towns are few and may step aside for each other; stations stay where they are. */
  function spreadTowns() {
    if (chosen === 'town') map.spread(units.town.markers);
  }

  function turnTo(newPeriod) {
    period = newPeriod;
    const label = periodName();
    document.getElementById('map-period-name').textContent = words.periods[period];
    document.getElementById('map-period').setAttribute('aria-valuetext', label);
    units[chosen].markers.forEach((marker, index) => repaint(marker, index));
    rows.forEach((row, i) => fillRow(row, units.station.counts[i][period]));
    announce(label);
  }

  function repaint(marker, index) {
    if (canvas) {
      marker.setStyle(dotStyle(index)); // its radius with the rest
      return;
    }
    marker.setIcon(iconOf(index));
    const above = units[chosen].points[index].broken ? 10000 : 0; // what is broken above all, then the small ones
    marker.setZIndexOffset(above - Math.round(diameter(countOf(index)) * 100));
  }

  function fillRow(row, count) {
    row.querySelector('.map-now').textContent = count === null ? '—' : count;
    row.dataset.now = count === null ? -1 : count;
  }

  function announce(label) {
    const known = units.station.counts.map((row) => row[period]).filter((figure) => figure !== null);
    const total = known.reduce((sum, figure) => sum + figure, 0);
    const missing = figures.names.length - known.length;
    map.say(map.fill(words.status, { period: label, n: total, k: known.length, missing: missing }));
  }

  function iconOf(index) {
    const count = countOf(index);
    const target = Math.max(diameter(count), TARGET);
    const below = chosen === 'town' ? [map.element('span', 'map-town-name', map.shorten(nameOf(index)))] : [];
    return map.button({
      className: 'map-circle', width: target, height: target, left: target / 2, top: target / 2,
      label: labelOf(index), content: [disc(looksOf(count, units[chosen].points[index]))].concat(below),
    });
  }

  function disc(looks) {
    const made = map.element('span', 'map-disc', looks.text);
    made.style.width = made.style.height = looks.across + 'px';
    made.style.background = looks.fill;
    made.style.color = looks.ink;
    if (looks.broken) made.classList.add('map-broken');
    if (looks.unplaced) made.classList.add('map-unplaced');
    if (looks.none) made.classList.add('map-none');
    return made;
  }

  /* ---- one circle's popup ---- */

  function show(index) {
    map.showing(document.activeElement);
    const box = map.element('div');
    box.appendChild(map.element('h3', 'map-name', nameOf(index)));
    box.appendChild(map.element('p', '', periodName() + ' · ' + spoken(countOf(index))));
    box.appendChild(spark(units[chosen].counts[index]));
    alarmsOf(index).forEach((alarm) => box.appendChild(map.element('p', 'map-alarm', '▲ ' + alarm)));
    notesOf(index).forEach((note) => box.appendChild(map.element('p', '', note)));
    if (chosen === 'station') box.appendChild(deskLink(figures.codes[index]));
    map.openPopup(units[chosen].markers[index].getLatLng(), box, 6);
  }

  function deskLink(code) {
    const link = map.element('a', 'map-button', words.desk);
    link.href = words.deskAddress.replace('CODE', encodeURIComponent(code));
    return link;
  }

  /* A line through what was recorded; it breaks where nothing was. */
  function spark(counts) {
    const width = 220;
    const height = 48;
    const top = Math.max(1, ...counts.filter((figure) => figure !== null));
    const x = (at) => 5 + (at * (width - 10)) / Math.max(1, counts.length - 1);
    const y = (figure) => height - 6 - ((height - 12) * figure) / top;
    const text = counts.map((figure, at) => words.periods[at] + ' ' + spoken(figure)).join('；');
    const drawing = map.shape('svg', {
      class: 'map-spark', viewBox: '0 0 ' + width + ' ' + height, width: width, height: height, role: 'img',
      'aria-label': map.fill(words.trend, { figures: text }),
    });
    map.shape('path', { d: lineOf(counts, x, y) }, drawing);
    counts.forEach((figure, at) => mark(drawing, figure, x(at), figure === null ? height - 6 : y(figure), at === period));
    return drawing;
  }

  function lineOf(counts, x, y) {
    return counts
      .map((figure, at) => (figure === null ? '' : (at && counts[at - 1] !== null ? 'L' : 'M') + x(at) + ' ' + y(figure)))
      .join('') || 'M0 0';
  }

  function mark(drawing, figure, x, y, now) {
    const name = now ? 'map-now' : 'map-dot';
    if (figure === null) map.shape('path', { class: 'map-gap ' + name, d: 'M' + (x - 4) + ' ' + y + 'h8' }, drawing);
    else map.shape('circle', { class: name, cx: x, cy: y, r: now ? 4.5 : 2 }, drawing);
  }

  /* ---- around the map ---- */

  function choose(radio) {
    board.closePopup();
    chosen = radio.value;
    draw();
    turnTo(period);
  }

  function followName(event) {
    const link = event.target.closest('[data-show]');
    if (!link) return;
    event.preventDefault();
    link.focus({ preventScroll: true });
    if (chosen !== 'station') document.querySelector('[name="map-unit"][value="station"]').click();
    show(Number(link.dataset.show));
    board.getContainer().scrollIntoView({ block: 'nearest' });
  }

  function drawLegend() {
    const legend = document.getElementById('map-legend');
    while (legend.firstChild) legend.removeChild(legend.firstChild);
    const list = map.element('ul');
    list.setAttribute('aria-label', words.legend);
    legend.appendChild(list);
    samples().forEach((sample) => {
      const item = map.element('li');
      const box = map.element('span', 'map-circle');
      box.setAttribute('aria-hidden', 'true');
      box.appendChild(disc(sample.looks));
      item.appendChild(box);
      item.appendChild(map.element('span', '', sample.text));
      list.appendChild(item);
    });
  }

  function samples() {
    const lows = [1].concat(units[chosen].breaks);
    const sample = (text, count, point) => ({ text: text, looks: Object.assign(looksOf(count, point || {}), { text: '' }) });
    const shades = lows.map((low, step) => sample(classText(low, lows[step + 1]), low));
    const rest = [sample(words.zero, 0), sample(words.none, null)];
    rest[0].looks.text = size() === 'few' ? '0' : '';
    if (chosen === 'town') return shades.concat(rest);
    return shades.concat(rest, [sample(words.ring, 0, { broken: 1 }), sample(words.dots, 0, { unplaced: true })]);
  }

  function classText(low, next) {
    if (next === undefined) return map.fill(words.above, { from: low });
    return next - 1 > low ? map.fill(words.range, { from: low, to: next - 1 }) : map.fill(words.visits, { n: low });
  }

  /* What is drawn at present, for a picture of it: where, how it looks, and what it is called. */
  function scene() {
    const shown = units[chosen];
    return {
      board: board, heading: [periodName(), words.audience, chosen === 'town' ? words.byTown : words.byStation], legend: samples(),
      marks: shown.markers.map((marker, index) => ({
        at: board.latLngToContainerPoint(marker.getLatLng()), looks: looksOf(countOf(index), shown.points[index]),
        label: labelOf(index), below: chosen === 'town' ? map.shorten(nameOf(index)) : '',
      })).sort((one, other) => one.looks.broken - other.looks.broken || other.looks.across - one.looks.across),
    };
  }

  Object.assign(map, { visitsOf: visitsOf, visitsIn: visitsIn, openDesk: openDesk, scene: scene });
})();
