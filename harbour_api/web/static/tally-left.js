'use strict';
// On every pad, the desk's pages and the log-in: taps that another pad left on this phone are sent from here too, and said
// to be here.
(async function () {
  const line = document.getElementById('tally-left');
  const pad = document.getElementById('pad');
  const except = pad ? pad.dataset.station : '';

  async function show() {
    const left = (await harbourQueue.taps()).filter((tap) => tap.station !== except);
    const stations = Array.from(new Set(left.map((tap) => tap.station))).join(' ');
    const text = line.dataset.says.replace('{n}', left.length).replace('{stations}', stations);
    line.hidden = !left.length;
    if (line.textContent !== text) line.textContent = text;
  }

  try {
    await show();
    if (line.hidden) return;
    await harbourSender.sendLeft(except).catch(() => {});
    await show();
  } catch (error) {
    // A phone that keeps nothing has nothing left.
  }
})();
