/* The table beside the managers' map, sorted in place; without this script its heads lead to the page in that order.
 * One rule: only numbers are compared. The page has put names in order, as their readers would. */
(function () {
  'use strict';

  const body = document.querySelector('.map-table tbody');
  const heads = Array.from(document.querySelectorAll('.map-table [data-sort]'));
  let order = body.parentNode.dataset.order; // as in an address: a key, after a - where it falls

  function nextOf(wanted) {
    if (order === wanted) return wanted[0] === '-' ? wanted.slice(1) : '-' + wanted;
    return wanted;
  }

  function sort(key, falls) {
    const sign = falls ? -1 : 1;
    Array.from(body.rows)
      .sort((one, other) => sign * (Number(one.dataset[key]) - Number(other.dataset[key])))
      .forEach((row) => body.appendChild(row));
  }

  function tell(head, falls) {
    heads.forEach((one) => {
      one.closest('th').removeAttribute('aria-sort');
      one.classList.toggle('map-sorted', one === head);
    });
    head.closest('th').setAttribute('aria-sort', falls ? 'descending' : 'ascending');
  }

  heads.forEach((head) => head.addEventListener('click', (event) => {
    event.preventDefault();
    order = nextOf(head.dataset.sort);
    const falls = order[0] === '-';
    sort(falls ? order.slice(1) : order, falls);
    tell(head, falls);
  }));
})();
