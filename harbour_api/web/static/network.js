'use strict';
// What the phone knows by itself: the stations of /network.json, which of them fit, how far they are and when they open.
// It decides nothing anew: hours come as stretches, ways as addresses, sentences and figures as the server says them.
window.harbour = (function () {
  const lang = document.documentElement.lang === 'en' ? 'en' : 'zh';
  const AHEAD_S = 8 * 3600; // of Zhongshan's clock before UTC; it knows no summer time
  const DAY_S = 86400;
  const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
  let loading = null;
  let network = null;

  function load() {
    if (!loading) {
      loading = fetch('/network.json').then(function (answer) {
        if (!answer.ok) throw new Error('no network file');
        return answer.json();
      }).then(function (file) { network = opened(file); return network; });
      loading.catch(function () { loading = null; });
    }
    return loading;
  }

  function opened(file) {
    ['towns', 'amenities', 'ways', 'stations'].forEach(function (name) {
      const columns = file[name].columns;
      file[name] = file[name].rows.map(function (row) {
        const one = {};
        columns.forEach(function (column, i) { one[column] = row[i]; });
        return one;
      });
    });
    file.stations.forEach(function (station) {
      station.town = file.towns[station.town];
      station.yes = station.yes.map(function (i) { return file.amenities[i]; });
      station.out_of_order = station.out_of_order.map(function (i) { return file.amenities[i]; });
      station.seasons = station.seasons.map(function (one) { return [file.amenities[one[0]], one[1], one[2]]; });
      station.text = searchable(station);
    });
    file.said = file.words[lang];
    return file;
  }

  function searchable(station) {
    const syllables = station.pinyin.split(/\s+/);
    const initials = syllables.map(function (syllable) { return syllable.charAt(0); });
    const former = station.town.former.map(function (old) { return old[1]; });
    return [station.code, station.cnaps, station.zh, station.official, station.en, station.address || '', station.pinyin,
      syllables.join(''), initials.join(''), station.town.zh, station.town.en].concat(former).join('\n').toLowerCase();
  }

  function matching(asked, now) {
    const words = asked.q.toLowerCase().split(/\s+/);
    return network.stations.filter(function (station) {
      const has = station.yes.map(function (amenity) { return amenity.code; });
      return asked.amenities.every(function (code) { return has.indexOf(code) >= 0; })
        && (!asked.open || opening(station, now).isOpen === true)
        && words.every(function (word) { return station.text.indexOf(word) >= 0; });
    });
  }

  function nearest(stations, origin) {
    const found = stations.map(function (station) {
      return {station: station, metres: Math.round(distance(origin, station) * 1000) / 1000};
    });
    return found.sort(function (a, b) { return a.metres - b.metres || (a.station.code < b.station.code ? -1 : 1); });
  }

  // Vincenty's inverse formula on WGS-84: within a millimetre of the server's, but for points at the world's other end.
  function distance(from, to) {
    const A = 6378137, F = 1 / 298.257223563, B = A * (1 - F), RAD = Math.PI / 180;
    const L = (to.lon - from.lon) * RAD;
    const u1 = Math.atan((1 - F) * Math.tan(from.lat * RAD)), u2 = Math.atan((1 - F) * Math.tan(to.lat * RAD));
    const s1 = Math.sin(u1), c1 = Math.cos(u1), s2 = Math.sin(u2), c2 = Math.cos(u2);
    let lambda = L, before, sinSigma, cosSigma, sigma, cos2Alpha, cos2m;
    for (let round = 0; round < 100; round++) {
      const sinL = Math.sin(lambda), cosL = Math.cos(lambda);
      sinSigma = Math.hypot(c2 * sinL, c1 * s2 - s1 * c2 * cosL);
      if (sinSigma === 0) return 0;
      cosSigma = s1 * s2 + c1 * c2 * cosL;
      sigma = Math.atan2(sinSigma, cosSigma);
      const sinAlpha = c1 * c2 * sinL / sinSigma;
      cos2Alpha = 1 - sinAlpha * sinAlpha;
      cos2m = cos2Alpha === 0 ? 0 : cosSigma - 2 * s1 * s2 / cos2Alpha;
      const C = F / 16 * cos2Alpha * (4 + F * (4 - 3 * cos2Alpha));
      before = lambda;
      lambda = L + (1 - C) * F * sinAlpha * (sigma + C * sinSigma * (cos2m + C * cosSigma * (2 * cos2m * cos2m - 1)));
      if (Math.abs(lambda - before) < 1e-13) break;
    }
    const square = cos2Alpha * (A * A - B * B) / (B * B);
    const bigA = 1 + square / 16384 * (4096 + square * (square * (320 - 175 * square) - 768));
    const bigB = square / 1024 * (256 + square * (square * (74 - 47 * square) - 128));
    return B * bigA * (sigma - bigB * sinSigma * (cos2m + bigB / 4 * (cosSigma * (2 * cos2m * cos2m - 1)
      - bigB / 6 * cos2m * (4 * sinSigma * sinSigma - 3) * (4 * cos2m * cos2m - 3))));
  }

  // Whether a station is open, by the phone's clock; not known before and after the days that the file tells of.
  function opening(station, now) {
    const here = network.schedules[station.schedule].find(function (stretch) {
      return stretch[0] <= now && now < (stretch[1] === null ? network.until : stretch[1]);
    });
    return here ? {isOpen: here[2], next: here[1]} : {isOpen: null, next: null};
  }

  function hoursText(state, now) {
    if (state.isOpen === null) return said('unknown');
    const name = state.isOpen ? 'open' : 'shut';
    return state.next === null ? said(name) : said(name + '_until', {when: momentText(state.next, now)});
  }

  function momentText(at, now) {
    const days = dayOf(at) - dayOf(now);
    if (days === 0) return clockText(at);
    if (days === 1) return said('tomorrow', {clock: clockText(at)});
    const day = days > 1 && days < 7 ? network.said.weekdays[weekday(at)] : dateText(at);
    return day + ' ' + clockText(at);
  }

  function there(at) { return new Date((at + AHEAD_S) * 1000); }
  function dayOf(at) { return Math.floor((at + AHEAD_S) / DAY_S); }
  function startOf(day) { return day * DAY_S - AHEAD_S; }
  function weekday(at) { return (there(at).getUTCDay() + 6) % 7; }
  function clockText(at) { return there(at).toISOString().slice(11, 16); }
  function dateText(at) {
    const date = there(at);
    return said('date', {month: date.getUTCMonth() + 1, day: date.getUTCDate(), short: MONTHS[date.getUTCMonth()]});
  }

  // The days of what is not there always, and where today stands to them.
  function seasonOf(station, code) { return station.seasons.find(function (one) { return one[0].code === code; }); }
  function ofYear(span, year) { return said('of_year', {span: span, year: year}); }

  function spanText(season, today) {
    const first = startOf(season[1]), last = startOf(season[2]);
    const from = there(first), to = there(last), year = to.getUTCFullYear();
    let span = said('between', {begins: dateText(first), ends: dateText(last)});
    if (from.getUTCFullYear() !== year) {
      return said('between', {begins: ofYear(dateText(first), from.getUTCFullYear()), ends: ofYear(dateText(last), year)});
    }
    if (first === last) span = dateText(first);
    else if (from.getUTCMonth() === to.getUTCMonth()) {
      span = said('in_month', {month: from.getUTCMonth() + 1, day: from.getUTCDate(), to_day: to.getUTCDate(), short: MONTHS[from.getUTCMonth()]});
    }
    return year === there(startOf(today)).getUTCFullYear() ? span : ofYear(span, year);
  }

  function phaseOf(season, today) { return today < season[1] ? 'coming' : today > season[2] ? 'over' : 'on'; }

  function whenText(season, today) {
    return said('when', {span: spanText(season, today), phase: said(phaseOf(season, today))});
  }

  // The name of what a station has, or has but out of order, with its days.
  function amenityText(station, amenity, now) {
    const season = seasonOf(station, amenity.code);
    if (!season) return nameOf(amenity);
    const tell = station.yes.indexOf(amenity) >= 0 ? whenText : spanText;
    return said('name_and_when', {name: nameOf(amenity), when: tell(season, dayOf(now))});
  }

  function examText(station, now) {
    const rules = network.rules, season = seasonOf(station, rules.exam_amenity), today = dayOf(now);
    if (!station.yes.some(function (one) { return one.code === rules.exam_amenity; })) return '';
    if (!season) return there(now).getUTCMonth() + 1 === rules.exam_month ? said('in_exams') : '';
    const isNear = season[1] - today <= rules.soon_days && today <= season[2];
    return isNear ? said('in_exams_on', {when: whenText(season, today)}) : '';
  }

  function distanceText(metres) {
    if (metres < 995) return said('metres', {n: Math.max(10, Math.round(metres / 10) * 10)});
    return said('kilometres', {n: (metres / 1000).toFixed(1)});
  }

  function awayText(near, origin) {
    const rules = network.rules;
    const parts = [said('straight'), origin];
    if (near.station.placed) {
      parts.push(said('on_foot', {n: Math.ceil(near.metres * rules.walk_minutes_per_m)}));
      if (near.metres > rules.far_m) parts.push(said('by_bicycle', {n: Math.ceil(near.metres * rules.cycle_minutes_per_m)}));
    }
    return parts.join(' · ');
  }

  function said(name, values) {
    return network.said[name].replace(/\{(\w+)\}/g, function (braces, value) { return values && value in values ? values[value] : braces; });
  }

  function pick(zh, en) { return lang === 'en' ? en || zh : zh || en; }
  function nameOf(one) { return pick(one.zh, one.en); }

  function amenities(station, asked) {
    const order = asked.concat(network.rules.first, network.amenities.map(function (one) { return one.code; }));
    return station.yes.slice().sort(function (a, b) { return order.indexOf(a.code) - order.indexOf(b.code); });
  }

  function encoded(text) {
    return encodeURIComponent(text).replace(/[!'()*]/g, function (mark) { return '%' + mark.charCodeAt(0).toString(16).toUpperCase(); });
  }

  // Where a map application finds a station: by name, unless somebody has verified the place.
  function wayTo(station, way) {
    const values = {text: encoded((station.official || station.zh) + ' ' + station.town.zh)};
    if (station.placed) {
      const point = {wgs84: [station.lon, station.lat], gcj02: station.shifted[0], bd09: station.shifted[1]}[way.datum];
      const decimals = way.datum === 'wgs84' ? 6 : 7;
      const name = Array.from(station.zh, function (mark) { return way.awkward[mark] || mark; }).join('');
      values.lon = point[0].toFixed(decimals);
      values.lat = point[1].toFixed(decimals);
      values.name = encoded(name);
    }
    return (station.placed ? way.marker : way.search).replace(/(?:\{|%7B)(\w+?)(?:\}|%7D)/g, function (_, value) { return values[value]; });
  }

  // The texts of a station's card, by the names that the blank card has in braces.
  function card(station, now, near, origin) {
    const state = opening(station, now);
    const basis = network.said.basis;
    return {
      is_open: state.isOpen,
      code: station.code,
      name: nameOf(station),
      town: nameOf(station.town),
      unplaced: station.placed ? '' : said('unplaced'),
      hours_text: hoursText(state, now),
      hours_basis: station.hours_basis === network.rules.assumed ? basis[station.hours_basis] : '',
      access_text: network.said.access[station.access],
      access_basis: station.access_basis === null ? '' : basis[station.access_basis],
      exam_text: examText(station, now),
      distance_text: near ? distanceText(near.metres) : '',
      away_text: near ? awayText(near, origin) : '',
      directions_url: wayTo(station, network.ways[0]),
      go: said(station.placed ? 'go' : 'search')
    };
  }

  // Put texts where an element's own texts and attributes name them in braces; what they leave empty goes.
  function fill(element, values) {
    const put = function (text) { return text.replace(/\{(\w+)\}/g, function (braces, name) { return name in values ? values[name] : braces; }); };
    const nodes = [element].concat(Array.from(element.querySelectorAll('*')));
    nodes.forEach(function (node) {
      Array.from(node.attributes).forEach(function (one) { if (one.value.indexOf('{') >= 0) one.value = put(one.value); });
      Array.from(node.childNodes).forEach(function (text) {
        if (text.nodeType !== Node.TEXT_NODE || text.data.indexOf('{') < 0) return;
        text.data = put(text.data);
        if (!node.textContent && node !== element) node.remove();
      });
    });
    return element;
  }

  return {
    load: load, matching: matching, nearest: nearest, distanceText: distanceText, said: said, nameOf: nameOf, card: card, fill: fill,
    amenities: amenities, amenityText: amenityText, phaseOf: phaseOf, wayTo: wayTo, opening: opening, hoursText: hoursText, dayOf: dayOf, startOf: startOf, weekday: weekday,
    clockText: clockText, dateText: dateText, lang: lang,
    now: function () { return Math.floor(Date.now() / 1000); }
  };
})();
