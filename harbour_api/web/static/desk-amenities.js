'use strict';
// A tap on an amenity's state is saved at once, also on the one it has: somebody has looked again. A count or a note is
// saved when one leaves it. Without this file the form's one button saves them all. What was chosen stays chosen,
// whatever becomes of the saving, and the row says which it was.
(function () {
  const form = document.querySelector('.facts-amenities');
  const how = document.getElementById('amenities-how');
  if (!form || !window.fetch) return;
  how.textContent = how.dataset.now;
  const waiting = {}; // by amenity: the last saving, so that two taps are saved in their order

  form.addEventListener('click', function (event) { touched(event, true); });
  form.addEventListener('change', function (event) { touched(event, false); });

  function touched(event, isTap) {
    const row = event.target.closest('.facts-row');
    if (row && event.target.name && (event.target.type === 'radio') === isTap) later(row);
  }

  function later(row) {
    const code = row.dataset.amenity;
    waiting[code] = (waiting[code] || Promise.resolve()).then(function () { return save(row, code); });
  }

  function save(row, code) {
    const typed = read(row, code);
    say(row, '…', '');
    const request = {
      method: 'PUT', credentials: 'same-origin', headers: {'Content-Type': 'application/json'},
      body: JSON.stringify(body(typed))
    };
    return fetch(form.dataset.api + code, request).then(function (answer) {
      if (!answer.ok) return say(row, answer.status === 401 ? how.dataset.out : how.dataset.failed, 'off');
      form.elements['was-' + code].value = [typed.state, typed.count, typed.note].join('|');
      row.querySelector('.facts-belief').hidden = true; // it was true until now
      return say(row, how.dataset.saved, 'on');
    }, function () { say(row, how.dataset.away, 'off'); });
  }

  function read(row, code) {
    const value = function (name) { return form.elements[name + '-' + code].value.trim(); };
    return {state: value('state'), count: value('count'), note: value('note')};
  }

  function body(typed) {
    const told = {state: typed.state};
    if (typed.count) told.count = /^\d{1,9}$/.test(typed.count) ? Number(typed.count) : typed.count;
    if (typed.note) told.note = typed.note;
    return told;
  }

  function say(row, text, kind) {
    const state = row.querySelector('.facts-state');
    state.className = 'facts-state ' + kind;
    state.textContent = text;
  }
})();
