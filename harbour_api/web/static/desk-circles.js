/* How a figure of visits looks, wherever it is drawn: as a button, as a dot on a canvas, in a saved picture. The page
 * brings the scale; maps/figures.py draws by the same where there is no script.
 * One rule: nothing recorded (null) is never drawn as 0. */
(function () {
  'use strict';

  const map = window.HarbourMap;
  const INK = '#1b1a17';
  const BLANK = '#fffdf8'; // of a 0 and of nothing recorded
  const REPAIR = '#d55e00';

  function across(scale, count) {
    if (!count) return count === 0 ? scale.smallest + 4 : scale.smallest;
    return Math.max(scale.smallest, Math.round(scale.largest * Math.sqrt(count / scale.most)));
  }

  function looksOf(scale, count, point) {
    const size = across(scale, count);
    const shade = count ? scale.classes.filter((one) => count >= one.low).pop() : { fill: BLANK, ink: INK };
    const fits = size >= 8 + 7 * String(count).length; // else its popup and the table say it
    return {
      across: size, fill: shade.fill, ink: shade.ink, text: count !== null && fits ? String(count) : '',
      none: count === null, broken: point.broken > 0, unplaced: Boolean(point.unplaced),
    };
  }

  /* A circle around the origin, in attributes only, so that a picture can be made of it as it is. */
  function disc(looks) {
    const drawn = map.shape('g', {});
    const radius = looks.across / 2;
    map.shape('circle', { r: radius + 2.5, fill: '#fff' }, drawn);
    map.shape('circle', {
      r: radius, fill: looks.fill, stroke: INK, 'stroke-width': looks.none ? 2 : 1.5, 'stroke-dasharray': dashes(looks),
    }, drawn);
    if (looks.text) drawn.appendChild(figure(looks));
    return drawn;
  }

  const dashes = (looks) => (looks.none ? '4 3' : looks.unplaced ? '1.5 2' : 'none');

  function figure(looks) {
    const text = map.shape('text', { y: 4, 'font-size': 12, 'font-weight': 700, 'text-anchor': 'middle', fill: looks.ink });
    text.textContent = looks.text;
    return text;
  }

  /* Around what is broken, drawn when all circles are: none of them hides it. */
  const ring = (looks) => map.shape('circle', { r: looks.across / 2 + 4, fill: 'none', stroke: REPAIR, 'stroke-width': 4 });

  /* The same on the map, where a dot has a slimmer one. */
  function ringOnMap(looks, isDot) {
    return { radius: looks.across / 2 + (isDot ? 1.5 : 4), weight: isDot ? 2.5 : 4, color: REPAIR };
  }

  function inButton(looks) {
    const half = looks.across / 2;
    const box = { class: 'map-disc', width: looks.across, height: looks.across, 'aria-hidden': 'true' };
    const drawing = map.shape('svg', Object.assign(box, { viewBox: [-half, -half, looks.across, looks.across].join(' ') }));
    drawing.appendChild(disc(looks));
    return drawing;
  }

  function onCanvas(looks) {
    return {
      radius: looks.across / 2, fillColor: looks.fill, fillOpacity: looks.none ? 0 : 0.85, weight: 1, color: INK,
      dashArray: looks.none || looks.unplaced ? '2 2' : null,
    };
  }

  map.circles = {
    across: across, looksOf: looksOf, disc: disc, ring: ring, inButton: inButton, onCanvas: onCanvas, ringOnMap: ringOnMap,
  };
})();
