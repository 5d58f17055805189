'use strict';
// Below the pad: what the service refused, with the reason, to be sent again or let go; and all that is kept, as a file.
(function () {
  const pad = document.getElementById('pad');
  const told = pad.dataset;
  const LOCKED = '/problems/day_locked';
  const refusals = document.getElementById('pad-refusals');
  const list = document.getElementById('pad-refused');
  const button = document.getElementById('pad-export');
  let kept = {taps: []};
  let shown = '';

  pad.addEventListener('harbour:kept', (event) => {
    kept = event.detail;
    const refused = kept.taps.filter((tap) => tap.problem);
    const now = JSON.stringify(refused);
    button.hidden = !kept.taps.length;
    if (now === shown) return; // made anew each second, its buttons would lose the focus
    shown = now;
    refusals.hidden = !refused.length;
    list.replaceChildren(...refused.map(line));
  });
  button.addEventListener('click', exported);

  const reason = (problem) => problem.type === LOCKED ? told.tooOld : told.refused.replace('{reason}', problem.said);
  const again = () => pad.dispatchEvent(new Event('harbour:again'));

  function line(tap) {
    const item = document.createElement('li');
    const text = document.createElement('span');
    text.textContent = [new Date(tap.tapped).toLocaleString(), kept.nameOf(tap.audience), reason(tap.problem)].join(' · ');
    item.append(
      text,
      choice(told.retry, () => harbourQueue.amend([tap], {problem: null})),
      choice(told.drop, () => harbourQueue.drop([tap]))
    );
    return item;
  }

  function choice(label, act) {
    const chosen = document.createElement('button');
    chosen.type = 'button';
    chosen.textContent = label;
    chosen.addEventListener('click', () => act().then(again));
    return chosen;
  }

  function exported() {
    const rows = kept.taps.map((tap) =>
      [tap.id, tap.station, tap.audience, tap.count, tap.occurred_at, tap.problem ? reason(tap.problem) : '']);
    const lines = [['id', 'station', 'audience', 'count', 'occurred_at', 'problem']].concat(rows);
    const text = lines.map((row) => row.map((cell) => '"' + String(cell).replace(/"/g, '""') + '"').join(',')).join('\r\n');
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob(['\ufeff' + text + '\r\n'], {type: 'text/csv'}));
    link.download = told.station + '-' + kept.day + '.csv';
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  }
})();
