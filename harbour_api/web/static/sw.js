'use strict';
// The worker: what the phone answers with when there is no connection, or none that is fast enough.
// One rule: only what is public and the same for everyone is kept. Nothing that an answer forbids to keep, no error, no
// question and so no position: a page is kept under its path and language alone.
// VERSION stands above this file: it is the digest of all that may be kept. So do tally-queue.js and tally-sender.js.
// ROUTES says who answers what, top to bottom.
const OURS = 'harbour-kept-'; // other stores of this site are none of this worker's
const KEPT = OURS + VERSION;
const PAD = 'harbour-pad';
const DESK_PAD = 'harbour-desk-pad';
const LOG_IN_OR_OUT = /^\/(login|logout)$/;
const FACTS = '/network.json';
const CORE = ['/', '/?lang=en', '/offline', '/offline?lang=en'];
const PATIENCE_MS = 4000;
const FACTS_AGE_MS = 10 * 60 * 1000;
const MOST_PAGES = 60;
const MAY_BE_KEPT = /^\/(about|stations\/[A-Za-z0-9]+(\/poster)?)?$/;
const ASSET = /\/a\/[0-9a-f]{12}\/[\w.-]+/g;

// A route: which requests it is for, and what answers them; `null` leaves them to the browser. The first that fits holds.
const ROUTES = [
  [/^\/t\/[^/]+$/, pad],
  [/^\/manage\/stations\/[^/]+$/, deskPad],
  [/^\/(api|t|embed|sw\.js)(\/|$)/, null],
  [/^\/network\.json$/, facts],
  [/^\/a\//, asset],
  [/./, page]
];

addEventListener('install', function (event) {
  event.waitUntil(keepCore().then(function () { return skipWaiting(); }));
});

addEventListener('activate', function (event) { event.waitUntil(takeOver()); });

addEventListener('fetch', function (event) {
  const url = new URL(event.request.url);
  if (url.origin !== location.origin) return;
  if (event.request.method === 'POST' && LOG_IN_OR_OUT.test(url.pathname)) event.waitUntil(forgetDesk());
  if (event.request.method !== 'GET') return;
  const route = ROUTES.find(function (one) { return one[0].test(url.pathname); });
  if (!route[1] || (route[1] === page && event.request.mode !== 'navigate')) return;
  event.respondWith(route[1](event, url));
});

addEventListener('sync', function (event) {
  if (event.tag === 'harbour-tally') event.waitUntil(harbourSender.sendLeft());
});

async function page(event, url) {
  const kept = MAY_BE_KEPT.test(url.pathname) ? await (await caches.open(KEPT)).match(keyOf(url)) : undefined;
  const asked = fetch(event.request).then(function (answer) {
    if (mayKeep(url, answer)) event.waitUntil(keep(keyOf(url), answer.clone()).then(freshen).catch(function () {}));
    return answer;
  });
  event.waitUntil(asked.catch(function () {}));
  return kept ? first(asked, kept) : asked.catch(function () { return noConnection(url); });
}

async function facts(event) {
  const cache = await caches.open(KEPT);
  const kept = await cache.match(FACTS);
  const asked = fetch(event.request).then(function (answer) {
    event.waitUntil(keepFacts(answer.clone()));
    return answer;
  });
  event.waitUntil(asked.catch(function () {}));
  return kept ? first(asked, kept) : asked;
}

async function asset(event) {
  return await caches.match(event.request.url) || fetch(event.request);
}

// The tally pad keeps itself (tally-offline.js), in a store of its own that no new version of this worker lets go.
function pad(event, url) {
  return keptPad(PAD, keyOf(url), fetch(event.request), url);
}

// That of the desk stands in for a station's desk, bare of whoever is logged in; without a log-in there is none to open.
function deskPad(event, url) {
  const asked = fetch(event.request).then(function (answer) {
    if (answer.status === 401 || answer.status === 403) event.waitUntil(forgetDesk());
    return answer;
  });
  event.waitUntil(asked.catch(function () {}));
  return keptPad(DESK_PAD, keyOf({pathname: url.pathname + '/pad', searchParams: url.searchParams}), asked, url);
}

function forgetDesk() {
  return Promise.all([caches.delete(DESK_PAD), harbourQueue.forgetTotals()]);
}

async function keptPad(store, key, asked, url) {
  const kept = await (await caches.open(store)).match(key);
  return kept ? first(asked, kept) : asked.catch(function () { return noConnection(url); });
}

// The network's answer; what was kept where that does not come in time, or tells of a gateway with nobody behind it.
function first(asked, kept) {
  const late = new Promise(function (resolve) { setTimeout(resolve, PATIENCE_MS, kept); });
  const there = asked.then(function (answer) { return answer.status >= 502 && answer.status <= 504 ? kept : answer; });
  return Promise.race([there, late]).catch(function () { return kept; });
}

async function noConnection(url) {
  return await (await caches.open(KEPT)).match(keyOf({pathname: '/offline', searchParams: url.searchParams})) || Response.error();
}

function keyOf(url) { return url.pathname + (url.searchParams.get('lang') === 'en' ? '?lang=en' : ''); }

function mayKeep(url, answer) {
  const isPlain = Array.from(url.searchParams.keys()).every(function (name) { return name === 'lang'; });
  const isPage = (answer.headers.get('Content-Type') || '').startsWith('text/html');
  const isForbidden = /no-store/.test(answer.headers.get('Cache-Control') || '');
  return MAY_BE_KEPT.test(url.pathname) && isPlain && isPage && answer.ok && !answer.redirected && !isForbidden;
}

// One after the other, so that no file that two pages need is fetched twice. All or nothing: else it is tried again.
async function keepCore() {
  await refreshFacts();
  for (const key of CORE) {
    const answer = await fetch(key);
    if (!answer.ok) throw new Error('could not be kept: ' + key);
    await keep(key, answer);
  }
}

// A page is kept after the files it needs, with the time on it, so that it can say of when it is.
async function keep(key, answer) {
  const cache = await caches.open(KEPT);
  const headers = new Headers(answer.headers);
  const text = await answer.text();
  const assets = await missing(cache, text);
  headers.delete('Content-Encoding');
  headers.delete('Content-Length');
  await cache.addAll(assets);
  const stamped = text.replace('<html ', '<html data-kept="' + Math.floor(Date.now() / 1000) + '" ');
  await cache.put(key, new Response(stamped, {headers: headers}));
  await letGo(cache);
}

async function missing(cache, text) {
  const named = Array.from(new Set(text.match(ASSET) || []));
  const here = await Promise.all(named.map(function (path) { return cache.match(path); }));
  return named.filter(function (_, i) { return !here[i]; });
}

function isVisited(request) {
  const url = new URL(request.url);
  return MAY_BE_KEPT.test(url.pathname) && CORE.indexOf(keyOf(url)) < 0;
}

async function letGo(cache) {
  const visited = (await cache.keys()).filter(isVisited);
  await Promise.all(visited.slice(0, Math.max(0, visited.length - MOST_PAGES)).map(function (old) { return cache.delete(old); }));
}

async function freshen() {
  const kept = await (await caches.open(KEPT)).match(FACTS);
  if (!kept || Date.now() - Date.parse(kept.headers.get('Date')) > FACTS_AGE_MS) await refreshFacts();
}

async function refreshFacts() {
  const answer = await fetch(FACTS);
  if (!answer.ok && answer.status !== 404) throw new Error('could not be kept: ' + FACTS);
  await keepFacts(answer);
}

// A network too large for a phone has no file: the pages are kept without, and an old file goes.
async function keepFacts(answer) {
  const cache = await caches.open(KEPT);
  if (answer.ok) await cache.put(FACTS, answer);
  else if (answer.status === 404) await cache.delete(FACTS);
}

// A new version takes over the visited pages of the old one, with the files they need; then the old store goes.
async function takeOver() {
  const olds = (await caches.keys()).filter(function (name) { return name.startsWith(OURS) && name !== KEPT; });
  for (const name of olds) {
    await carryOver(await caches.open(name), await caches.open(KEPT));
    await caches.delete(name);
  }
  await clients.claim();
}

async function carryOver(old, cache) {
  for (const request of (await old.keys()).filter(isVisited)) {
    const answer = await old.match(request);
    for (const path of await missing(cache, await answer.clone().text())) {
      const file = await old.match(path);
      if (file) await cache.put(path, file);
    }
    if (!(await cache.match(request))) await cache.put(request, answer);
  }
}
