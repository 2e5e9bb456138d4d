// The line, the figures, the commands, and after a stop the way back.
import { ask, changedIn, clock, element, label, layoutName, nothing, onFrame, put, role, row, say, send } from './frame.js';
import { fill } from './alarmlist.js';
import { lineIn } from './line.js';

const SHOWN = document.documentElement.classList.contains('wall') ? 3 : 2;  // alarms that fit above the edge
const layout = await ask('/api/layout');
const line = lineIn(document.getElementById('line'), layout);
const commands = [...document.querySelectorAll('[data-command]')];

// ------------------------------------------------------------ the way back after a stop

function where(place, eye) {
  return label('behind-eye').replace('{eye}', eye).replace('{mm}', (place / 1000).toFixed(1));
}

function showRecovery(frame) {
  const part = document.getElementById('recovery');
  part.hidden = frame.steps.length === 0 || (frame.inducted === 0 && frame.lying.length === 0);
  document.getElementById('recent-part').hidden = !part.hidden;
  const next = frame.steps.find((key) => key.startsWith('press-'))?.slice('press-'.length);
  for (const one of commands) one.classList.toggle('next', one.dataset.command === next);
  if (part.hidden || !changedIn(part, [frame.steps, frame.lying])) return;
  const steps = frame.steps.map((key) => element('li', {}, label(`step-${key}`)));
  document.getElementById('steps').replaceChildren(...steps);
  const urgent = [...frame.lying].sort((one, other) => Boolean(other[5]) - Boolean(one[5]) || other[2] - one[2]);
  const rows = urgent.slice(0, 5).map(([pid, waybill, place, eye, , off]) => row(
    element('td', { class: off ? 'off' : '' }, off ? `▲ ${label('take-off')}` : label('may-stay')),
    waybill || `#${pid}`, where(place, eye), off ? label(`off-${off}`) : ''));
  if (urgent.length > 5) rows.push(row('', `+ ${urgent.length - 5}`));
  document.getElementById('lying').replaceChildren(...(rows.length ? rows : [nothing('belt-empty', 4)]));
}

// ------------------------------------------------------------ figures

const share = (part, whole) => whole ? `${Math.floor(part / whole * 1000) / 10} %` : '—';

function showRecent(frame) {
  const place = document.getElementById('recent'), last = frame.recent.slice(0, 4);
  if (!changedIn(place, [last, frame.zero_ms === null])) return;
  const rows = last.map((one) => row(clock(one.left_us), why(one), say('why', one.why),
    one.left === null ? label('exception-end') : layoutName(layout, one.left)));
  place.replaceChildren(...(rows.length ? rows : [nothing('no-parcels')]));
}

onFrame((frame) => {
  const ended = frame.sorted + frame.exceptions;
  put('state', frame.live ? say('state', frame.state) : '—');
  put('hint', frame.hint ? label(`hint-${frame.hint}`) : label('sorting-well'));
  document.getElementById('hint').classList.toggle('warn', frame.hint !== '');
  put('per-hour', `${frame.per_hour ?? '—'} / ${layout.target}`);
  for (const key of ['inducted', 'sorted', 'exceptions', 'again']) put(key, frame[key]);
  put('sorted-share', share(frame.sorted, ended));
  put('read-rate', share(ended - frame.unread, ended));
  line.show(frame.chutes, frame.parcels);
  showRecovery(frame);
  document.documentElement.dataset.seen = frame.inducted;
  fill(document.getElementById('top-alarms'), frame.alarms.slice(0, SHOWN), false);
  const more = document.getElementById('more-alarms');
  more.hidden = frame.alarms.length <= SHOWN;
  put('more-alarms', label('more-alarms').replace('{n}', frame.alarms.length));
  showRecent(frame);
});

function why(one) {
  const asked = one.waybill ? { waybill: one.waybill } : { pid: one.pid, left_us: one.left_us };
  return element('a', { class: 'why', href: `/search?${new URLSearchParams(asked)}` }, one.waybill || label('no-code'));
}

for (const one of commands) {
  one.disabled = role < 1;  // not before somebody listens
  one.addEventListener('click', async () => {
    const told = await send('/api/commands', { command: one.dataset.command });
    put('told', told || `${one.textContent}: ${label('sent')}`);
  });
}
