// The line from its configuration, every parcel at its place, the figures and the commands.
import { ask, clock, drawn, element, label, lang, layoutName, nothing, onFrame, put, role, row, say, send } from './frame.js';
import { fill } from './alarmlist.js';

const layout = await ask('/api/layout');
const WIDE = 1600, LEFT = 80, RIGHT = 90, BELT_Y = 170, BELT = 44, BOX = 96, NARROW = 40;
const start_mm = -600;
const x = (mm) => LEFT + (mm - start_mm) / (layout.end_mm - start_mm) * (WIDE - LEFT - RIGHT);
const svg = drawn('svg', { viewBox: `0 0 ${WIDE} 340`, role: 'img', 'aria-label': label('overview') });
const moving = drawn('g');
const boxes = new Map();

function drawLine() {
  svg.append(drawn('rect', { class: 'belt', x: x(start_mm), y: BELT_Y - BELT / 2, width: x(layout.end_mm) - x(start_mm), height: BELT, rx: 6 }));
  svg.append(drawn('text', { x: 6, y: BELT_Y + 5 }, label('induct')));
  svg.append(drawn('text', { x: WIDE - 6, y: BELT_Y + 40, 'text-anchor': 'end' }, label('exception-end')));
  for (const mm of layout.cameras_mm) {
    svg.append(drawn('line', { class: 'eye', x1: x(mm), x2: x(mm), y1: BELT_Y - 46, y2: BELT_Y + BELT / 2 }));
    svg.append(drawn('text', { class: 'dim', x: x(mm), y: BELT_Y - 52, 'text-anchor': 'middle' }, label('camera')));
  }
  const places = [...new Set(layout.chutes.map((chute) => x(chute.at_mm)))].sort((one, other) => one - other);
  const nearest = Math.min(BOX, ...places.slice(1).map((place, n) => place - places[n]));
  const wide = nearest - 4;
  for (const chute of layout.chutes) drawChute(chute, wide);
  svg.append(moving);
  document.getElementById('line').append(svg);
}

// A name in one line or, at a space, in two; cut only where even that is too long.
function lines(name, fits) {
  const cut = (text) => text.length > fits ? `${text.slice(0, fits - 1)}…` : text;
  if (name.length <= fits || !name.includes(' ')) return [cut(name)];
  const at = name.indexOf(' ');
  return [cut(name.slice(0, at)), cut(name.slice(at + 1))];
}

function drawChute(chute, wide) {
  const y = chute.side < 0 ? 18 : BELT_Y + 62;
  const box = drawn('rect', { class: 'chute', x: x(chute.at_mm) - wide / 2, y, width: wide, height: 88, rx: 4 });
  const title = drawn('title', {}, `${chute.id} ${chute[lang]}`);
  box.append(title);
  const inside = drawn('svg', { x: x(chute.at_mm) - wide / 2, y, width: wide, height: 88 });
  const words = (text, at, kind) => drawn('text', { x: wide / 2, y: at, 'text-anchor': 'middle', class: kind }, text);
  const level = drawn('rect', { class: 'level', x: 3, y: 83, width: 0, height: 4 });
  inside.append(level);
  if (wide < NARROW) {  // too many outlets for words: the tooltip and screen 2 have them
    svg.append(box, inside);
    boxes.set(chute.id, { box, count: level, state: level, level, wide, capacity: chute.capacity });
    return;
  }
  const names = lines(chute[lang], Math.floor((wide - 4) / (lang === 'zh' ? 13 : 6.6)));
  const count = words('0', 64, 'count'), state = words('', 80, 'small');
  inside.append(words(String(chute.id), 16, 'number'), ...names.map((name, n) => words(name, (names.length > 1 ? 30 : 36) + 13 * n, 'small')), count, state);
  svg.append(box, inside);
  boxes.set(chute.id, { box, count, state, level, wide, capacity: chute.capacity });
}

function showChutes(chutes) {
  for (const [id, full, locked, , inside] of chutes) {
    const { box, count, state, level, wide, capacity } = boxes.get(id);
    box.setAttribute('class', `chute${full ? ' full' : ''}${locked ? ' locked' : ''}`);
    count.textContent = inside;
    level.setAttribute('width', (wide - 6) * Math.min(1, inside / capacity));
    state.textContent = locked ? label('locked') : full ? label('full') : '';
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

// ------------------------------------------------------------ the way back after a stop

function where(place, eye) {
  return label('behind-eye').replace('{eye}', eye).replace('{mm}', (place / 1000).toFixed(1));
}

function showRecovery(frame) {
  const part = document.getElementById('recovery');
  part.hidden = frame.steps.length === 0 || (frame.inducted === 0 && frame.lying.length === 0);
  document.getElementById('recent-part').hidden = !part.hidden;
  if (part.hidden) return;
  const steps = frame.steps.map((key) => element('li', {}, label(`step-${key}`)));
  document.getElementById('steps').replaceChildren(...steps);
  const urgent = [...frame.lying].sort((one, other) => Boolean(other[5]) - Boolean(one[5]) || other[2] - one[2]);
  const rows = urgent.slice(0, 8).map(([pid, waybill, place, eye, , off]) => row(
    element('td', { class: off ? 'off' : '' }, off ? `▲ ${label('take-off')}` : label('may-stay')),
    waybill || `#${pid}`, where(place, eye), off ? label(`off-${off}`) : ''));
  if (urgent.length > 8) rows.push(row('', `+ ${urgent.length - 8}`));
  document.getElementById('lying').replaceChildren(...(rows.length ? rows : [nothing('belt-empty', 4)]));
}

// ------------------------------------------------------------ figures

const share = (part, whole) => whole ? `${Math.floor(part / whole * 1000) / 10} %` : '—';

onFrame((frame) => {
  const ended = frame.sorted + frame.exceptions;
  put('state', frame.live ? say('state', frame.state) : '—');
  put('hint', frame.hint ? label(`hint-${frame.hint}`) : '');
  put('per-hour', `${frame.per_hour ?? '—'} / ${layout.target}`);
  for (const key of ['inducted', 'sorted', 'exceptions', 'again']) put(key, frame[key]);
  put('sorted-share', share(frame.sorted, ended));
  put('read-rate', share(ended - frame.unread, ended));
  showChutes(frame.chutes);
  showParcels(frame.parcels);
  showRecovery(frame);
  document.documentElement.dataset.seen = frame.inducted;
  fill(document.getElementById('top-alarms'), frame.alarms.slice(0, 3), false);
  const rows = frame.recent.slice(0, 6).map((one) => row(clock(one.left_us), why(one), say('why', one.why),
    one.left === null ? label('exception-end') : layoutName(layout, one.left)));
  document.getElementById('recent').replaceChildren(...(rows.length ? rows : [nothing('no-parcels')]));
});

function why(one) {
  const asked = one.waybill ? { waybill: one.waybill } : { pid: one.pid, left_us: one.left_us };
  return element('a', { class: 'why', href: `/search?${new URLSearchParams(asked)}` }, one.waybill || label('no-code'));
}

for (const one of document.querySelectorAll('[data-command]')) {
  one.disabled = role < 1;  // not before somebody listens
  one.addEventListener('click', async () => {
    const told = await send('/api/commands', { command: one.dataset.command });
    put('told', told || `${one.textContent}: ${label('sent')}`);
  });
}
drawLine();
