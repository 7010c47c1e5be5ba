'use strict';
(() => {
  const PAGE = 100;
  const ID = 0;
  const OUTCOME = 4;
  const PATTERNS = 10;

  const byId = (id) => document.getElementById(id);
  const { outcomes, patterns, rows } = JSON.parse(byId('data').textContent);
  const body = byId('rows');
  const headers = [...document.querySelectorAll('[data-sort]')];
  const opened = new Set();
  let shown = rows;
  let first = 0;
  let sorted = null;

  /** The text of a cell. */
  function text(row, at) {
    const cell = row[at];
    if (at === OUTCOME) return outcomes[cell][0];
    if (at === PATTERNS) return cell.map((pattern) => patterns[pattern]).join(' ');
    return cell === 0 ? '' : String(cell);
  }

  const texts = (row) => headers.map((_, at) => text(row, at));

  /** An address as digits that sort as it does: IPv4 first. */
  function addressKey(address) {
    const padded = (parts, length) => parts.map((part) => part.padStart(length, '0')).join('');
    if (!address.includes(':')) return `4${padded(address.split('.'), 3)}`;
    // The last four bytes may be written as an IPv4 address.
    const hex = address.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, ...bytes) => {
      const [a, b, c, d] = bytes.map(Number);
      return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
    });
    const [head, tail] = hex.split('::').map((side) => side.split(':').filter(Boolean));
    const zeros = tail ? Array(8 - head.length - tail.length).fill('0') : [];
    return `6${padded([...head, ...zeros, ...(tail ?? [])], 4)}`;
  }

  /** A name, an address and a port: `name (address):port`, `address:port`, `[address]:port`. */
  function endKey(end) {
    const [, name, address, port] = /^(?:(.*) \()?\[?([\da-f.:]+)[\])]?:(\d+)$/.exec(end);
    return `${name ?? ''} ${addressKey(address)} ${port.padStart(5, '0')}`;
  }

  /** What a column is sorted by; null is last in either direction. */
  const KEYS = {
    number: (row, at, by) => row[by],
    name: (row, at) => text(row, at) || null,
    end: (row, at) => endKey(row[at]),
  };

  function sort() {
    if (!sorted) return shown;
    const { at, sign } = sorted;
    const { sort: kind, by } = headers[at].dataset;
    const keyed = shown.map((row) => [KEYS[kind](row, at, by), row]);
    keyed.sort(([one], [other]) => {
      if (one === null || other === null) return (one === null) - (other === null);
      return sign * ((one > other) - (one < other));
    });
    return keyed.map(([, row]) => row);
  }

  let searchable = null;
  function search() {
    const wanted = byId('search').value.toLowerCase().split(/\s+/).filter(Boolean);
    searchable ??= rows.map((row) => texts(row).join(' ').toLowerCase());
    const matches = (row, at) => wanted.every((word) => searchable[at].includes(word));
    shown = wanted.length ? rows.filter(matches) : rows;
    shown = sort();
    first = 0;
    draw();
  }

  function element(name, attributes = {}, ...children) {
    const made = document.createElement(name);
    Object.entries(attributes).forEach(([key, value]) => made.setAttribute(key, value));
    made.append(...children);
    return made;
  }

  function rowOf(row) {
    const id = row[ID];
    const cells = texts(row).map((words, at) => {
      if (at === ID) {
        const button = element('button', {
          type: 'button', class: 'open', 'aria-expanded': opened.has(id),
          'aria-label': `attempt ${id}`,
        }, words);
        return element('th', { scope: 'row' }, button);
      }
      const kind = headers[at].closest('th').className;
      const ink = at === OUTCOME ? ` ${outcomes[row[at]][1]}` : '';
      return element('td', { class: kind + ink }, words);
    });
    return element('tr', { id: `attempt-${id}` }, ...cells);
  }

  /** What opens below a row. The markup is that of this page, escaped when it was written. */
  function details(id) {
    const ladder = byId(`ladder-${id}`);
    const cell = element('td', { colspan: headers.length });
    if (ladder) {
      const parsed = new DOMParser().parseFromString(ladder.textContent, 'text/html');
      cell.append(...parsed.body.childNodes);
    } else {
      cell.append(byId('without-ladder').content.cloneNode(true));
      cell.querySelector('.id').textContent = id;
    }
    return element('tr', { class: 'details', 'data-of': id }, cell);
  }

  function draw() {
    const last = Math.min(first + PAGE, shown.length);
    const drawn = shown.slice(first, last).flatMap((row) => {
      const it = rowOf(row);
      return opened.has(row[ID]) ? [it, details(row[ID])] : [it];
    });
    body.replaceChildren(...drawn);
    const number = (n) => n.toLocaleString('en');
    byId('found').textContent = `${number(shown.length)} of ${number(rows.length)} attempts`;
    byId('place').textContent = shown.length ? `${number(first + 1)} to ${number(last)}` : 'none';
    byId('previous').disabled = first === 0;
    byId('next').disabled = last >= shown.length;
    headers.forEach((button, at) => {
      const header = button.closest('th');
      if (sorted?.at === at) {
        header.setAttribute('aria-sort', sorted.sign > 0 ? 'ascending' : 'descending');
      } else {
        header.removeAttribute('aria-sort');
      }
    });
  }

  function toggle(row) {
    const id = Number(row.id.replace('attempt-', ''));
    const is = !opened.delete(id);
    if (is) {
      opened.add(id);
      row.after(details(id));
    } else {
      row.nextElementSibling?.remove();
    }
    row.querySelector('.open').setAttribute('aria-expanded', is);
  }

  /** Opens the attempt that the address names: a link in a finding does. */
  function follow() {
    const id = Number(/^#attempt-(\d+)$/.exec(location.hash)?.[1]);
    if (!id) return;
    let at = shown.findIndex((row) => row[ID] === id);
    if (at < 0) {
      byId('search').value = '';
      search();
      at = shown.findIndex((row) => row[ID] === id);
    }
    if (at < 0) {
      byId('search').value = `${id}`;
      search();
      return;
    }
    opened.add(id);
    first = at - (at % PAGE);
    draw();
    const row = byId(`attempt-${id}`);
    row.scrollIntoView();
    row.querySelector('.open').focus({ preventScroll: true });
  }

  async function copy(button) {
    const code = button.previousElementSibling;
    try {
      await navigator.clipboard.writeText(code.textContent);
      button.textContent = 'Copied';
    } catch {
      getSelection().selectAllChildren(code);
      button.textContent = 'Selected';
    }
  }

  function turn(to) {
    first = to;
    draw();
    byId('attempts').scrollIntoView();
  }

  headers.forEach((button, at) => button.addEventListener('click', () => {
    const again = sorted?.at === at;
    sorted = again && sorted.sign < 0 ? null : { at, sign: again ? -1 : 1 };
    search();
  }));
  byId('search').addEventListener('input', search);
  byId('previous').addEventListener('click', () => turn(first - PAGE));
  byId('next').addEventListener('click', () => turn(first + PAGE));
  body.addEventListener('click', (event) => {
    const button = event.target.closest('button');
    const row = event.target.closest('tr[id]');
    if (button?.classList.contains('copy')) copy(button);
    else if (row && (button || getSelection().isCollapsed)) toggle(row);
  });
  body.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return;
    const inside = event.target.closest('tr');
    const row = inside.classList.contains('details') ? inside.previousElementSibling : inside;
    if (row.querySelector('[aria-expanded=true]')) toggle(row);
    row.querySelector('.open').focus();
  });
  addEventListener('hashchange', follow);
  document.querySelector('.findings').addEventListener('click', (event) => {
    if (event.target.hash === location.hash) follow();
  });
  byId('list').hidden = false;
  draw();
  follow();
})();
