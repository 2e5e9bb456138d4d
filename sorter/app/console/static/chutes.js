// Every outlet as a tile: what is in its bag, whether it is usable, and the buttons that change that.
import { ask, button, clock, element, label, lang, nothing, onFrame, order, put, role, row } from './frame.js';
import { onKey, onScan } from './keys.js';

const layout = await ask('/api/layout');
const tiles = new Map(), asked = new Map();
const form = document.getElementById('bag-form'), field = document.getElementById('bag');
const name = (chute) => `${chute.id} ${chute[lang]}`;
let changing = null, waiting = null, closed = -1;

function tile(chute) {
  const state = element('span', { 'data-now': '' }), count = element('span', { 'data-now': '' }), fill = element('i'), bag = element('span', { class: 'quiet' });
  const lock = button('', () => turn(chute, lock.dataset.locked !== 'true'), { disabled: role < 1 ? '' : false });
  const change = button(label('change-bag'), () => open(chute), { disabled: role < 1 ? '' : false });
  const one = element('div', { class: 'tile', 'data-chute': chute.id }, element('div', { class: 'pair' }, element('b', {}, name(chute)), state), element('div', { class: 'pair' }, count, bag), element('div', { class: 'bar' }, fill), element('div', { class: 'pair' }, lock, change));
  tiles.set(chute.id, { one, state, count, fill, bag, lock, chute });
  return one;
}

async function turn(chute, locked) {
  asked.set(chute.id, locked);
  const { told } = await order(`/api/chutes/${chute.id}/lock`, { locked });
  if (told) asked.delete(chute.id);
  put('told', told || `${name(chute)}: ${label('waiting-order')}`);
}

function open(chute) {
  changing = chute;
  form.hidden = false;
  put('bag-label', `${name(chute)}: ${label('scan-bag')}`);
  field.value = '';
  field.focus();
}

function close() { changing = null; form.hidden = true; }

async function hang(code) {
  if (!changing || !code) return;
  const chute = changing;
  const { told } = await order(`/api/chutes/${chute.id}/bag`, { bag: code });
  if (!told) { waiting = { id: chute.id, code }; close(); }
  put('told', told || `${name(chute)}: ${label('bag-stored')} ${code}`);
}

form.addEventListener('submit', (event) => { event.preventDefault(); hang(field.value.trim()); });
document.getElementById('bag-cancel').addEventListener('click', close);
onScan((code) => changing ? hang(code) : location.assign(`/search?waybill=${encodeURIComponent(code)}`));
onKey((key) => { if (key !== 'Escape' || !changing) return false; close(); return true; });

onFrame((frame) => {
  for (const [id, full, locked, , inside, bag] of frame.chutes) show(tiles.get(id), id, full, locked, inside, bag);
});

function show(one, id, full, locked, inside, bag) {
  const nearly = inside >= 0.9 * one.chute.capacity;
  const kind = locked ? 'locked' : full ? 'full' : nearly ? 'nearly' : 'open';
  one.one.className = `tile ${kind}`;
  one.state.textContent = `${{ locked: '🔒 ', full: '▲ ', nearly: '△ ', open: '' }[kind]}${label(kind)}`;
  one.count.textContent = `${label('fill')}: ${inside} / ${one.chute.capacity}`;
  one.bag.textContent = bag ? `${label('bag')} ${bag}` : label('no-bag');
  one.fill.style.width = `${Math.min(100, inside / one.chute.capacity * 100)}%`;
  one.lock.textContent = label(locked ? 'unlock' : 'lock');
  one.lock.dataset.locked = String(locked);
  if (asked.get(id) === locked) { asked.delete(id); put('told', `${name(one.chute)}: ${label(kind)}`); }
  if (waiting?.id === id && waiting.code === bag) { waiting = null; put('told', `${name(one.chute)}: ${label('bag')} ${bag}`); }
}

async function bags() {
  const rows = await ask('/api/bags').catch(() => []);
  if (rows.length === closed) return;
  closed = rows.length;
  const shown = rows.slice(0, 30).map(([chute, code, parcels, from, until]) => row(name(layout.chutes[chute]), code || label('no-bag'), String(parcels), clock(from), clock(until)));
  document.getElementById('bags').replaceChildren(...(shown.length ? shown : [nothing('no-closed-bags', 5)]));
}

document.getElementById('chutes').append(...layout.chutes.map(tile));
setInterval(bags, 2000);
bags();
