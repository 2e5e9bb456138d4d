// Manual coding without a mouse: a scan commits, a short code and Enter commit, Esc takes back.
import { ask, button, element, label, layoutName, onFrame, order, put, role, say } from './frame.js';
import { onKey, onScan } from './keys.js';

const towns = await ask('/api/places'), layout = await ask('/api/layout');
const list = document.getElementById('waiting'), field = document.getElementById('waybill');
const MARKS = { n: 'no-label', d: 'label-damaged', s: 'security' };
let parcels = [], selected = 0, digits = '', pending = '', last = null;

// ------------------------------------------------------------ which parcel

function choose(pid) {
  if (pid === selected) return;
  selected = pid;
  pending = '';
  showPicture();
}

function step(by) {
  const at = parcels.findIndex(([pid]) => pid === selected);
  const next = parcels[Math.min(parcels.length - 1, Math.max(0, at + by))];
  if (next) choose(next[0]);
  drawList();
}

// Rows stay the same elements while their parcels wait: a finger or the keyboard may be on one.
function drawList() {
  const known = new Map([...list.children].map((one) => [one.dataset.pid, one]));
  const rows = parcels.map((parcel) => filled(known.get(String(parcel[0])) ?? entry(parcel[0]), parcel));
  const shown = rows.length ? rows : [known.get('') ?? element('li', { class: 'none', 'data-pid': '' }, label('no-waiting'))];
  if (shown.length !== list.children.length || shown.some((one, n) => one !== list.children[n])) list.replaceChildren(...shown);
}

function entry(pid) {
  const one = element('li', { role: 'option', 'data-pid': pid, tabindex: '0' }, element('b'), element('span'), element('span', { class: 'left' }),
    element('div', { class: 'bar' }, element('i')));
  one.addEventListener('click', () => { choose(pid); drawList(); });
  one.addEventListener('focus', () => { choose(pid); drawList(); });
  return one;
}

function filled(one, [pid, why, waybill, left]) {
  const [code, reason, time, bar] = one.children;
  one.setAttribute('aria-selected', String(pid === selected));
  code.textContent = waybill || label('no-code');
  reason.textContent = say('why', why);
  time.textContent = `${label('time-left')} ${(Math.max(0, left) / 1000).toFixed(1)} s`;
  bar.firstElementChild.style.width = `${Math.max(0, Math.min(100, left / 120))}%`;
  return one;
}

function showPicture() {
  const crop = document.getElementById('crop');
  crop.hidden = true;
  put('caption', selected ? label('no-picture') : label('not-on-belt'));
  if (!selected) return;
  const pictures = parcels.find(([pid]) => pid === selected)?.[4] ?? [];
  crop.onload = () => { crop.hidden = false; put('caption', ''); };
  let tries = 0;  // a picture is written a moment after its parcel was decided
  crop.onerror = () => {
    crop.hidden = true;
    const shown = selected;
    if (tries++ < 4) setTimeout(() => { if (shown === selected) crop.src = `/api/pictures/${pictures[0]}?${tries}`; }, 400);
  };
  if (role >= 1 && pictures.length) crop.src = `/api/pictures/${pictures[0]}`;
}

onFrame((frame) => {
  parcels = frame.coding;
  if (!parcels.some(([pid]) => pid === selected)) choose(parcels[0]?.[0] ?? 0);
  drawList();
});

// ------------------------------------------------------------ short codes

function drawPlaces() {
  const town = towns.find((one) => one.digits === digits.slice(0, 2));
  put('places-title', town ? `${town.digits} ${town.name} · ${label('villages')}` : label('towns'));
  const rows = town ? town.villages.map(([code, , name]) => [code, name]) : towns.map((one) => [one.digits, one.name]);
  const shown = rows.filter(([code]) => code.startsWith(digits.slice(town ? 2 : 0)));
  document.getElementById('places').replaceChildren(...shown.map(([code, name]) => button('', () => pick(town, code), { disabled: role < 1 ? '' : false })).map((one, n) => { one.append(element('kbd', {}, shown[n][0]), ` ${shown[n][1]}`); return one; }));
  put('digits', `${digits.slice(0, 2).padEnd(2, '·')} ${digits.slice(2).padEnd(2, '·')}`);
}

function pick(town, code) {
  digits = town ? town.digits + code : code;
  drawPlaces();
  if (town) commit({ place: place() });
}

function place() {
  const town = towns.find((one) => one.digits === digits.slice(0, 2));
  if (!town || digits.length === 2) return town?.code ?? '';
  return town.villages.find(([code]) => code === digits.slice(2))?.[1] ?? '';
}

function clear() { digits = ''; drawPlaces(); }

// ------------------------------------------------------------ the word

async function commit(word) {
  const said = { pid: selected, waybill: pending, ...word };
  const { told, data } = await order('/api/coding', said);
  if (told) { put('told', told); return; }
  if (data.needs === 'place') { pending = said.waybill; put('told', `${said.waybill}: ${label('needs-place')}`); return; }
  pending = '';
  clear();
  beep();
  const where = data.next_lap ? label('next-lap') : data.chute >= 0 ? `${label('goes-to')} ${layoutName(layout, data.chute)}` : label('exception-end');
  put('told', `${said.waybill || said.pid || ''} ${label('committed')} · ${where}`);
  offerUndo(data.order, data.undo_ms);
}

function offerUndo(file, ms) {
  const place = document.getElementById('undo'), fill = place.querySelector('i');
  clearInterval(last?.timer);
  if (ms <= 0) { place.hidden = true; last = null; return; }
  const until = performance.now() + ms;
  place.hidden = false;
  const timer = setInterval(() => {
    const left = until - performance.now();
    fill.style.width = `${Math.max(0, left / ms * 100)}%`;
    if (left <= 0) { clearInterval(timer); place.hidden = true; last = null; }
  }, 50);
  last = { file, timer };
}

async function takeBack() {
  if (!last) return false;
  const { file, timer } = last;
  last = null;
  clearInterval(timer);
  document.getElementById('undo').hidden = true;
  const { told } = await order('/api/coding/undo', { order: file });
  put('told', told || label('taken-back'));
  return true;
}

function beep() {
  try {
    const sound = new AudioContext(), tone = sound.createOscillator();
    tone.frequency.value = 1200;
    tone.connect(sound.destination);
    tone.start();
    tone.stop(sound.currentTime + 0.08);
    tone.onended = () => sound.close();
  } catch { /* a machine without sound */ }
}

// ------------------------------------------------------------ keys

function pressed(key) {
  if (key === 'Escape') { if (last) takeBack(); else clear(); return true; }
  if (key === 'ArrowDown' || key === 'ArrowUp') { step(key === 'ArrowDown' ? 1 : -1); return true; }
  if (role < 1) return false;
  if (/^[0-9]$/.test(key)) { if (digits.length < 4) digits += key; drawPlaces(); return true; }
  if (key === 'Backspace') { digits = digits.slice(0, -1); drawPlaces(); return true; }
  if (key === 'Enter' && digits) { const code = place(); if (code) commit({ place: code }); else put('told', label('unknown-code')); return true; }
  if (MARKS[key.toLowerCase()] && selected) { commit({ waybill: '', mark: MARKS[key.toLowerCase()] }); return true; }
  return false;
}

onKey(pressed);
onScan((text) => { if (role >= 1) commit({ waybill: text }); });
document.getElementById('code').addEventListener('submit', (event) => {
  event.preventDefault();
  const waybill = field.value.trim();
  field.value = '';
  field.blur();
  if (waybill) commit({ waybill });
});
document.getElementById('take-back').addEventListener('click', takeBack);
for (const one of document.querySelectorAll('[data-mark]')) one.addEventListener('click', () => selected && commit({ waybill: '', mark: MARKS[one.dataset.mark.toLowerCase()] }));
showPicture();
drawPlaces();
drawList();
