'use strict';
// A tap on an amenity's state is saved at once, also on the one it has: somebody has looked again. A count, a note or a
// pair of days is saved when one leaves it; one day waits for the other. Without this file the form's one button saves
// them all. What was chosen stays chosen, whatever becomes of the saving, and the row says which it was. Where somebody
// else has set the same amenity meanwhile, the row says to what, and a second tap is a choice. No saving waits for another
// longer than PATIENCE_MS.
(function () {
  const form = document.querySelector('.facts-amenities');
  const how = document.getElementById('amenities-how');
  if (!form || !window.fetch) return;
  const PATIENCE_MS = 15000;
  how.textContent = how.dataset.now;
  let etag = form.dataset.etag;
  let waiting = Promise.resolve(); // the last saving, so that taps are saved in their order, each to the newest version

  form.addEventListener('click', function (event) { touched(event, true); });
  form.addEventListener('change', function (event) { touched(event, false); });

  function touched(event, isTap) {
    const row = event.target.closest('.facts-row');
    if (row && event.target.name && (event.target.type === 'radio') === isTap) later(row);
  }

  function later(row) {
    say(row, '…', '');
    waiting = waiting.then(function () { return save(row, row.dataset.amenity); });
  }

  function save(row, code) {
    const typed = read(row, code);
    if (!typed.from !== !typed.to) return say(row, how.dataset.half, 'off');
    say(row, '…', '');
    const request = {
      method: 'PUT', headers: {'Content-Type': 'application/json', 'If-Match': etag},
      body: JSON.stringify(body(typed))
    };
    return asked(form.dataset.api + '/amenities/' + code, request).then(function (answer) {
      if (answer.status === 412) return compare(row, code);
      if (!answer.ok) return say(row, answer.status === 401 ? how.dataset.out : how.dataset.failed, 'off');
      etag = answer.headers.get('ETag');
      form.elements['was-' + code].value = textOf(typed);
      row.querySelector('.facts-belief').hidden = true; // it was true until now
      return say(row, how.dataset.saved, 'on');
    }).catch(function () { say(row, how.dataset.away, 'off'); });
  }

  // Somebody has changed the station. Where this amenity is as it was shown, that is in nobody's way.
  function compare(row, code) {
    return asked(form.dataset.api, {cache: 'no-store'}).then(function (answer) {
      if (!answer.ok) return say(row, how.dataset.failed, 'off');
      etag = answer.headers.get('ETag');
      const was = form.elements['was-' + code];
      const now = known(JSON.parse(answer.text).properties.amenities, code);
      const isSame = textOf(now) === was.value || textOf(now) === textOf(read(row, code));
      was.value = textOf(now);
      return isSame ? save(row, code) : say(row, how.dataset.overtaken.replace('{theirs}', function () { return told(row, now); }), 'off');
    });
  }

  // The whole answer, or none within our patience.
  function asked(url, options) {
    const patience = new AbortController();
    const bell = setTimeout(function () { patience.abort(); }, PATIENCE_MS);
    const silence = function () { clearTimeout(bell); };
    const request = fetch(url, Object.assign({credentials: 'same-origin', signal: patience.signal}, options));
    const whole = request.then(function (answer) {
      return answer.text().then(function (text) {
        return {ok: answer.ok, status: answer.status, headers: answer.headers, text: text};
      });
    });
    whole.then(silence, silence);
    return whole;
  }

  function known(amenities, code) {
    const found = amenities.find(function (one) { return one.code === code; }) || {state: 'unknown'};
    const text = function (name) { return found[name] === null || found[name] === undefined ? '' : String(found[name]); };
    return {state: found.state, count: text('count'), note: text('note'), from: text('from'), to: text('to')};
  }

  function told(row, one) {
    const state = row.querySelector('[type=radio][value="' + one.state + '"]').nextElementSibling.textContent;
    const days = one.from && one.from + ' – ' + one.to;
    return [state, one.count, one.note, days].filter(Boolean).join(' · ');
  }

  function read(row, code) {
    const value = function (name) { return form.elements[name + '-' + code].value.trim(); };
    return {state: value('state'), count: value('count'), note: value('note'), from: value('from'), to: value('to')};
  }

  // As the form has it (`Typed.text`): by this one tells whether a row was changed. 05 is 5.
  function textOf(one) {
    return JSON.stringify([one.state, one.count.replace(/^0+(?=[0-9])/, ''), one.note, one.from, one.to]);
  }

  function body(typed) {
    const told = {state: typed.state};
    if (typed.count) told.count = /^\d{1,9}$/.test(typed.count) ? Number(typed.count) : typed.count;
    ['note', 'from', 'to'].forEach(function (name) { if (typed[name]) told[name] = typed[name]; });
    return told;
  }

  function say(row, text, kind) {
    const state = row.querySelector('.facts-state');
    state.className = 'facts-state ' + kind;
    state.textContent = text;
  }
})();
