/* In a frame: tells the embedding page how high the content is, whenever that changes and whenever it asks.
 * One rule: a height is all that ever leaves the frame, so it may go to any page. */
(function () {
  'use strict';

  if (window.parent === window) return;
  const tell = () => window.parent.postMessage({ type: 'harbour-height', height: document.body.offsetHeight }, '*');

  window.addEventListener('message', (event) => {
    if (event.source === window.parent && event.data && event.data.type === 'harbour-height-please') tell();
  });
  if (window.ResizeObserver) new ResizeObserver(tell).observe(document.body);
  tell();
})();
