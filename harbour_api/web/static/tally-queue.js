'use strict';
// What the phone keeps of the tally pads: every tap until the service has counted it, and of each station the total of its
// day and how its taps are sent. The page and the worker read and write it alike.
// One rule: a tap is written down before it shows; it goes when the service has it, or when somebody takes it back.
const harbourQueue = (function () {
  let opening = null;

  function opened() {
    if (!opening) opening = open().catch((error) => { opening = null; throw error; });
    return opening;
  }

  function open() {
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

  async function changed(name, act) {
    const store = await opened();
    return new Promise((done, failed) => {
      const change = store.transaction(name, 'readwrite', {durability: 'strict'});
      act(change.objectStore(name));
      change.oncomplete = () => done();
      change.onerror = change.onabort = () => failed(change.error);
    });
  }

  async function read(name, asks) {
    const store = await opened();
    return new Promise((done, failed) => {
      const asked = asks(store.transaction(name).objectStore(name));
      asked.onsuccess = () => done(asked.result);
      asked.onerror = () => failed(asked.error);
    });
  }

  async function taps(station) {
    const found = await read('taps', (all) => station ? all.index('station').getAll(station) : all.getAll());
    return found.sort((a, b) => a.tapped - b.tapped);
  }

  // A tap that was taken back since it was read is not brought back by this.
  function amend(some, changes) {
    return changed('taps', (all) => some.forEach((tap) => {
      all.get(tap.id).onsuccess = (found) => {
        if (found.target.result) all.put(Object.assign(found.target.result, changes));
      };
    }));
  }

  async function pad(station) {
    return (await read('today', (all) => all.get(station))) || {station: station, total: null, now: 0, skew: 0};
  }

  // `news` gives from what is kept of the station what is to be kept instead.
  function learn(station, news) {
    return changed('today', (all) => {
      all.get(station).onsuccess = (found) => {
        const known = found.target.result || {total: null, now: 0, skew: 0};
        all.put(Object.assign({}, known, news(known), {station: station}));
      };
    });
  }

  // What only a log-in is told goes with it; how the taps are sent stays, for the taps stay.
  function forgetTotals() {
    return changed('today', (all) => {
      all.getAll().onsuccess = (found) => {
        const ofDesk = found.target.result.filter((known) => !known.token);
        ofDesk.forEach((known) => all.put(Object.assign(known, {total: null, day: ''})));
      };
    });
  }

  return {
    taps: taps,
    add: (tap) => changed('taps', (all) => all.add(tap)),
    drop: (gone) => changed('taps', (all) => gone.forEach((tap) => all.delete(tap.id))),
    amend: amend,
    pad: pad,
    learn: learn,
    forgetTotals: forgetTotals
  };
})();
