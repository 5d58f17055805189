'use strict';
// Keeps the pad and its files on the phone, for a day without a network: the worker opens it from here then. The desk's is
// kept bare, with nothing of whoever is logged in, in a store that the worker clears when a log-in begins or ends.
(async function () {
  const told = document.getElementById('pad').dataset;
  const FILES = /\/a\/[0-9a-f]{12}\/[\w.-]+/g;
  const isFile = (request) => new URL(request.url).pathname.startsWith('/a/');
  if (!window.caches || !navigator.onLine) return;
  const store = await caches.open(told.keptIn);

  try {
    const page = await fetch(told.keep);
    if (!page.ok || page.redirected) return; // what was kept before stays
    await store.addAll(new Set((await page.clone().text()).match(FILES)));
    await store.put(told.keep, page);
  } catch (error) {
    return;
  }
  const kept = await store.keys();
  const pages = await Promise.all(kept.filter((one) => !isFile(one)).map(async (one) => (await store.match(one)).text()));
  const isNeeded = (file) => pages.some((page) => page.includes(new URL(file.url).pathname));
  await Promise.all(kept.filter((one) => isFile(one) && !isNeeded(one)).map((old) => store.delete(old)));
})();
