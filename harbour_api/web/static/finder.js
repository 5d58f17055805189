'use strict';
// The page works without this. It adds one button, which sorts by where the phone is (rounded to about 11 m before it
// is sent), and opens the form on a screen with room for it.
(function () {
  var button = document.getElementById('near');
  var says = document.getElementById('near-says');
  var form = document.getElementById('ask');
  if (matchMedia('(min-width:900px)').matches) form.parentElement.open = true;
  if (!navigator.geolocation) return;
  function found(position) {
    ['lon', 'lat'].forEach(function (name) {
      var figure = name === 'lon' ? position.coords.longitude : position.coords.latitude;
      form.elements[name].disabled = false;
      form.elements[name].value = figure.toFixed(4);
    });
    form.elements.town.value = '';
    form.submit();
  }
  function failed() {
    button.disabled = false;
    says.textContent = button.dataset.failed;
    form.elements.town.focus();
  }
  button.hidden = false;
  button.addEventListener('click', function () {
    button.disabled = true;
    says.textContent = button.dataset.busy;
    navigator.geolocation.getCurrentPosition(found, failed, {timeout: 10000, maximumAge: 60000});
  });
})();
