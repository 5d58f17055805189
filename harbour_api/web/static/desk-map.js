/* The managers' layer: visits as circles over time, by station or by town.
 * One rule: nothing recorded (null) is never drawn, counted or spoken as 0. */
(function () {
  'use strict';

  const map = window.HarbourMap;
  const words = map.words;
  const SHADES = ['#fde725', '#5ec962', '#21918c', '#3b528b', '#440154']; // viridis: told apart by every kind of sight
  const MIDDLE = 2; // the shade where there is one class only
  const DARK_FROM = 3; // shades from here on carry white figures
  const LARGEST = 48; // diameter in pixels of the largest figure
  const SMALLEST = 14;
  const TARGET = 30; // the least a finger is given; 48 would cover the neighbours
  const units = { station: unit(), town: unit() };
  const rows = []; // table cells of station i for the period shown
  let chosen = 'station';
  const last = words.periods.length - 1;
  let period = last;
  let board = null;

  function unit() {
    return { points: [], counts: [], breaks: [], most: 1, markers: [] };
  }

  /* ---- taking in figures: called by Folium's script ---- */

  function visitsOf(feature, latlng) {
    const { i, t, b } = feature.properties;
    units.station.points[i] = { latlng: latlng, town: t, broken: b };
    return null;
  }

  function visitsIn(feature, latlng) {
    const { t, n } = feature.properties;
    units.town.points[t] = { latlng: latlng, stations: n };
    return null;
  }

  function stationVisits(_, figures) {
    Object.assign(units.station, figures);
  }

  function townVisits(_, figures) {
    Object.assign(units.town, figures);
  }

  function openDesk(newMap) {
    board = newMap;
    document.querySelectorAll('.map-with-script').forEach((node) => (node.hidden = false));
    units.station.points.forEach((_, i) => (rows[i] = document.querySelector('#r' + i + ' .map-now')));
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

  /* The page opens on the latest period of which anything is known, not on a week that nobody has logged yet. */
  function latestRecorded() {
    const known = (at) => units.station.counts.some((row) => typeof row[at] === 'number');
    for (let at = last; at > 0; at -= 1) if (known(at)) return at;
    return Math.max(last, 0);
  }

  /* ---- words ---- */

  /* A week that has only begun says so: it is not to be read as a drop. */
  function periodName() {
    const name = words.periods[period] || '';
    return period === last ? map.fill(words.soFar, { period: name }) : name;
  }

  function nameOf(index) {
    if (chosen === 'station') return document.querySelector('#r' + index + ' .map-name').textContent;
    const member = units.station.points.findIndex((point) => point.town === index);
    return document.querySelector('#r' + member + ' .map-home').textContent;
  }

  function spoken(count) {
    return count === null || count === undefined ? words.none : map.fill(words.visits, { n: count });
  }

  function detailOf(index) {
    const point = units[chosen].points[index];
    if (chosen === 'station') return point.broken ? map.fill(words.broken, { n: point.broken }) : '';
    const recorded = (units.town.reporting[index] || [])[period] || 0;
    return map.fill(words.reporting, { n: point.stations, k: recorded });
  }

  /* ---- circles ---- */

  function draw() {
    Object.keys(units).forEach((kind) => units[kind].markers.forEach((marker) => marker.remove()));
    const shown = units[chosen];
    shown.markers = shown.points.map((point, index) => {
      const marker = L.marker(point.latlng, { icon: iconOf(index), riseOnHover: true }).addTo(board);
      marker.on('click', () => show(index));
      return Object.assign(marker, { home: point.latlng }, roomFor(index));
    });
    drawLegend();
    spreadTowns();
  }

  /* What a circle may come to need over all periods, so that moving the slider moves no circle. */
  function roomFor(index) {
    const size = Math.max(TARGET, ...units[chosen].counts[index].map(diameter));
    return chosen === 'town' ? { width: Math.max(size, map.widthOf(map.shorten(nameOf(index)))), height: size + 16 } : {};
  }

  /* Towns are few and may step aside for each other; stations stay where they are. */
  function spreadTowns() {
    if (chosen === 'town') map.spread(units.town.markers);
  }

  function turnTo(newPeriod) {
    period = newPeriod;
    const label = periodName();
    document.getElementById('map-period-name').textContent = words.periods[period] || '';
    document.getElementById('map-period').setAttribute('aria-valuetext', label);
    units[chosen].markers.forEach((marker, index) => repaint(marker, index));
    rows.forEach((cell, i) => cell && fillCell(cell, units.station.counts[i][period]));
    announce(label);
  }

  function repaint(marker, index) {
    marker.setIcon(iconOf(index));
    marker.setZIndexOffset(-Math.round(diameter(units[chosen].counts[index][period]) * 100)); // small ones on top
  }

  function fillCell(cell, count) {
    cell.textContent = count === null || count === undefined ? '—' : count;
  }

  function announce(label) {
    const figures = units.station.counts.map((row) => row[period]);
    const known = figures.filter((figure) => typeof figure === 'number');
    const total = known.reduce((sum, figure) => sum + figure, 0);
    const missing = figures.length - known.length;
    map.say(map.fill(words.status, { period: label, n: total, k: known.length, missing: missing }));
  }

  function diameter(count) {
    if (!count) return count === 0 ? SMALLEST + 4 : SMALLEST;
    return Math.max(SMALLEST, Math.round(LARGEST * Math.sqrt(count / units[chosen].most)));
  }

  function iconOf(index) {
    const count = units[chosen].counts[index][period];
    const size = diameter(count);
    const target = Math.max(size, TARGET);
    const label = [nameOf(index), spoken(count), detailOf(index)].filter(Boolean).join(' · ');
    const disc = circle(count, size, units[chosen].points[index].broken > 0);
    const below = chosen === 'town' ? [map.element('span', 'map-town-name', map.shorten(nameOf(index)))] : [];
    return map.button({
      className: 'map-circle', width: target, height: target, left: target / 2, top: target / 2,
      label: label, content: [disc].concat(below),
    });
  }

  function circle(count, size, broken) {
    const disc = map.element('span', 'map-disc');
    disc.style.width = disc.style.height = size + 'px';
    if (broken) disc.classList.add('map-broken');
    if (count) paint(disc, count, size);
    else if (count === 0) { disc.classList.add('map-zero'); disc.textContent = '0'; }
    else disc.classList.add('map-none');
    return disc;
  }

  function paint(disc, count, size) {
    const shade = shadeOf(count);
    disc.style.background = SHADES[shade];
    disc.style.color = shade >= DARK_FROM ? '#fff' : '#1b1a17';
    if (size >= 8 + 7 * String(count).length) disc.textContent = count; // else its popup and the table say it
  }

  /* Spread the classes there are over the whole range of shades. */
  function shadeOf(count) {
    const breaks = units[chosen].breaks;
    const step = breaks.filter((bound) => count >= bound).length;
    return breaks.length ? Math.round((step * (SHADES.length - 1)) / breaks.length) : MIDDLE;
  }

  /* ---- one circle's popup ---- */

  function show(index) {
    map.showing(document.activeElement);
    const box = map.element('div');
    const title = map.element('h3', 'map-name', nameOf(index));
    const figure = map.element('p', '', periodName() + ' · ' + spoken(units[chosen].counts[index][period]));
    box.appendChild(title);
    box.appendChild(figure);
    box.appendChild(spark(units[chosen].counts[index]));
    const detail = detailOf(index);
    const alarm = chosen === 'station' ? 'map-alarm' : '';
    if (detail) box.appendChild(map.element('p', alarm, (alarm ? '▲ ' : '') + detail));
    map.openPopup(units[chosen].markers[index].getLatLng(), box, 6);
  }

  /* A line through what was recorded; it breaks where nothing was. */
  function spark(figures) {
    const width = 220;
    const height = 48;
    const top = Math.max(1, ...figures.filter((figure) => figure !== null));
    const x = (at) => 5 + (at * (width - 10)) / Math.max(1, figures.length - 1);
    const y = (figure) => height - 6 - ((height - 12) * figure) / top;
    const text = figures.map((figure, at) => words.periods[at] + ' ' + spoken(figure)).join('；');
    const drawing = map.shape('svg', {
      class: 'map-spark', viewBox: '0 0 ' + width + ' ' + height, width: width, height: height, role: 'img',
      'aria-label': map.fill(words.trend, { figures: text }),
    });
    map.shape('path', { d: lineOf(figures, x, y) }, drawing);
    figures.forEach((figure, at) => dot(drawing, figure, x(at), figure === null ? height - 6 : y(figure), at === period));
    return drawing;
  }

  function lineOf(figures, x, y) {
    return figures
      .map((figure, at) => (figure === null ? '' : (at && figures[at - 1] !== null ? 'L' : 'M') + x(at) + ' ' + y(figure)))
      .join('') || 'M0 0';
  }

  function dot(drawing, figure, x, y, now) {
    const mark = now ? 'map-now' : 'map-dot';
    if (figure === null) map.shape('path', { class: 'map-gap ' + mark, d: 'M' + (x - 4) + ' ' + y + 'h8' }, drawing);
    else map.shape('circle', { class: mark, cx: x, cy: y, r: now ? 4.5 : 2 }, drawing);
  }

  /* ---- around the map ---- */

  function choose(radio) {
    chosen = radio.value;
    board.closePopup();
    draw();
    turnTo(period);
  }

  function followName(event) {
    const link = event.target.closest('[data-show]');
    if (!link) return;
    event.preventDefault();
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
    samples().forEach(([sample, text]) => {
      const item = map.element('li');
      const box = map.element('span', 'map-circle');
      box.setAttribute('aria-hidden', 'true');
      box.appendChild(sample);
      item.appendChild(box);
      item.appendChild(map.element('span', '', text));
      list.appendChild(item);
    });
  }

  function samples() {
    const shown = units[chosen];
    const lows = [1].concat(shown.breaks);
    const shades = lows.map((low, step) => {
      const next = lows[step + 1];
      return [swatch(low), classText(low, next)];
    });
    const ring = circle(0, SMALLEST, true);
    ring.textContent = '';
    const rest = [[circle(0, SMALLEST + 4, false), words.zero], [circle(null, SMALLEST, false), words.none]];
    return shades.concat(rest, chosen === 'station' ? [[ring, words.ring]] : []);
  }

  function classText(low, next) {
    if (next === undefined) return map.fill(words.above, { from: low });
    return next - 1 > low ? map.fill(words.range, { from: low, to: next - 1 }) : map.fill(words.visits, { n: low });
  }

  function swatch(count) {
    const disc = circle(count, diameter(count), false);
    disc.textContent = '';
    return disc;
  }

  Object.assign(map, {
    visitsOf: visitsOf, visitsIn: visitsIn, stationVisits: stationVisits, townVisits: townVisits, openDesk: openDesk,
  });
})();
