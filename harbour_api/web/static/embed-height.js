/* On the embedding page: gives a frame of ours the height its content asks for.
 * One rule: a message counts only when it comes from our origin and out of a frame of this page that we know. */
(function () {
  'use strict';

  const LEAST = 160;
  const MOST = 30000;
  const origin = new URL(document.currentScript.src).origin;
  const frames = () =>
    Array.from(document.querySelectorAll('iframe')).filter((frame) => frame.src.startsWith(origin + '/embed'));

  window.addEventListener('message', (event) => {
    if (event.origin !== origin || !event.data || event.data.type !== 'harbour-height') return;
    const height = Math.ceil(Number(event.data.height));
    const frame = frames().find((one) => one.contentWindow === event.source);
    if (frame && height >= LEAST && height <= MOST) frame.style.height = height + 'px';
  });
  /* A frame that was ready before this script has spoken already. */
  frames().forEach((frame) => frame.contentWindow.postMessage({ type: 'harbour-height-please' }, '*'));
})();
