'use strict';
// The report buttons work without this. It lets a tap wait ten seconds on the phone before it is sent, so that undo drops
// it, and stays on the page.
(function () {
  var WAIT_S = 10;
  var section = document.getElementById('report');
  var says = document.getElementById('report-says');
  var undo = document.getElementById('report-undo');
  var words = section.dataset;
  var waiting = null;
  function say(text) { says.textContent = text; }
  function busy(is) {
    section.querySelectorAll('form button').forEach(function (button) { button.disabled = is; });
    undo.hidden = !is;
  }
  function drop() {
    clearInterval(waiting.timer);
    var form = waiting.form;
    waiting = null;
    busy(false);
    return form;
  }
  function send() {
    var body = {};
    new FormData(drop()).forEach(function (value, name) { body[name] = value; });
    var request = {method: 'POST', headers: {'Content-Type': 'application/json'}, body: JSON.stringify(body), keepalive: true};
    say(words.sending);
    fetch(words.address, request)
      .then(function (answer) { say(answer.ok ? words.thanks : answer.status === 429 ? words.often : words.failed); })
      .catch(function () { say(words.failed); });
  }
  section.addEventListener('submit', function (event) {
    event.preventDefault();
    if (waiting) return;
    var left = WAIT_S;
    var name = event.target.querySelector('button').textContent;
    function count() {
      undo.textContent = words.undo.replace('{n}', left);
      if (left-- === 0) send();
    }
    waiting = {form: event.target, timer: setInterval(count, 1000)};
    busy(true);
    say(words.waiting.replace('{name}', name));
    count();
    undo.focus();
  });
  undo.addEventListener('click', function () {
    if (!waiting) return;
    drop().querySelector('button').focus();
    say(words.dropped);
  });
  // Whoever leaves within the ten seconds meant the report: it goes out with them.
  addEventListener('pagehide', function () { if (waiting) send(); });
})();
