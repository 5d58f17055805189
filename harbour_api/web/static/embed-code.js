/* The copy button: without a script the code is copied by hand. */
(function () {
  'use strict';

  const button = document.getElementById('copy');
  const code = document.getElementById('snippet');
  const say = (text) => (document.getElementById('copy-says').textContent = text);

  async function copy() {
    try {
      await navigator.clipboard.writeText(code.value);
      say(button.dataset.done);
    } catch {
      code.select();
      say(button.dataset.failed);
    }
  }

  button.addEventListener('click', copy);
  button.hidden = false;
})();
