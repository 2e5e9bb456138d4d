// The live feed and the words, shared by every screen: one stream a page, stale is said, recovery is its own.
import { onKey, onScan, onTold } from './keys.js';

const root = document.documentElement;
export const lang = root.dataset.lang;
export const role = Number(root.dataset.role);
export const words = await (await fetch(`/api/words?lang=${lang}`)).json();
export const say = (kind, key) => words[kind][key] ?? key;
export const label = (key) => say('label', key);

const STALE_MS = 1500, REOPEN_MS = 4000, NEWS_US = 15e6;
const listeners = [];
let heard = performance.now();
let opened = heard;
let live = false;
let zero = null;
let stream = null;

export function onFrame(listener) { listeners.push(listener); }
export const put = (id, text) => {
  const place = document.getElementById(id);
  if (place && place.textContent !== String(text)) place.textContent = text;
};

export function element(name, attributes = {}, ...children) {
  const one = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== false && value !== undefined) one.setAttribute(key, value);
  }
  one.append(...children);
  return one;
}

// Whether what a place shows is to be drawn anew: what people point at and tab to must not be replaced under them.
export function changedIn(place, what) {
  const mark = JSON.stringify(what);
  if (place.dataset.drawn === mark) return false;
  place.dataset.drawn = mark;
  return true;
}

// A question that is answered before it is done: true for yes. Esc and Cancel are no; the focus comes back.
export function confirmed(text, ...more) {
  const yes = element('button', { value: 'yes' }, label('yes-do')), no = element('button', { value: '', autofocus: '' }, label('cancel'));
  const form = element('form', { method: 'dialog' }, element('p', {}, element('b', {}, text)), ...more, element('div', { class: 'row' }, yes, no));
  return asked(form, () => form.closest('dialog').returnValue === 'yes');
}

// A form in a dialog that keeps the keyboard; gives what `answer` makes of it when it is closed.
export function asked(form, answer) {
  const dialog = element('dialog', {}, form), back = document.activeElement;
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((done) => {
    dialog.addEventListener('close', () => { const told = answer(); dialog.remove(); back?.focus(); done(told); });
  });
}

export function button(text, act, attributes = {}) {
  const one = element('button', { type: 'button', ...attributes }, text);
  one.addEventListener('click', act);
  return one;
}

export const row = (...cells) => element('tr', {}, ...cells.map((cell) => cell instanceof Node && cell.tagName === 'TD' ? cell : element('td', {}, cell ?? '')));
export const nothing = (key, columns = 1) => element('tr', {}, element('td', { class: 'none', colspan: String(columns) }, label(key)));

const SVG = 'http://www.w3.org/2000/svg';
export function drawn(name, attributes = {}, text = '') {
  const one = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) one.setAttribute(key, value);
  if (text) one.textContent = text;
  return one;
}

// An order: { told } says why it failed ("" = done), { data } what was answered.
export async function order(address, body) {
  try {
    const answer = await fetch(address, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'X-CSRF-Token': root.dataset.csrf },
      body: JSON.stringify(body ?? {}),
    });
    const data = await answer.json().catch(() => ({}));
    if (answer.ok) return { told: '', data };
    return { told: label(typeof data.detail === 'string' ? data.detail : 'not-stored'), data };
  } catch { return { told: label('server-gone'), data: {} }; }
}
export const send = async (address, body) => (await order(address, body)).told;
export async function ask(address) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}

export const layoutName = (layout, chute) => `${chute} ${layout.chutes[chute]?.[lang] ?? ''}`;

const two = (n) => String(n).padStart(2, '0');
export function clock(us) {
  if (us === null || us === undefined || us < 0) return '—';
  if (zero !== null) {
    const at = new Date(zero + us / 1000);
    return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
  }
  const s = Math.floor(us / 1e6);
  return `${Math.floor(s / 3600)}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}`;
}

export function notice(key, about) {
  const shown = key === 'state' ? say('state', about) : key === 'nothing-sorted' ? say('outcome', about) : about;
  return (words.notice[key] ?? '{key}: {about}').replace('{about}', shown).replace('{key}', key);
}

function banner(text) {
  const place = document.getElementById('banner');
  if (place.textContent !== text) place.textContent = text;
  place.hidden = !text;
  document.body.classList.toggle('stale', !live);
}

function blank() {
  for (const place of document.querySelectorAll('.live [data-now], .figures.live dd, #state, #strip-state')) place.textContent = '—';
}

function take(frame) {
  heard = performance.now();
  live = frame.live;
  zero = frame.zero_ms;
  const gone = !frame.live || !frame.connected;
  banner(gone ? `${label(frame.live ? 'plc-is-gone' : 'stale')}: ${frame.trouble || label(`hint-${frame.hint}`)}` : '');
  const count = document.getElementById('alarm-count');
  count.hidden = frame.alarms.length === 0;
  count.textContent = frame.alarms.length;
  put('strip-state', frame.live ? say('state', frame.state) : '—');
  put('strip-hint', frame.hint ? label(`hint-${frame.hint}`) : '');
  const news = frame.notices.find((one) => one.key !== 'state' && frame.line_us - one.at_us < NEWS_US);
  put('strip-news', frame.live && news ? `${clock(news.at_us)} ${notice(news.key, news.about)}` : '');
  put('strip-age', frame.age_ms === null ? '' : `${label('age')} ${frame.live ? '<1' : Math.round(frame.age_ms / 1000)} s`);
  for (const listener of listeners) listener(frame);
  if (!live) blank();
}

function listen() {
  opened = performance.now();
  stream?.close();
  stream = new EventSource('/api/live');
  stream.onmessage = (message) => take(JSON.parse(message.data));
}

setInterval(() => {
  const now = performance.now();
  if (now - heard <= STALE_MS) return;
  if (live || document.getElementById('banner').hidden) {
    live = false;
    banner(`${label('stale')}: ${label('server-gone')}`);
    put('strip-hint', label('server-gone'));
    blank();
  }
  if (now - heard > REOPEN_MS && now - opened > 1000) listen();
}, 250);

// 1 to 8 outside text fields; with Alt everywhere, also where digits mean something else.
const go = (key) => document.querySelector('dialog[open]') || document.querySelector(`a[data-key="${CSS.escape(key)}"]`)?.click();
onKey((key) => go(key), 0);
document.addEventListener('keydown', (event) => {
  if (event.altKey && !event.ctrlKey && /^[1-8]$/.test(event.key)) { event.preventDefault(); go(event.key); }
});
onTold((key, text = '') => put('strip-scan', `${label(key)} ${text}`));
onScan((text) => document.querySelector('dialog[open]') || location.assign(`/search?waybill=${encodeURIComponent(text)}`), 0);

// A session that ends soon is said in time: nobody loses a word that they were about to say.
const ends = Number(root.dataset.ends) * 1000, SOON_MS = 15 * 60e3;
setInterval(() => {
  if (!ends || ends - Date.now() > SOON_MS) return;
  put('strip-session', ends > Date.now() ? label('session-soon').replace('{min}', Math.ceil((ends - Date.now()) / 60e3)) : label('session-over'));
}, 1000);

document.getElementById('logout')?.addEventListener('click', async () => {
  await send('/api/logout');
  location.assign('/');
});

listen();
