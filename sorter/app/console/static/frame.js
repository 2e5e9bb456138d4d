// The live feed and the words, shared by every screen: one stream a page, stale is said, recovery is its own.
const root = document.documentElement;
export const lang = root.dataset.lang;
export const role = Number(root.dataset.role);
export const words = await (await fetch(`/api/words?lang=${lang}`)).json();
export const say = (kind, key) => words[kind][key] ?? key;

const STALE_MS = 1500;
const listeners = [];
let heard = performance.now();
let live = false;

export function onFrame(listener) { listeners.push(listener); }

export function element(name, attributes = {}, ...children) {
  const one = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== false && value !== undefined) one.setAttribute(key, value);
  }
  one.append(...children);
  return one;
}

const SVG = 'http://www.w3.org/2000/svg';
export function drawn(name, attributes = {}, text = '') {
  const one = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) one.setAttribute(key, value);
  if (text) one.textContent = text;
  return one;
}

export async function send(address, body) {
  const answer = await fetch(address, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'X-CSRF-Token': root.dataset.csrf },
    body: JSON.stringify(body ?? {}),
  });
  if (answer.ok) return '';
  const told = await answer.json().catch(() => ({}));
  return typeof told.detail === 'string' ? say('label', told.detail) : say('label', 'not-stored');
}

export function clock(us) {
  const s = Math.floor(us / 1e6);
  const two = (n) => String(n).padStart(2, '0');
  return `${Math.floor(s / 3600)}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}`;
}

export function notice(key, about) {
  const shown = key === 'state' ? say('state', about) : about;
  return (words.notice[key] ?? '{key}: {about}').replace('{about}', shown).replace('{key}', key);
}

function banner(text) {
  const place = document.getElementById('banner');
  place.textContent = text;
  place.hidden = !text;
  document.body.classList.toggle('stale', !live);
}

function take(frame) {
  heard = performance.now();
  live = frame.live;
  banner(frame.live && frame.connected ? '' : `${say('label', 'stale')}: ${frame.trouble || say('label', `hint-${frame.hint}`)}`);
  const count = document.getElementById('alarm-count');
  count.hidden = frame.alarms.length === 0;
  count.textContent = frame.alarms.length;
  for (const listener of listeners) listener(frame);
}

function listen() {
  const stream = new EventSource('/api/live');
  stream.onmessage = (message) => take(JSON.parse(message.data));
  stream.onerror = () => { if (stream.readyState === EventSource.CLOSED) { stream.close(); setTimeout(listen, 1000); } };
}

setInterval(() => {
  if (performance.now() - heard > STALE_MS) {
    live = false;
    banner(`${say('label', 'stale')}: ${say('label', 'server-gone')}`);
  }
}, 500);

document.addEventListener('keydown', (event) => {
  const typing = event.target.closest('input, select, textarea');
  if (typing || event.ctrlKey || event.altKey || event.metaKey) return;
  document.querySelector(`a[data-key="${CSS.escape(event.key)}"]`)?.click();
});

document.getElementById('logout')?.addEventListener('click', async () => {
  await send('/api/logout');
  location.assign('/');
});

listen();
