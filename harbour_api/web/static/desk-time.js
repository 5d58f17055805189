/* The time of the managers' map: a slider beside the list of periods that works without it.
 * One rule: the address follows what is shown, so that it can be shared and loaded again, and what leads on from here
 * keeps it. */
(function () {
  'use strict';

  const list = document.getElementById('map-at');
  const by = document.getElementById('map-by');
  const slider = document.getElementById('map-period');
  const last = Number(slider.max);

  /* Call back whenever another period is to be shown, or other circles. */
  function begin(turn, choose) {
    slider.addEventListener('input', () => {
      list.selectedIndex = Number(slider.value);
      tell();
      turn();
    });
    slider.addEventListener('change', keep); // once it is let go: browsers count changes of an address
    list.addEventListener('change', () => {
      slider.value = Math.min(list.selectedIndex, last);
      tell();
      turn();
      keep();
    });
    by.addEventListener('change', () => {
      choose();
      keep();
    });
    tell();
  }

  function tell() {
    slider.setAttribute('aria-valuetext', list.options[list.selectedIndex].text);
  }

  function keep() {
    history.replaceState(null, '', told(new URL(location.href)));
    document.querySelectorAll('.map-page a[href*="/manage/map"], [hreflang]').forEach((link) => {
      link.href = told(new URL(link.href), link.classList.contains('map-span'));
    });
    const back = document.querySelector('[name="back"]');
    back.value = location.pathname + location.search;
  }

  /* Another span has other periods: its links keep what is drawn, and not when. */
  function told(address, isSpan) {
    const asked = address.searchParams;
    if (!isSpan) asked.set('at', list.value);
    if (by.value === 'station') asked.delete('by');
    else asked.set('by', by.value);
    return address.href;
  }

  window.HarbourMap.time = {
    begin: begin, at: () => list.selectedIndex, isWhole: () => list.selectedIndex > last, by: () => by.value,
  };
})();
