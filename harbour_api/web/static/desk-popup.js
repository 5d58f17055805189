/* One circle's popup on the managers' map: what it came to, how that went over time, and what is to be seen to.
 * One rule: a line breaks where nothing was recorded; it is never led through 0. */
(function () {
  'use strict';

  const map = window.HarbourMap;
  const words = map.words;
  const WIDE = 220;
  const HIGH = 48;

  function spoken(count) {
    return count === null ? words.none : map.fill(words.visits, { n: count });
  }

  /* `told`: name, now (the figure), counts (of all steps), at, alarms, notes, and the code where it is a station. */
  function content(told) {
    const box = map.element('div');
    box.appendChild(map.element('h3', 'map-name', told.name));
    box.appendChild(map.element('p', '', words.periods[told.at] + ' · ' + spoken(told.now)));
    box.appendChild(spark(told.counts, told.at));
    told.alarms.forEach((alarm) => box.appendChild(map.element('p', 'map-alarm', '▲ ' + alarm)));
    told.notes.forEach((note) => box.appendChild(map.element('p', '', note)));
    if (told.code) box.appendChild(deskLink(told.code));
    return box;
  }

  function deskLink(code) {
    const link = map.element('a', 'map-button', words.desk);
    link.href = words.deskAddress.replace('CODE', encodeURIComponent(code));
    return link;
  }

  function spark(counts, now) {
    const top = Math.max(1, ...counts.filter((figure) => figure !== null));
    const x = (at) => 5 + (at * (WIDE - 10)) / Math.max(1, counts.length - 1);
    const y = (figure) => HIGH - 6 - ((HIGH - 12) * figure) / top;
    const text = counts.map((figure, at) => words.periods[at] + ' ' + spoken(figure)).join('；');
    const drawing = map.shape('svg', {
      class: 'map-spark', viewBox: '0 0 ' + WIDE + ' ' + HIGH, width: WIDE, height: HIGH, role: 'img',
      'aria-label': map.fill(words.trend, { figures: text }),
    });
    map.shape('path', { d: lineOf(counts, x, y) }, drawing);
    counts.forEach((figure, at) => mark(drawing, figure, x(at), figure === null ? HIGH - 6 : y(figure), at === now));
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

  map.popup = { content: content, spoken: spoken };
})();
