// One alarm as a row: shape and colour by priority, what happened, why, what it costs, what to do.
import { button, clock, drawn, element, label, notice, role, say, send, put } from './frame.js';

const SHAPES = { 1: 'M3 3H23V23H3Z', 2: 'M13 2L25 24H1Z', 3: 'M13 2A11 11 0 1 1 12.99 2Z' };

export function shape(alarm) {
  const one = drawn('svg', { viewBox: '0 0 26 26', role: 'img', 'aria-label': `P${alarm.priority}` });
  one.append(drawn('path', { d: SHAPES[alarm.priority] }));
  return one;
}

export function fill(list, alarms, whole) {
  if (alarms.length === 0) {
    if (list.firstElementChild?.className !== 'none') list.replaceChildren(element('li', { class: 'none' }, label('no-alarms-hint')));
    return;
  }
  const known = new Map([...list.children].map((one) => [one.dataset.mark, one]));
  const rows = alarms.map((alarm) => {
    const mark = JSON.stringify(alarm);
    return known.get(mark) ?? entry(alarm, mark, whole);
  });
  if (rows.length === list.children.length && rows.every((one, n) => one === list.children[n])) return;
  const focus = list.contains(document.activeElement) ? document.activeElement : null;
  list.replaceChildren(...rows);
  if (focus && !focus.isConnected) focusAgain(list, focus);
}

// Who works by keyboard stays where they were: the same button, else one of this alarm, else of the first one.
function focusAgain(list, was) {
  const id = was.closest('[data-alarm]')?.dataset.alarm;
  const buttons = [...(list.querySelector(`[data-alarm="${CSS.escape(id)}"]`) ?? list).querySelectorAll('button')];
  (buttons.find((one) => one.textContent === was.textContent) ?? buttons[0])?.focus();
}

function entry(alarm, mark, whole) {
  const one = element('li', { class: `p${alarm.priority}${alarm.active ? ' active' : ''}`, 'data-mark': mark, 'data-alarm': alarm.id });
  one.append(shape(alarm), element('b', {}, notice(alarm.key, alarm.about)));
  const life = [clock(alarm.raised_us), label(alarm.active ? 'active' : 'cleared')];
  if (alarm.count > 1) life.push(`${alarm.count} ${label('times')}`);
  if (alarm.acknowledged) life.push(`${label('acknowledged')} ${alarm.acknowledged}`);
  one.append(element('p', {}, life.join(' · ')));
  if (whole) one.append(element('p', {}, `${label('cause')}: ${say('cause', alarm.key)} · ${label('consequence')}: ${say('consequence', alarm.key)}`));
  one.append(element('p', { class: 'act' }, `${label('action')}: ${say('action', alarm.key)}`));
  if (whole && role >= 1) one.append(buttons(alarm));
  return one;
}

function buttons(alarm) {
  const address = `/api/alarms/${encodeURIComponent(alarm.id)}`;
  const act = async (what, body) => put('told', await send(`${address}/${what}`, body) || label('waiting-order'));
  const group = element('div', { class: 'do' });
  if (!alarm.acknowledged) group.append(button(label('acknowledge'), () => act('acknowledge')));
  group.append(button(label('shelve-15'), () => act('shelve', { minutes: 15 })), button(label('shelve-60'), () => act('shelve', { minutes: 60 })));
  return group;
}
