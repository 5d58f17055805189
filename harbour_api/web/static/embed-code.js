/* The snippet and its preview follow what is chosen, and the copy button.
 * One rule: the server makes the snippet, here as without a script, so that there is one truth about its text; this
 * script only asks for the form's own page again and takes over what changed. */
(function () {
  'use strict';

  const PAUSE_MS = 300; // after the last key in a field of figures
  const button = document.getElementById('copy');
  const form = document.querySelector('.embed-maker form');
  const byId = (id, page) => (page || document).getElementById(id);
  const say = (text) => (byId('copy-says').textContent = text);
  let asked = 0;
  let pause = 0;

  async function copy() {
    const code = byId('snippet');
    try {
      await navigator.clipboard.writeText(code.value);
      say(button.dataset.done);
    } catch {
      code.select();
      say(button.dataset.failed);
    }
  }

  /* What is at its default stays out of the address, as in the snippet. */
  function address() {
    const chosen = Array.from(new FormData(form)).filter(([, value]) => value !== '');
    return form.getAttribute('action').split('?')[0] + '?' + new URLSearchParams(chosen);
  }

  async function follow() {
    if (!form.checkValidity()) return;
    const turn = (asked += 1);
    try {
      const answer = await fetch(address());
      const text = await answer.text();
      if (turn === asked && answer.ok) takeOver(new DOMParser().parseFromString(text, 'text/html'));
    } catch {
      say(form.dataset.failed);
    }
  }

  function takeOver(page) {
    const before = byId('snippet').value;
    byId('snippet').value = byId('snippet', page).value;
    showPreview(page.querySelector('.embed-preview'));
    history.replaceState(null, '', address());
    if (byId('snippet').value !== before) say(form.dataset.done);
  }

  /* A new frame, because another address in the old one would be a step to go back over. */
  function showPreview(fresh) {
    const old = document.querySelector('.embed-preview');
    const same = ['src', 'width', 'height', 'title'].every((name) => old.getAttribute(name) === fresh.getAttribute(name));
    if (!same) old.parentNode.replaceChild(document.importNode(fresh, true), old);
  }

  /* The language is the page's own, too: all of it changes. */
  function choose(event) {
    clearTimeout(pause);
    if (event.target.name === 'lang') location.assign(address());
    else pause = setTimeout(follow, event.type === 'input' ? PAUSE_MS : 0);
  }

  button.addEventListener('click', copy);
  button.hidden = false;
  form.addEventListener('input', (event) => event.target.type === 'number' && choose(event));
  form.addEventListener('change', choose);
})();
