'use strict';
// The page works without this. It sorts by where the phone is, on the phone: the position goes nowhere. The same shows
// a page that the phone kept for when there is no connection. It also opens the form on a screen with room for it.
(function () {
  const SLOW_MS = 12000;
  const OLD_MS = 20 * 60 * 1000; // of a network file: a page with a connection gets one of ten minutes at most
  const byId = function (id) { return document.getElementById(id); };
  const button = byId('near');
  const says = byId('near-says');
  const form = byId('ask');
  const wide = matchMedia('(min-width:900px)').matches;
  const phone = window.harbour;
  const isKept = 'kept' in document.documentElement.dataset;
  const clean = function (text) { return text.trim(); };
  let position = null;
  let network = null;

  function asked(everything) {
    const chosen = Array.from(form.querySelectorAll('[name=amenity]:checked'), function (tick) { return tick.value; });
    return {
      town: form.elements.town.value, q: clean(form.elements.q.value), amenities: chosen,
      open: form.elements.open.checked, all: everything
    };
  }

  // The address of an answer: all that can be shared, and never where the phone is.
  function address(question, lang) {
    const pairs = [];
    if (question.town) pairs.push(['town', question.town]);
    if (question.q) pairs.push(['q', question.q]);
    question.amenities.forEach(function (code) { pairs.push(['amenity', code]); });
    if (question.open) pairs.push(['open', '1']);
    if (question.all) pairs.push(['all', '1']);
    if (lang || phone.lang !== 'zh') pairs.push(['lang', lang || phone.lang]);
    return pairs.length ? '/?' + new URLSearchParams(pairs) : '/';
  }

  function show(question) {
    const now = phone.now();
    const found = phone.matching(question, now);
    const town = network.towns.find(function (one) { return one.code === question.town; });
    const origin = town || position;
    const near = origin ? phone.nearest(found, origin) : [];
    const shown = question.all ? near : near.slice(0, network.rules.shown);
    const values = {town: town ? phone.nameOf(town) : ''};
    const isAsked = origin || question.q || question.amenities.length || question.open;
    byId('groups').replaceChildren.apply(byId('groups'), origin ? [listOf(shown, question, now, town)] : byTown(found, question, now));
    write('heading', isAsked ? phone.said(town ? 'near_town' : position ? 'near_you' : 'matching', values) : '');
    write('summary', isAsked ? summary(question, found, near) : '');
    write('note', origin ? phone.said(town ? 'town_note' : 'your_note', values) : '');
    write('all', shown.length < near.length ? phone.said('show_all', {n: found.length}) : '');
    byId('all').href = address(Object.assign({}, question, {all: true}));
    byId('without').hidden = found.length > 0 || !isAsked;
    byId('without').firstElementChild.href = address({town: question.town, q: '', amenities: [], open: false});
    title(question, town, isAsked);
    const other = document.querySelector('a[hreflang]');
    other.href = address(question, other.lang === 'en' ? 'en' : 'zh');
  }

  function title(question, town, isAsked) {
    const names = question.amenities.map(function (code) {
      return phone.nameOf(network.amenities.find(function (one) { return one.code === code; }));
    });
    const place = town ? [phone.nameOf(town)] : position ? [phone.said('your_place')] : [];
    const criteria = place.concat(question.q || [], names, question.open ? phone.said('open_now') : []);
    if (criteria.length) byId('criteria').textContent = phone.said('change', {criteria: criteria.join(' · ')});
    if (position) form.elements.town.options[0].textContent = phone.said('your_place');
    byId('title').classList.toggle('unseen', !!isAsked);
    if (byId('intro')) byId('intro').hidden = !!isAsked;
    form.parentElement.open = wide || !isAsked;
  }

  function write(id, text) {
    byId(id).textContent = text;
    byId(id).hidden = !text;
  }

  function summary(question, found, near) {
    if (!found.length) return phone.said(question.amenities.length ? 'none_confirmed' : 'none');
    if (!near.length) return phone.said('found', {n: found.length});
    const metres = near[0].metres;
    return phone.said(metres > network.rules.far_m ? 'found_far' : 'found_near', {n: found.length, distance: phone.distanceText(metres)});
  }

  function listOf(near, question, now, town) {
    const list = document.createElement('ol');
    const origin = phone.said(town ? 'from_town' : 'from_you');
    list.className = 'cards';
    near.forEach(function (one) { list.append(card('card-near', one.station, question, phone.card(one.station, now, one, origin))); });
    return list;
  }

  function byTown(found, question, now) {
    const parts = [];
    let town = null;
    const inOrder = found.slice().sort(function (a, b) { return a.town.code < b.town.code ? -1 : a.town.code > b.town.code ? 1 : a.code < b.code ? -1 : 1; });
    inOrder.forEach(function (station) {
      if (station.town !== town) {
        town = station.town;
        const heading = document.createElement('h2');
        const list = document.createElement('ol');
        heading.textContent = phone.nameOf(town);
        list.className = 'cards';
        parts.push(heading, list);
      }
      parts[parts.length - 1].append(card('card-in-town', station, question, phone.card(station, now)));
    });
    return parts;
  }

  function card(template, station, question, values) {
    const made = phone.fill(byId(template).content.firstElementChild.cloneNode(true), values);
    const has = made.querySelector('.has');
    const amenities = phone.amenities(station, question.amenities);
    const blank = has.firstElementChild;
    const state = made.querySelector('.unsure');
    state.className = values.is_open === null ? 'unsure' : values.is_open ? 'on' : 'off';
    amenities.slice(0, 6).forEach(function (amenity) { has.append(item(blank.cloneNode(true), amenity, phone.amenityText(station, amenity, phone.now()))); });
    if (amenities.length > 6) {
      const more = document.createElement('li');
      more.textContent = phone.said('in_all', {n: amenities.length});
      has.append(more);
    }
    blank.remove();
    if (!amenities.length) has.remove();
    return made;
  }

  function item(made, amenity, text) {
    const use = made.querySelector('use');
    if (use && byId('i-' + amenity.icon)) use.setAttribute('href', '#i-' + amenity.icon);
    return phone.fill(made, {amenity: text});
  }

  function answer(question, keep) {
    return phone.load().then(function (loaded) {
      network = loaded;
      show(question);
      if (keep) history.pushState(null, '', address(question));
      if (isKept || Date.now() - network.as_of * 1000 > OLD_MS) window.harbourKept(network.as_of);
      button.disabled = false;
      says.textContent = '';
    }).catch(function () { lead(button.dataset.away); });
  }

  // Whatever went wrong leads on to the towns.
  function lead(text) {
    button.disabled = false;
    says.textContent = text;
    form.parentElement.open = true;
    form.elements.town.focus();
  }

  function located(found) {
    form.elements.town.value = '';
    if (!button.dataset.network) return send(found.coords);
    position = {lon: found.coords.longitude, lat: found.coords.latitude};
    answer(asked(false), true).then(function () { document.querySelector('.finder').scrollIntoView(); });
  }

  // A network too large for a phone is sorted by the server, which gets the position to about 11 m.
  function send(coords) {
    ['lon', 'lat'].forEach(function (name) {
      form.elements[name].disabled = false;
      form.elements[name].value = (name === 'lon' ? coords.longitude : coords.latitude).toFixed(4);
    });
    form.submit();
  }

  function ask() {
    const slow = setTimeout(function () { lead(button.dataset.failed); }, SLOW_MS);
    button.disabled = true;
    says.textContent = button.dataset.busy;
    if (button.dataset.network) phone.load().catch(function () {});
    navigator.geolocation.getCurrentPosition(
      function (found) { clearTimeout(slow); located(found); },
      function () { clearTimeout(slow); lead(button.dataset.failed); },
      {timeout: 10000, maximumAge: 60000}
    );
  }

  // What the address asks, of a page that was kept without any question.
  function read() {
    const query = new URLSearchParams(location.search);
    const value = function (name) { return clean(query.get(name) || ''); };
    form.elements.town.value = value('town');
    form.elements.q.value = value('q');
    form.elements.open.checked = value('open') === '1';
    query.getAll('amenity').forEach(function (code) {
      const tick = form.querySelector('[name=amenity][value="' + CSS.escape(code) + '"]');
      if (tick) tick.checked = true;
    });
    if (value('lon') && value('lat') && !form.elements.town.value) position = {lon: Number(value('lon')), lat: Number(value('lat'))};
    return asked(value('all') === '1');
  }

  form.addEventListener('submit', function (event) {
    if (!isKept && !position) return;
    event.preventDefault();
    if (form.elements.town.value) position = null;
    answer(asked(false), true);
  });
  byId('all').addEventListener('click', function (event) {
    if (!isKept && !position) return;
    event.preventDefault();
    answer(asked(true), true);
  });
  addEventListener('popstate', function () { location.reload(); });
  if (wide) form.parentElement.open = true;
  if (isKept) answer(read(), false);
  if (!navigator.geolocation) return;
  button.hidden = false;
  button.addEventListener('click', ask);
})();
