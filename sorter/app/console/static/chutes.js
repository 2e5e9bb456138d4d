// Every outlet as a tile: what is in its bag, whether it is usable, and the buttons that change that.
import { ask, asked, button, clock, element, label, lang, nothing, onFrame, order, put, role, row } from './frame.js';
import { onScan } from './keys.js';

const layout = await ask('/api/layout');
const MANY = 60, KINDS = ['broken', 'locked', 'full', 'nearly', 'open'];
const tiles = new Map(), ordered = new Map();
const name = (chute) => `${chute.id} ${chute[lang]}`;
let changing = null, waiting = null, closed = -1, kinds = new Set(), sought = '';

function tile(chute) {
  const state = element('span', { 'data-now': '' }), count = element('span', { 'data-now': '' }), fill = element('i'), bag = element('span', { class: 'quiet' });
  const lock = button('', () => turn(chute, lock.dataset.locked !== 'true'), { disabled: role < 1 ? '' : false });
  const change = button(label('change-bag'), () => open(chute), { disabled: role < 1 ? '' : false });
  const one = element('div', { class: 'tile', 'data-chute': chute.id }, element('div', { class: 'pair' }, element('b', { title: name(chute) }, name(chute)), state), element('div', { class: 'pair' }, count, bag), element('div', { class: 'bar' }, fill), element('div', { class: 'pair' }, lock, change));
  tiles.set(chute.id, { one, state, count, fill, bag, lock, chute, kind: 'open', mark: '' });
  return one;
}

async function turn(chute, locked) {
  ordered.set(chute.id, locked);
  const { told } = await order(`/api/chutes/${chute.id}/lock`, { locked });
  if (told) ordered.delete(chute.id);
  put('told', told || `${name(chute)}: ${label('waiting-order')}`);
}

// ------------------------------------------------------------ a new bag

async function open(chute) {
  const field = element('input', { id: 'bag', autocomplete: 'off', maxlength: '40', pattern: '[!-~]+', autofocus: '' });
  const no = button(label('cancel'), () => form.closest('dialog').close());
  const form = element('form', { id: 'bag-form' }, element('label', { for: 'bag' }, `${name(chute)}: ${label('scan-bag')}`), field, element('p', { id: 'bag-told', role: 'alert' }),
    element('div', { class: 'row' }, element('button', {}, label('change-bag')), no));
  form.addEventListener('submit', (event) => { event.preventDefault(); hang(field.value.trim()); });
  changing = { chute, form };
  await asked(form, () => { changing = null; });
}

async function hang(code) {
  if (!changing || !code) return;
  const { chute, form } = changing;
  const { told } = await order(`/api/chutes/${chute.id}/bag`, { bag: code });
  if (told) { put('bag-told', told); return; }
  waiting = { id: chute.id, code };
  form.closest('dialog')?.close();
  put('told', `${name(chute)}: ${label('bag-stored')} ${code}`);
}

onScan((code) => changing ? hang(code) : location.assign(`/search?waybill=${encodeURIComponent(code)}`));

// ------------------------------------------------------------ which are shown

function choose() {
  let shown = 0;
  for (const one of tiles.values()) {
    const named = `${one.chute.id} ${one.chute.zh} ${one.chute.en} ${one.bag.textContent}`.toLowerCase().includes(sought);
    one.one.hidden = !named || (kinds.size > 0 && !kinds.has(one.kind));
    shown += !one.one.hidden;
  }
  put('shown', shown === tiles.size ? '' : label('shown-of').replace('{shown}', shown).replace('{all}', tiles.size));
  document.getElementById('no-chutes').hidden = shown > 0;
}

function filters() {
  const place = document.getElementById('kinds');
  for (const kind of KINDS) {
    const one = button('', () => {
      kinds.has(kind) ? kinds.delete(kind) : kinds.add(kind);
      one.setAttribute('aria-pressed', String(kinds.has(kind)));
      choose();
    }, { 'data-kind': kind, 'aria-pressed': 'false' });
    place.append(one);
  }
  const field = document.getElementById('sought');
  field.addEventListener('input', () => { sought = field.value.trim().toLowerCase(); choose(); });
}

const SIGN = { broken: '▲ ', locked: '× ', full: '▲ ', nearly: '△ ', open: '' };

function counts() {
  for (const one of document.getElementById('kinds').children) {
    const number = [...tiles.values()].filter((tile) => tile.kind === one.dataset.kind).length;
    const text = `${SIGN[one.dataset.kind]}${label(one.dataset.kind)} ${number}`;
    if (one.textContent !== text) one.textContent = text;
  }
}

onFrame((frame) => {
  let kindsChanged = false;
  for (const [id, full, locked, , inside, bag, broken] of frame.chutes) kindsChanged = show(tiles.get(id), id, full, locked, inside, bag, broken) || kindsChanged;
  if (kindsChanged) { counts(); choose(); }
});

// What is unchanged is left alone; true when the chute became another kind.
function show(one, id, full, locked, inside, bag, broken) {
  const mark = JSON.stringify([full, locked, inside, bag, broken]);
  if (mark === one.mark && one.state.textContent !== '—') return false;
  const first = one.mark === '', before = one.kind, { capacity } = one.chute;
  one.mark = mark;
  one.kind = broken ? 'broken' : locked ? 'locked' : full ? 'full' : inside >= 0.9 * capacity ? 'nearly' : 'open';
  one.one.className = `tile ${one.kind}`;
  one.state.textContent = `${SIGN[one.kind]}${label(one.kind)}`;
  one.count.textContent = `${label('fill')}: ${inside} / ${capacity}`;
  one.bag.textContent = one.bag.title = bag ? `${label('bag')} ${bag}` : label('no-bag');
  one.fill.style.width = `${Math.min(100, inside / capacity * 100)}%`;
  one.lock.textContent = label(locked ? 'unlock' : 'lock');
  one.lock.dataset.locked = String(locked);
  if (ordered.get(id) === locked) { ordered.delete(id); put('told', `${name(one.chute)}: ${label(locked ? 'locked' : one.kind)}`); }
  if (waiting?.id === id && waiting.code === bag) { waiting = null; put('told', `${name(one.chute)}: ${label('bag')} ${bag}`); }
  return first || before !== one.kind;
}

async function bags() {
  const rows = await ask('/api/bags').catch(() => []);
  if (rows.length === closed) return;
  closed = rows.length;
  const shown = rows.slice(0, 30).map(([chute, code, parcels, from, until]) => row(name(layout.chutes[chute]), code || label('no-bag'), String(parcels), clock(from), clock(until)));
  document.getElementById('bags').replaceChildren(...(shown.length ? shown : [nothing('no-closed-bags', 5)]));
}

document.getElementById('chutes').append(...layout.chutes.map(tile));
document.getElementById('chutes').classList.toggle('many', layout.chutes.length > MANY);
filters();
counts();
setInterval(bags, 2000);
bags();
