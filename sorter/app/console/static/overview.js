// The line from its configuration, every parcel at its place, the figures and the commands.
import { clock, drawn, element, lang, onFrame, say, send } from './frame.js';
import { fill } from './alarmlist.js';

const layout = await (await fetch('/api/layout')).json();
const WIDE = 1600, LEFT = 80, RIGHT = 90, BELT_Y = 170, BELT = 44, BOX = 96;
const start_mm = -600;
const x = (mm) => LEFT + (mm - start_mm) / (layout.end_mm - start_mm) * (WIDE - LEFT - RIGHT);
const svg = drawn('svg', { viewBox: `0 0 ${WIDE} 340`, role: 'img', 'aria-label': say('label', 'overview') });
const moving = drawn('g');
const boxes = new Map();

function drawLine() {
  svg.append(drawn('rect', { class: 'belt', x: x(start_mm), y: BELT_Y - BELT / 2, width: x(layout.end_mm) - x(start_mm), height: BELT, rx: 6 }));
  svg.append(drawn('text', { x: 6, y: BELT_Y + 5 }, say('label', 'induct')));
  svg.append(drawn('text', { x: WIDE - RIGHT + 8, y: BELT_Y + 5 }, say('label', 'exception-end')));
  for (const mm of layout.cameras_mm) {
    svg.append(drawn('line', { class: 'eye', x1: x(mm), x2: x(mm), y1: BELT_Y - 46, y2: BELT_Y + BELT / 2 }));
    svg.append(drawn('text', { class: 'dim', x: x(mm), y: BELT_Y - 52, 'text-anchor': 'middle' }, say('label', 'camera')));
  }
  const places = [...new Set(layout.chutes.map((chute) => x(chute.at_mm)))].sort((one, other) => one - other);
  const nearest = Math.min(BOX, ...places.slice(1).map((place, n) => place - places[n]));
  const wide = nearest - 4;
  for (const chute of layout.chutes) drawChute(chute, wide);
  svg.append(moving);
  document.getElementById('line').append(svg);
}

function drawChute(chute, wide) {
  const y = chute.side < 0 ? 18 : BELT_Y + 62;
  const box = drawn('rect', { class: 'chute', x: x(chute.at_mm) - wide / 2, y, width: wide, height: 88, rx: 4 });
  const title = drawn('title', {}, `${chute.id} ${chute[lang]}`);
  box.append(title);
  const inside = drawn('svg', { x: x(chute.at_mm) - wide / 2, y, width: wide, height: 88 });
  const label = (text, at, kind) => drawn('text', { x: wide / 2, y: at, 'text-anchor': 'middle', class: kind }, text);
  const fits = Math.floor((wide - 4) / (lang === 'zh' ? 13 : 6.6));
  const short = chute[lang].length > fits ? `${chute[lang].slice(0, fits - 1)}…` : chute[lang];
  const count = label('0', 62, 'count'), state = label('', 80, 'small');
  inside.append(label(String(chute.id), 18, 'number'), label(short, 38, 'small'), count, state);
  svg.append(box, inside);
  boxes.set(chute.id, { box, count, state });
}

function showChutes(chutes) {
  for (const [id, full, locked, left] of chutes) {
    const { box, count, state } = boxes.get(id);
    box.setAttribute('class', `chute${full ? ' full' : ''}${locked ? ' locked' : ''}`);
    count.textContent = left;
    state.textContent = locked ? say('label', 'locked') : full ? say('label', 'full') : '';
  }
}

function showParcels(parcels) {
  const known = new Map([...moving.children].map((one) => [one.dataset.pid, one]));
  moving.replaceChildren(...parcels.map(([pid, place, length, chute, waybill]) => {
    const one = known.get(String(pid)) ?? drawn('rect', { 'data-pid': pid, y: BELT_Y - 14, height: 28, rx: 3 });
    const kind = chute === -1 ? 'undecided' : chute === 65535 ? 'exception' : '';
    one.setAttribute('class', `parcel ${kind}`);
    one.setAttribute('x', x(place - length / 2));
    one.setAttribute('width', Math.max(4, x(length) - x(0)));
    one.replaceChildren(drawn('title', {}, `${waybill || pid}${chute >= 0 && chute !== 65535 ? ` → ${chute}` : ''}`));
    return one;
  }));
}

const put = (id, text) => { document.getElementById(id).textContent = text; };

onFrame((frame) => {
  const ended = frame.sorted + frame.exceptions;
  put('state', frame.live ? say('state', frame.state) : '—');
  put('hint', frame.hint ? say('label', `hint-${frame.hint}`) : '');
  put('per_hour', frame.per_hour ?? '—');
  for (const key of ['inducted', 'sorted', 'exceptions']) put(key, frame[key]);
  put('share', ended ? `${Math.floor(frame.sorted / ended * 1000) / 10} %` : '—');
  showChutes(frame.chutes);
  showParcels(frame.parcels);
  fill(document.getElementById('top-alarms'), frame.alarms.slice(0, 3), false);
  const rows = frame.recent.slice(0, 6).map((one) => element('tr', {},
    element('td', {}, clock(one.left_us)),
    element('td', {}, one.waybill ? element('a', { class: 'why', href: `/search?waybill=${encodeURIComponent(one.waybill)}` }, one.waybill) : say('label', 'no-code')),
    element('td', {}, say('why', one.why)),
    element('td', {}, one.left === null ? say('label', 'exception-end') : `${one.left} ${layout.chutes[one.left]?.[lang] ?? ''}`)));
  document.getElementById('recent').replaceChildren(...(rows.length ? rows : [element('tr', {}, element('td', { class: 'none' }, say('label', 'no-parcels')))]));
});

for (const button of document.querySelectorAll('[data-command]')) {
  button.addEventListener('click', async () => {
    const told = await send('/api/commands', { command: button.dataset.command });
    put('hint', told || `${button.textContent}: ${say('label', 'sent')}`);
  });
}
drawLine();
