'use strict';
// Keeps this pad and its files on the phone, for a day without a network: the worker opens it from here then.
(async function () {
  if (!window.caches || !navigator.onLine) return;
  const files = Array.from(document.querySelectorAll('link[rel=stylesheet],script[src]'), (one) => one.href || one.src);
  const pad = await caches.open('harbour-pad');
  try {
    await pad.addAll(files.concat(location.href));
  } catch (error) {
    return; // what was kept before stays
  }
  for (const old of await pad.keys()) {
    if (new URL(old.url).pathname.startsWith('/a/') && !files.includes(old.url)) await pad.delete(old);
  }
})();
