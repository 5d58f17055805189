'use strict';
// Reads a station aloud: what stands in the card or at the page's head, as it stands there. Only the browser speaks;
// where it cannot, the buttons stay hidden. Cards may come later, so the page is listened to, not each button.
(function () {
  var speech = window.speechSynthesis;
  var root = document.documentElement;
  var speaking = null;
  if (!speech || !window.SpeechSynthesisUtterance) return;
  root.classList.add('speaks');
  function fall(button) {
    button.setAttribute('aria-pressed', 'false');
    if (speaking === button) speaking = null;
  }
  function said(box) {
    var lines = Array.prototype.map.call(box.querySelectorAll('h1,h3,p'), function (line) {
      return line.textContent.replace(/\s+/g, ' ').trim();
    });
    return lines.filter(Boolean).join(root.lang === 'en' ? '. ' : '。');
  }
  document.addEventListener('click', function (event) {
    var button = event.target.closest && event.target.closest('.aloud');
    if (!button) return;
    var before = speaking;
    speech.cancel();
    if (before) fall(before);
    if (before === button) return;
    var words = new SpeechSynthesisUtterance(said(button.closest('.card,.head')));
    words.lang = root.lang;
    words.rate = 0.9;
    words.onend = words.onerror = function () { fall(button); };
    speaking = button;
    button.setAttribute('aria-pressed', 'true');
    speech.speak(words);
  });
  addEventListener('pagehide', function () { speech.cancel(); });
})();
