'use strict';
// On every page: the worker is put to work once the page is done, and a page that the phone had kept says of when it is.
(function () {
  const AHEAD_MS = 8 * 3600 * 1000; // of Zhongshan's clock before UTC
  const line = document.getElementById('kept');
  const since = document.documentElement.dataset.kept;

  function there(seconds) { return new Date(seconds * 1000 + AHEAD_MS).toISOString(); }

  window.harbourKept = function (seconds) {
    const at = there(seconds);
    const isToday = at.slice(0, 10) === there(Date.now() / 1000).slice(0, 10);
    line.textContent = line.dataset.says.replace('{when}', isToday ? at.slice(11, 16) : at.slice(0, 16).replace('T', ' '));
  };

  if (since) window.harbourKept(Number(since));
  if (!navigator.serviceWorker) return;
  addEventListener('load', function () { navigator.serviceWorker.register('/sw.js').catch(function () {}); });
})();
