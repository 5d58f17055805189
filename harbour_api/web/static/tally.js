'use strict';
// Counting is one tap. A tap is kept on this phone before it shows as counted, waits ten seconds in which it can be
// undone, and is sent then, as often as it takes: it has an id of its own, by which the service counts it once. What is
// refused stays here with the reason until somebody has seen to it; what is only too early, by a clock that runs ahead,
// waits for its time. Without a store for the taps, the form sends each, under an id of its own too.
(async function () {
  const pad = document.getElementById('pad');
  const told = pad.dataset;
  const WAIT_MS = 10000;
  const BATCH = 50;
  const PATIENCE_MS = 15000;
  const LONGEST_PAUSE_MS = 60000;
  const LOCKED = '/problems/day_locked';
  const form = document.getElementById('pad-form');
  const early = new Map(); // taps that the service found to lie ahead, and when each is tried again
  let store;
  let taps = [];
  let today = {total: null, now: 0, skew: 0};
  let sending = false;
  let pauseMs = 1000;
  let nextTry = 0;
  let stopped = '';

  const part = (name) => document.getElementById('pad-' + name);
  const say = (text, values) => text.replace(/\{(\w+)\}/g, (all, name) => values[name]);

  // --- what is kept on the phone

  function opened() {
    return new Promise((done, failed) => {
      const asked = indexedDB.open('harbour-tally', 1);
      asked.onupgradeneeded = () => {
        asked.result.createObjectStore('taps', {keyPath: 'id'}).createIndex('station', 'station');
        asked.result.createObjectStore('today', {keyPath: 'station'});
      };
      asked.onsuccess = () => done(asked.result);
      asked.onerror = () => failed(asked.error);
    });
  }

  function kept(name, act) {
    return new Promise((done, failed) => {
      const change = store.transaction(name, 'readwrite', {durability: 'strict'});
      act(change.objectStore(name));
      change.oncomplete = () => done();
      change.onerror = change.onabort = () => failed(change.error);
    });
  }

  function read(name, asks) {
    return new Promise((done, failed) => {
      const asked = asks(store.transaction(name).objectStore(name));
      asked.onsuccess = () => done(asked.result);
      asked.onerror = () => failed(asked.error);
    });
  }

  async function refresh() {
    taps = (await read('taps', (all) => all.index('station').getAll(told.station))).sort((a, b) => a.tapped - b.tapped);
    render();
  }

  // --- counting and undoing

  function newId() {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 15) | 64;
    bytes[8] = (bytes[8] & 63) | 128;
    const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
  }

  async function count(audience) {
    const now = Date.now();
    const at = new Date(now + today.skew).toISOString();
    const tap = {id: newId(), station: told.station, audience: audience, count: 1, tapped: now, occurred_at: at};
    try {
      await kept('taps', (all) => all.add(tap));
    } catch (error) {
      part('alarm').textContent = told.notKept;
      return;
    }
    part('alarm').textContent = '';
    if (navigator.vibrate) navigator.vibrate(30);
    await refresh();
  }

  const left = (tap) => Math.ceil((WAIT_MS - Math.abs(Date.now() - tap.tapped)) / 1000);
  const waiting = () => taps.filter((tap) => !tap.problem);
  const due = () => waiting().filter((tap) => left(tap) <= 0 && !(early.get(tap.id) > Date.now()));
  const undoable = () => waiting().filter((tap) => left(tap) > 0).pop();

  async function undo() {
    const last = undoable();
    if (last) await kept('taps', (all) => all.delete(last.id));
    await refresh();
  }

  // --- sending

  async function asked(url, options) {
    const patience = new AbortController();
    const bell = setTimeout(() => patience.abort(), PATIENCE_MS);
    const headers = Object.assign(told.token ? {Authorization: 'Bearer ' + told.token} : {}, options.headers);
    try {
      return await fetch(url, Object.assign({}, options, {headers: headers, cache: 'no-store', signal: patience.signal}));
    } finally {
      clearTimeout(bell);
    }
  }

  function sent(batch) {
    const visits = batch.map((tap) => ({id: tap.id, audience: tap.audience, count: tap.count, occurred_at: tap.occurred_at}));
    const headers = {'Content-Type': 'application/json'};
    return asked(told.batch, {method: 'POST', headers: headers, body: JSON.stringify({visits: visits})});
  }

  async function settle(batch, answer) {
    const results = (await answer.json()).results;
    await kept('taps', (all) => results.forEach((result) => {
      const tap = batch.find((one) => one.id === result.id);
      if (!tap) return;
      early.delete(tap.id);
      if (result.status === 422 && isAhead(result.problem)) early.set(tap.id, Date.now() + LONGEST_PAUSE_MS);
      else if (result.status === 422) all.put(Object.assign(tap, {problem: reason(result.problem)}));
      else if (result.status === 200 || result.status === 201) all.delete(tap.id);
    }));
    const added = results.filter((result) => result.status === 201).length;
    if (today.total !== null || added) await keepToday({total: (today.total || 0) + added});
  }

  const faults = (problem) => problem.errors || [];

  // A time that this phone wrote is well formed: what else is wrong with it than a locked day is that it has not come.
  function isAhead(problem) {
    return problem.type !== LOCKED && faults(problem).some((fault) => /\/occurred_at$/.test(fault.pointer));
  }

  function reason(problem) {
    if (problem.type === LOCKED) return told.tooOld;
    return say(told.refused, {reason: faults(problem).map((fault) => fault.detail).concat(problem.detail || '').join(' ')});
  }

  async function refuseAll(batch, answer) {
    const problem = await answer.json().catch(() => ({}));
    const why = reason(problem);
    await kept('taps', (all) => batch.forEach((tap) => all.put(Object.assign(tap, {problem: why}))));
  }

  async function send() {
    const batch = due().slice(0, BATCH);
    if (!batch.length || sending || Date.now() < nextTry) return;
    sending = true;
    try {
      const answer = await sent(batch);
      stopped = {401: told.withdrawn, 403: told.withdrawn}[answer.status] || '';
      if (answer.status === 207) await settle(batch, answer);
      else if (answer.status === 422) await refuseAll(batch, answer);
      else throw new Error(answer.headers.get('Retry-After') || '');
      pauseMs = 1000;
      nextTry = 0;
    } catch (problem) {
      pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
      nextTry = Date.now() + Math.max(pauseMs, 1000 * (Number(problem.message) || 0));
    } finally {
      sending = false;
    }
    await refresh();
    if (!nextTry) await learnToday();
  }

  function hurry() {
    nextTry = 0;
    early.clear();
    refresh().then(send);
  }

  // --- today's total, by the service's clock

  async function keepToday(news) {
    today = Object.assign({}, today, news, {station: told.station});
    await kept('today', (all) => all.put(today));
  }

  async function learnToday() {
    if (due().length) return; // the total would be an old one by the time it is here
    try {
      const answer = await asked(told.today, {});
      if (answer.status === 401) stopped = told.withdrawn;
      if (!answer.ok) return;
      const news = await answer.json();
      const now = Date.parse(news.now);
      await keepToday({day: news.day, total: news.total, now: now, skew: now - Date.now()});
    } catch (error) {
      // The total that is kept stands, and the next batch asks again.
    }
    render();
  }

  // --- what is shown

  function sameDay(tap) {
    return new Date(Date.parse(tap.occurred_at) + 28800000).toISOString().slice(0, 10) === theDay();
  }

  const theDay = () => new Date(Date.now() + today.skew + 28800000).toISOString().slice(0, 10); // in Shanghai

  function render() {
    const unsent = waiting();
    const last = undoable();
    const base = today.day === theDay() ? today.total || 0 : 0;
    part('total').textContent = base + unsent.filter(sameDay).length;
    part('undo').disabled = !last;
    part('undo').textContent = last ? say(told.undo, {name: nameOf(last.audience), s: left(last)}) : told.undoNone;
    part('unsent').textContent = unsent.length ? say(told.unsent, {n: unsent.length}) : told.allSent;
    part('unsent').classList.toggle('is-behind', unsent.some((tap) => left(tap) < -5));
    part('why').textContent = stopped || whyUnsent(unsent);
    part('export').hidden = !taps.length;
    showRefused(taps.filter((tap) => tap.problem));
    pad.querySelectorAll('[data-n]').forEach((badge) => {
      const n = unsent.filter((tap) => tap.audience === badge.dataset.n).length;
      badge.textContent = n ? '+' + n : '';
    });
  }

  function whyUnsent(unsent) {
    if (unsent.length && !navigator.onLine) return told.offline;
    return unsent.some((tap) => early.has(tap.id)) ? told.tooNew : '';
  }

  function nameOf(audience) {
    const button = pad.querySelector('button[value="' + audience + '"] span');
    return button ? button.textContent : audience;
  }

  function showRefused(refused) {
    const list = part('refused');
    part('refusals').hidden = !refused.length;
    list.replaceChildren(...refused.map((tap) => {
      const line = document.createElement('li');
      const text = document.createElement('span');
      text.textContent = [new Date(tap.tapped).toLocaleString(), nameOf(tap.audience), tap.problem].join(' · ');
      line.append(
        text,
        choice(told.retry, () => kept('taps', (all) => all.put(Object.assign({}, tap, {problem: ''}))).then(hurry)),
        choice(told.drop, () => kept('taps', (all) => all.delete(tap.id)).then(refresh))
      );
      return line;
    }));
  }

  function choice(label, act) {
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = label;
    button.addEventListener('click', act);
    return button;
  }

  function exported() {
    const rows = taps.map((tap) => [tap.id, tap.station, tap.audience, tap.count, tap.occurred_at, tap.problem || '']);
    const lines = [['id', 'station', 'audience', 'count', 'occurred_at', 'problem']].concat(rows);
    const text = lines.map((row) => row.map((cell) => '"' + String(cell).replace(/"/g, '""') + '"').join(',')).join('\r\n');
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob(['\ufeff' + text + '\r\n'], {type: 'text/csv'}));
    link.download = told.station + '-' + theDay() + '.csv';
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  }

  // --- the start

  try {
    store = await opened();
    today = (await read('today', (all) => all.get(told.station))) || today;
  } catch (error) {
    form.addEventListener('submit', () => { form.elements.key.value = newId(); });
    return;
  }
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    if (event.submitter) count(event.submitter.value);
  });
  part('undo').addEventListener('click', undo);
  part('export').addEventListener('click', exported);
  pad.querySelectorAll('.with-script').forEach((element) => { element.hidden = false; });
  addEventListener('online', hurry);
  addEventListener('offline', render);
  document.addEventListener('visibilitychange', () => { if (!document.hidden) hurry(); });
  if (told.gone) stopped = told.withdrawn;
  if (navigator.storage && navigator.storage.persist) navigator.storage.persist();
  await refresh();
  setInterval(() => { render(); send(); }, 1000);
  await learnToday();
  pad.dataset.ready = '1';
})();
