'use strict';
// The pad: counting is one tap. A tap is kept on this phone before it shows as counted; how it is kept and sent stands in
// tally-queue.js and tally-sender.js. Without a store for the taps, the form sends each, under an id of its own.
(async function () {
  const pad = document.getElementById('pad');
  const told = pad.dataset;
  const form = document.getElementById('pad-form');
  const LONGEST_PAUSE_MS = 60000;
  const by = {batch: told.batch, token: told.token};
  const stoppedBy = {401: told.withdrawn, 403: told.withdrawn};
  let taps = [];
  let today;
  let sending = false;
  let pauseMs = 1000;
  let nextTry = 0;
  let stopped = told.gone ? told.withdrawn : '';

  const part = (name) => document.getElementById('pad-' + name);
  const say = (text, values) => text.replace(/\{(\w+)\}/g, (all, name) => values[name]);
  const waiting = () => taps.filter((tap) => !tap.problem);
  const undoable = () => waiting().filter((tap) => harbourSender.left(tap) > 0).pop();

  async function refresh() {
    [taps, today] = await Promise.all([harbourQueue.taps(told.station), harbourQueue.pad(told.station)]);
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
      await harbourQueue.add(tap);
    } catch (error) {
      part('alarm').textContent = told.notKept;
      return;
    }
    part('alarm').textContent = '';
    if (navigator.vibrate) navigator.vibrate(30);
    askWorker();
    await refresh();
  }

  async function undo() {
    const last = undoable();
    if (last) await harbourQueue.drop([last]);
    await refresh();
  }

  // --- sending

  // The browser wakes the worker as soon as there is a network, be the pad open, hidden or gone.
  function askWorker() {
    if (!navigator.serviceWorker) return;
    navigator.serviceWorker.ready.then((worker) => worker.sync && worker.sync.register('harbour-tally')).catch(() => {});
  }

  async function send() {
    if (sending || Date.now() < nextTry || !taps.some(harbourSender.isDue)) return;
    sending = true;
    try {
      const answer = await harbourSender.send(told.station, by);
      if (answer) stopped = stoppedBy[answer.status] || '';
      if (answer && !answer.isTaken) pause(Number(answer.waitS) || 0);
      else goOn();
    } catch (error) {
      pause(0);
    } finally {
      sending = false;
    }
    await refresh();
    if (!nextTry) await learnToday();
  }

  function pause(seconds) {
    pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
    nextTry = Date.now() + Math.max(pauseMs, 1000 * seconds);
  }

  function goOn() {
    pauseMs = 1000;
    nextTry = 0;
  }

  function hurry() {
    nextTry = 0;
    refresh().then(send);
  }

  // --- today's total, by the service's clock

  async function learnToday() {
    try {
      const status = await harbourSender.learnToday(told.station, told.today, told.token);
      if (status === 401) stopped = told.withdrawn;
    } catch (error) {
      // The total that is kept stands, and the next batch asks again.
    }
    await refresh();
  }

  // --- what is shown

  const theDay = () => harbourSender.dayOf(Date.now() + today.skew);
  const isOfToday = (tap) => harbourSender.dayOf(Date.parse(tap.occurred_at)) === theDay();

  function render() {
    const unsent = waiting();
    part('total').textContent = (today.day === theDay() ? today.total || 0 : 0) + unsent.filter(isOfToday).length;
    part('unsent').textContent = unsent.length ? say(told.unsent, {n: unsent.length}) : told.allSent;
    part('unsent').classList.toggle('is-behind', unsent.some((tap) => harbourSender.left(tap) < -5));
    part('why').textContent = stopped || whyUnsent(unsent);
    showUndo(undoable());
    showCounts(unsent);
    pad.dispatchEvent(new CustomEvent('harbour:kept', {detail: {taps: taps, day: theDay(), nameOf: nameOf}}));
  }

  function whyUnsent(unsent) {
    if (unsent.length && !navigator.onLine) return told.offline;
    return unsent.some(harbourSender.isAhead) ? told.tooNew : '';
  }

  function showUndo(last) {
    const values = last && {name: nameOf(last.audience), s: harbourSender.left(last)};
    part('undo').disabled = !last;
    part('undo').textContent = last ? say(told.undo, values) : told.undoNone;
  }

  function showCounts(unsent) {
    pad.querySelectorAll('[data-n]').forEach((badge) => {
      const n = unsent.filter((tap) => tap.audience === badge.dataset.n).length;
      badge.textContent = n ? '+' + n : '';
    });
  }

  function nameOf(audience) {
    const button = pad.querySelector('button[value="' + audience + '"] span');
    return button ? button.textContent : audience;
  }

  // --- the start

  function listen() {
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      if (event.submitter) count(event.submitter.value);
    });
    part('undo').addEventListener('click', undo);
    pad.addEventListener('harbour:again', hurry);
    addEventListener('online', hurry);
    addEventListener('offline', render);
    addEventListener('pagehide', hurry);
    document.addEventListener('visibilitychange', hurry);
  }

  try {
    await harbourQueue.learn(told.station, () => by);
    today = await harbourQueue.pad(told.station);
  } catch (error) {
    form.addEventListener('submit', () => { form.elements.key.value = newId(); });
    return;
  }
  listen();
  pad.querySelectorAll('.with-script').forEach((element) => { element.hidden = false; });
  if (navigator.storage && navigator.storage.persist) navigator.storage.persist();
  await refresh();
  if (taps.length) askWorker();
  setInterval(() => { render(); send(); }, 1000);
  await learnToday();
  pad.dataset.ready = '1';
})();
