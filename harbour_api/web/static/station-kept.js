'use strict';
// A station without a connection. Its own page, where the phone kept it, is told the time anew; else the kept page for no
// connection is filled in from the network file.
(function () {
  const phone = window.harbour;
  const found = /^\/stations\/([^/]+)$/.exec(location.pathname);
  const desk = document.getElementById('desk');
  if (desk) desk.hidden = !location.pathname.startsWith('/manage');
  if (!('kept' in document.documentElement.dataset) || !found) return;

  phone.load().then(function (network) {
    const now = phone.now();
    const one = function (code) { return network.stations.find(function (station) { return station.code === code; }); };
    const station = one(decodeURIComponent(found[1]));
    const blank = document.getElementById('station');
    if (!station) return;
    if (blank) put(blank, station, network, now);
    tell(document.querySelector('.state'), station, now);
    document.querySelectorAll('.near a').forEach(function (link) {
      const other = one(link.pathname.split('/').pop());
      const state = link.parentElement.querySelector('.on,.off,.unsure');
      if (other && state) tell(state, other, now);
    });
    mark(now);
    place(now);
    if (blank) window.harbourKept(network.as_of);
  }).catch(function () {});

  function tell(element, station, now) {
    const state = phone.opening(station, now);
    element.classList.remove('on', 'off', 'unsure');
    element.classList.add(state.isOpen === null ? 'unsure' : state.isOpen ? 'on' : 'off');
    element.firstChild.data = phone.hoursText(state, now) + ' ';
  }

  // The table's rows say which day they are of; only the phone knows which of them is today.
  function mark(now) {
    document.querySelectorAll('tr[data-day]').forEach(function (row) {
      const isToday = Number(row.dataset.day) === phone.dayOf(now);
      const word = row.querySelector('th span');
      row.classList.toggle('today', isToday);
      if (word && !isToday) word.remove();
      if (!word && isToday) row.querySelector('th').append(' ' + phone.said('today'));
    });
  }

  // What has its days says which they are; whether today is one of them only the phone knows.
  function place(now) {
    document.querySelectorAll('[data-season]').forEach(function (state) {
      const phase = phone.phaseOf([null].concat(state.dataset.season.split(' ').map(Number)), phone.dayOf(now));
      state.textContent = phone.said(phase);
      state.closest('li').className = phase === 'on' ? 'is-yes' : 'is-unknown';
    });
  }

  function put(blank, station, network, now) {
    const missing = phone.said('none_registered');
    const values = Object.assign(phone.card(station, now), {
      ways_title: blank.dataset[station.placed ? 'placed' : 'unplaced'],
      address: station.address || missing, phone: station.phone || missing, official: station.official || missing
    });
    const made = phone.fill(blank.content.firstElementChild.cloneNode(true), values);
    network.ways.forEach(function (way) { made.querySelector('.ways').append(linkTo(station, way)); });
    for (let ahead = 0; ahead < 7; ahead++) made.querySelector('table').append(day(station, network, phone.dayOf(now) + ahead));
    list(made.querySelector('#yes'), phone.amenities(station, []), station, now);
    list(made.querySelector('#out-of-order'), station.out_of_order, station, now);
    document.getElementById('needs').replaceWith(made);
    document.title = values.name;
  }

  function linkTo(station, way) {
    const item = document.createElement('li');
    const link = document.createElement('a');
    link.href = phone.wayTo(station, way);
    link.rel = 'noreferrer';
    link.textContent = phone.nameOf(way);
    item.append(link);
    return item;
  }

  function list(element, amenities, station, now) {
    amenities.forEach(function (amenity) {
      const item = document.createElement('li');
      item.textContent = phone.amenityText(station, amenity, now);
      element.append(item);
    });
    if (!amenities.length) element.parentElement.remove();
  }

  function day(station, network, number) {
    const row = document.createElement('tr');
    const name = document.createElement('th');
    const hours = document.createElement('td');
    const start = phone.startOf(number);
    name.scope = 'row';
    name.textContent = network.said.weekdays[phone.weekday(start)] + ' ' + phone.dateText(start);
    hours.textContent = hoursOf(station, network, start);
    row.dataset.day = number;
    row.append(name, hours);
    return row;
  }

  function hoursOf(station, network, start) {
    const end = start + 86400;
    const here = network.schedules[station.schedule].map(function (one) {
      return {from: Math.max(one[0], start), to: Math.min(one[1] === null ? network.until : one[1], end), isOpen: one[2]};
    }).filter(function (one) { return one.from < one.to; });
    const told = here.reduce(function (sum, one) { return sum + one.to - one.from; }, 0);
    if (told < 86400 || here.some(function (one) { return one.isOpen === null; })) return phone.said('unsure');
    const open = here.filter(function (one) { return one.isOpen; }).map(function (one) {
      return phone.clockText(one.from) + '–' + (one.to === end ? '24:00' : phone.clockText(one.to));
    });
    return open.join(phone.said('comma')) || phone.said('rest');
  }
})();
