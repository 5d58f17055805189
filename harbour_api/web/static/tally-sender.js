'use strict';
// How taps leave the phone: from the pad while it is open, from the worker when it is not, from the desk's pages else.
// One rule: a tap waits ten seconds in which it can be undone, and is sent then as often as it takes. It has an id of its
// own, by which the service counts it once, whoever sends it. What is refused stays here with the reason.
const harbourSender = (function () {
  const WAIT_MS = 10000;
  const BATCH = 50;
  const PATIENCE_MS = 15000;
  const AHEAD_MS = 60000; // how long a tap waits that lies ahead of the service's clock
  const AHEAD = '/problems/time_ahead';
  const HOPELESS = [401, 403]; // until somebody logs in or opens another link

  const left = (tap) => Math.ceil((WAIT_MS - Math.abs(Date.now() - tap.tapped)) / 1000);
  const isAhead = (tap) => tap.after > Date.now();
  const isDue = (tap) => !tap.problem && !isAhead(tap) && left(tap) <= 0;

  // One at a time on this phone: else the page would send what the worker is about to settle.
  function alone(act) {
    return navigator.locks ? navigator.locks.request('harbour-tally', act) : act();
  }

  const dayOf = (ms) => new Date(ms + 28800000).toISOString().slice(0, 10); // in Shanghai

  // `by` is how: the address of the batch, and a link's token where it is no log-in. Gives back null where nothing is due.
  function send(station, by) {
    return alone(async () => {
      const batch = (await harbourQueue.taps(station)).filter(isDue).slice(0, BATCH);
      if (!batch.length) return null;
      const answer = await asked(by.batch, by.token, posting(batch));
      if (answer.status === 207) await settle(station, batch, JSON.parse(answer.text).results);
      if (answer.status === 422) await harbourQueue.amend(batch, {problem: told(problemIn(answer.text))});
      return {status: answer.status, isTaken: [207, 422].includes(answer.status), waitS: answer.waitS};
    });
  }

  // The day's total at the service; gives back the status, or null where taps are due, of which it would know nothing. No
  // batch is settled meanwhile: the answer would be the older one, and be kept for the newer.
  function learnToday(station, url, token) {
    return alone(async () => {
      if ((await harbourQueue.taps(station)).some(isDue)) return null;
      const answer = await asked(url, token, {});
      if (answer.status === 200) await keepToday(station, JSON.parse(answer.text));
      return answer.status;
    });
  }

  function keepToday(station, news) {
    const now = Date.parse(news.now);
    return harbourQueue.learn(station, () => ({day: news.day, total: news.total, now: now, skew: now - Date.now()}));
  }

  // What was asked outlives the page that asked it; to be told all of it takes no longer than our patience.
  async function asked(url, token, options) {
    const patience = new AbortController();
    const bell = setTimeout(() => patience.abort(), PATIENCE_MS);
    const headers = Object.assign(token ? {Authorization: 'Bearer ' + token} : {}, options.headers);
    const common = {headers: headers, cache: 'no-store', keepalive: true, signal: patience.signal};
    try {
      const answer = await fetch(url, Object.assign({}, options, common));
      return {status: answer.status, waitS: answer.headers.get('Retry-After'), text: await answer.text()};
    } finally {
      clearTimeout(bell);
    }
  }

  function posting(batch) {
    const visits = batch.map((tap) => ({id: tap.id, audience: tap.audience, count: tap.count, occurred_at: tap.occurred_at}));
    return {method: 'POST', headers: {'Content-Type': 'application/json'}, body: JSON.stringify({visits: visits})};
  }

  async function settle(station, batch, results) {
    const those = (fits) => batch.filter((tap) => results.some((result) => result.id === tap.id && fits(result)));
    const isNew = (result) => result.status === 201;
    const isRefused = (result) => result.status === 422;
    const lies = (result) => isRefused(result) && result.problem.type === AHEAD;
    await harbourQueue.amend(those(lies), {after: Date.now() + AHEAD_MS});
    for (const result of results.filter((one) => isRefused(one) && !lies(one)))
      await harbourQueue.amend(those((one) => one === result), {problem: told(result.problem)});
    const days = those(isNew).map((tap) => dayOf(Date.parse(tap.occurred_at)));
    await harbourQueue.learn(station, (known) => ({total: (known.total || 0) + days.filter((day) => day === known.day).length}));
    await harbourQueue.drop(those((result) => isNew(result) || result.status === 200));
  }

  function problemIn(text) {
    try {
      return JSON.parse(text);
    } catch (error) {
      return {}; // what stands between here and the service may answer in its own words
    }
  }

  function told(problem) {
    const said = (problem.errors || []).map((fault) => fault.detail).concat(problem.detail || '');
    return {type: problem.type || '', said: said.join(' ')};
  }

  // All that waits on this phone, but for a station whose own pad is open. Fails where trying again may help.
  async function sendLeft(except) {
    const waiting = (await harbourQueue.taps()).filter((tap) => !tap.problem && !isAhead(tap) && tap.station !== except);
    const longest = Math.max(0, ...waiting.map(left));
    await new Promise((done) => setTimeout(done, longest * 1000));
    for (const station of new Set(waiting.map((tap) => tap.station))) await sendAll(station);
  }

  async function sendAll(station) {
    const by = await harbourQueue.pad(station);
    for (let answer = by.batch && await send(station, by); answer; answer = await send(station, by)) {
      if (HOPELESS.includes(answer.status)) return;
      if (!answer.isTaken) throw new Error('not taken: ' + answer.status);
    }
  }

  return {left: left, isAhead: isAhead, isDue: isDue, dayOf: dayOf, send: send, learnToday: learnToday, sendLeft: sendLeft};
})();
