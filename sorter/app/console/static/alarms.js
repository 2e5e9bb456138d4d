// What needs a person; beside it what was put aside, what comes most often, what is over.
import { ask, button, changedIn, clock, element, label, notice, nothing, onFrame, put, role, row, say, send } from './frame.js';
import { fill, shape } from './alarmlist.js';

const list = document.getElementById('alarms');
let mark = '';
let frames = 0;

onFrame((frame) => {
  fill(list, frame.alarms, true);
  document.getElementById('flood').hidden = !frame.flood;
  const fresh = JSON.stringify([frame.shelved, frame.alarms.map((one) => [one.id, one.acknowledged, one.active])]);
  if (fresh !== mark || frames++ % 50 === 0) { mark = fresh; beside(); }
});

const named = (id) => {
  const [, key, about] = id.match(/^(chute-broken|chute-full|chute-out|diverter-turned|jam)-(.*)$/) ?? [null, id, ''];
  return about ? notice(key, about) : say('cause', key);
};

async function beside() {
  const told = await ask('/api/alarms').catch(() => null);
  if (!told) return;
  put('rate', `${label('per-10-min')}: ${told.ten_minutes} · ${label('per-hour-alarms')}: ${told.hour}`);
  if (!changedIn(document.getElementById('shelved'), [told.shelved, told.top, told.history])) return;
  const shelved = told.shelved.map((one) => {
    const back = button(label('back-now'), async () => put('told', await send(`/api/alarms/${encodeURIComponent(one.id)}/shelve`, { minutes: 0 }) || label('waiting-order')), { disabled: role < 1 ? '' : false });
    const about = `${label('shelved-by')} ${one.who} · ${label('back-at')} ${clock(one.until_us)}`;
    return element('li', { class: `hollow p${one.priority}` }, shape(one), element('span', {}, element('b', {}, notice(one.key, one.about)), element('p', {}, about)), back);
  });
  const empty = (key) => element('li', { class: 'none' }, label(key));
  document.getElementById('shelved').replaceChildren(...(shelved.length ? shelved : [empty('no-shelved')]));
  const top = told.top.map(([id, count]) => row(named(id), element('td', { class: 'number' }, String(count))));
  document.getElementById('top').replaceChildren(...(top.length ? top : [nothing('no-history', 2)]));
  const past = told.history.slice(0, 12).map((one) => row(clock(one.raised_us), notice(one.key, one.about), one.acknowledged));
  document.getElementById('history').replaceChildren(...(past.length ? past : [nothing('no-history', 3)]));
}
