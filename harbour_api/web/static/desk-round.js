'use strict';
// The round from where the phone is: the position goes into this page's address rounded, as on the finder, and no farther.
(function () {
  const button = document.getElementById('round-here');
  if (!button || !navigator.geolocation) return;
  const form = document.getElementById('round');
  const says = document.getElementById('round-says');
  button.hidden = false;
  button.addEventListener('click', function () {
    button.disabled = true;
    says.textContent = button.dataset.busy;
    navigator.geolocation.getCurrentPosition(begin, function () {
      button.disabled = false;
      says.textContent = button.dataset.failed;
    }, {timeout: 10000, maximumAge: 60000});
  });

  function begin(position) {
    form.elements.from.disabled = true;
    put('lon', position.coords.longitude);
    put('lat', position.coords.latitude);
    form.submit();
  }

  function put(name, degrees) {
    const field = document.createElement('input');
    field.type = 'hidden';
    field.name = name;
    field.value = degrees.toFixed(4);
    form.appendChild(field);
  }
})();
