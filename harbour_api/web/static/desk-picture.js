/* The managers' map as a picture of its own, made of what is drawn: saved as SVG or PNG, and laid on paper.
 * One rule: every word gets in as a text node, and whoever sees only the picture is told of samples and of places that
 * nobody verified. Operators' tiles stay out: they are others' work. */
(function () {
  'use strict';

  const map = window.HarbourMap;
  const words = map.words;
  // Always the light colours of map.css: a picture goes to paper and into reports.
  const LIGHT = { ink: '#1b1a17', soft: '#4d483f', paper: '#fffdf8', sea: '#cfe2ee', land: '#fbf6ea', shore: '#7d95a5', far: '#3f5666' };
  const PAD = 12;
  const LINE = 20; // height of a line of small text
  const SHARP = 2; // pixels of the PNG to one of the page
  const FONT = 'system-ui, "Noto Sans SC", "PingFang SC", "Microsoft YaHei", sans-serif';
  const NOT_IN_XML = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;
  const PARTS = /[\u2e80-\u{10ffff}]|[^\s\u2e80-\u{10ffff}]+\s*|\s+/gu; // where a line may break
  const ruler = document.createElement('canvas').getContext('2d');

  function text(parent, x, y, content, options) {
    const o = Object.assign({ size: 14, fill: LIGHT.ink, weight: 400, anchor: 'start' }, options);
    const made = map.shape('text', {
      x: x, y: y, fill: o.fill, 'font-size': o.size, 'font-weight': o.weight, 'text-anchor': o.anchor,
    }, parent);
    made.textContent = content.replace(NOT_IN_XML, '');
    return made;
  }

  function widthOf(content, size) {
    ruler.font = size + 'px ' + FONT;
    return ruler.measureText(content).width;
  }

  function wrapped(content, size, room) {
    const lines = [''];
    (content.match(PARTS) || []).forEach((part) => {
      const at = lines.length - 1;
      if (lines[at] && widthOf(lines[at] + part, size) > room) lines.push(part.replace(/^\s+/, ''));
      else lines[at] += part;
    });
    return lines;
  }

  /* ---- the parts, each of which returns where the next begins ---- */

  function heading(svg, scene, width) {
    const told = scene.heading.filter(Boolean).join(' · ');
    const lines = wrapped(told, 16, width - 2 * PAD);
    text(svg, PAD, 28, words.site + ' · ' + words.title, { size: 18, weight: 700 });
    lines.forEach((line, at) => text(svg, PAD, 52 + at * 22, line, { size: 16 }));
    const below = 52 + lines.length * 22 - 8;
    return words.sample ? sampleLabel(svg, below, width) : below;
  }

  function chart(svg, scene, top, across) {
    const clip = map.shape('clipPath', { id: 'map-cut' }, svg);
    map.shape('rect', { x: 0, y: 0, width: across.x, height: across.y }, clip);
    const sheet = map.shape('g', { transform: 'translate(0 ' + top + ')', 'clip-path': 'url(#map-cut)' }, svg);
    map.shape('rect', { x: 0, y: 0, width: across.x, height: across.y, fill: LIGHT.land }, sheet);
    ground(sheet, scene.board);
    lettering(sheet, scene.board);
    scene.marks.forEach((mark) => circle(sheet, mark));
    scene.marks.filter((mark) => mark.looks.broken).forEach((mark) => placed(sheet, mark).appendChild(map.circles.ring(mark.looks)));
    map.shape('rect', { x: 0.5, y: 0.5, width: across.x - 1, height: across.y - 1, fill: 'none', stroke: LIGHT.shore }, sheet);
    return top + across.y;
  }

  function ground(sheet, board) {
    const offset = board.layerPointToContainerPoint([0, 0]);
    const group = map.shape('g', { transform: 'translate(' + offset.x + ' ' + offset.y + ')' }, sheet);
    board.getPane('overlayPane').querySelectorAll('svg path').forEach((path) => {
      const is = (name) => path.classList.contains('map-' + name);
      const area = is('sea') ? { fill: LIGHT.sea } : is('land') ? { fill: LIGHT.land, stroke: LIGHT.shore } : null;
      const line = { fill: 'none', stroke: LIGHT.ink, 'stroke-width': 2, 'stroke-dasharray': '8 4' };
      map.shape('path', Object.assign({ d: path.getAttribute('d') }, area || line), group);
    });
  }

  function lettering(sheet, board) {
    const frame = board.getContainer().getBoundingClientRect();
    document.querySelectorAll('.map-lettering').forEach((label) => {
      const box = label.getBoundingClientRect();
      const x = box.left + box.width / 2 - frame.left;
      text(sheet, x, box.top + box.height / 2 - frame.top + 5, label.textContent, { fill: LIGHT.far, anchor: 'middle' });
    });
  }

  function circle(sheet, mark) {
    const group = placed(sheet, mark);
    map.shape('title', {}, group).textContent = mark.label.replace(NOT_IN_XML, '');
    group.appendChild(map.circles.disc(mark.looks));
    if (mark.below) text(group, 0, mark.looks.across / 2 + 13, mark.below, { size: 12, weight: 600, anchor: 'middle' });
  }

  function placed(sheet, mark) {
    return map.shape('g', { transform: 'translate(' + mark.at.x + ' ' + mark.at.y + ')' }, sheet);
  }

  function sampleLabel(svg, top, width) {
    const lines = wrapped(words.sample, 14, width - 4 * PAD);
    const height = lines.length * LINE + 10;
    map.shape('rect', { x: 0, y: top, width: width, height: height, fill: '#fff1d6' }, svg);
    map.shape('rect', { x: 0, y: top, width: 8, height: height, fill: '#b34700' }, svg);
    lines.forEach((line, at) => text(svg, 2 * PAD, top + 20 + at * LINE, line, { weight: 700, fill: '#3d2200' }));
    return top + height;
  }

  /* The page's own legend, drawing by drawing. */
  function legend(svg, top, width) {
    let x = PAD;
    let y = top + 34;
    document.querySelectorAll('#map-legend ul:not([hidden]) li').forEach((item) => {
      const drawing = item.querySelector('svg');
      const told = item.querySelector('span').textContent;
      const box = Number(drawing.getAttribute('width'));
      const room = box + widthOf(told, 13) + 18;
      if (x > PAD && x + room > width) { x = PAD; y += 40; }
      const key = map.shape('g', { transform: 'translate(' + (x + box / 2) + ' ' + (y - 4) + ')' }, svg);
      Array.from(drawing.children).forEach((part) => key.appendChild(part.cloneNode(true)));
      text(svg, x + box + 4, y, told, { size: 13 });
      x += room;
    });
    return y + 28;
  }

  function notes(svg, top, width) {
    const credit = document.getElementById('map-ground').textContent.trim();
    const lines = wrapped(words.schematic + ' ' + credit + ' ' + words.today, 12, width - 2 * PAD);
    lines.forEach((line, at) => text(svg, PAD, top + 14 + at * 18, line, { size: 12, fill: LIGHT.soft }));
    return top + lines.length * 18 + PAD;
  }

  function picture() {
    const scene = map.scene();
    const across = scene.board.getSize();
    const svg = map.shape('svg', {
      xmlns: 'http://www.w3.org/2000/svg', role: 'img', 'font-family': FONT, 'aria-label': scene.heading.filter(Boolean).join(' '),
    });
    const paper = map.shape('rect', { x: 0, y: 0, width: across.x, fill: LIGHT.paper }, svg);
    const below = chart(svg, scene, heading(svg, scene, across.x), across);
    const height = notes(svg, legend(svg, below, across.x), across.x);
    paper.setAttribute('height', height);
    svg.setAttribute('width', across.x);
    svg.setAttribute('height', height);
    svg.setAttribute('viewBox', '0 0 ' + across.x + ' ' + height);
    return svg;
  }

  /* ---- out of the page ---- */

  function save(blob, ending) {
    const link = map.element('a');
    link.href = URL.createObjectURL(blob);
    link.download = 'visits-' + map.scene().key + '.' + ending;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  }

  function saveSvg() {
    save(new Blob([new XMLSerializer().serializeToString(picture())], { type: 'image/svg+xml' }), 'svg');
  }

  function savePng() {
    const svg = picture();
    const image = new Image();
    const failed = () => map.say(words.notSaved);
    image.onload = () => {
      const canvas = document.createElement('canvas');
      canvas.width = SHARP * svg.getAttribute('width');
      canvas.height = SHARP * svg.getAttribute('height');
      canvas.getContext('2d').drawImage(image, 0, 0, canvas.width, canvas.height);
      canvas.toBlob((blob) => (blob ? save(blob, 'png') : failed()), 'image/png');
    };
    image.onerror = failed;
    image.src = 'data:image/svg+xml;charset=utf-8,' + encodeURIComponent(new XMLSerializer().serializeToString(svg));
  }

  /* On paper the map would keep the window's size: the picture takes its place. */
  function layOnPaper() {
    const paper = document.getElementById('map-print');
    while (paper.firstChild) paper.removeChild(paper.firstChild);
    paper.appendChild(picture());
    paper.hidden = false;
  }

  document.getElementById('map-svg').addEventListener('click', saveSvg);
  document.getElementById('map-png').addEventListener('click', savePng);
  window.addEventListener('beforeprint', layOnPaper);
  window.addEventListener('afterprint', () => (document.getElementById('map-print').hidden = true));
})();
