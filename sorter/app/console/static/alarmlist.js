// One alarm as a row: shape and colour by priority, what happened, why, what to do.
import { clock, element, drawn, notice, role, say, send } from './frame.js';

const SHAPES = { 1: 'M3 3H23V23H3Z', 2: 'M13 2L25 24H1Z', 3: 'M13 2A11 11 0 1 1 12.99 2Z' };

export function fill(list, alarms, whole) {
  if (alarms.length === 0) {
    list.replaceChildren(element('li', { class: 'none' }, say('label', 'no-alarms')));
    return;
  }
  const known = new Map([...list.children].map((row) => [row.dataset.mark, row]));
  list.replaceChildren(...alarms.map((alarm) => {
    const mark = JSON.stringify(alarm);
    return known.get(mark) ?? row(alarm, mark, whole);
  }));
}

function row(alarm, mark, whole) {
  const one = element('li', { class: `p${alarm.priority}${alarm.active ? ' active' : ''}`, 'data-mark': mark });
  const shape = drawn('svg', { viewBox: '0 0 26 26', role: 'img', 'aria-label': `P${alarm.priority}` });
  shape.append(drawn('path', { d: SHAPES[alarm.priority] }));
  one.append(shape, element('b', {}, notice(alarm.key, alarm.about)));
  const life = [clock(alarm.raised_us), say('label', alarm.active ? 'active' : 'cleared')];
  if (alarm.count > 1) life.push(`${alarm.count} ${say('label', 'times')}`);
  if (alarm.acknowledged) life.push(`${say('label', 'acknowledged')} ${alarm.acknowledged}`);
  one.append(element('p', {}, life.join(' · ')));
  if (whole) one.append(element('p', {}, `${say('label', 'cause')}: ${say('cause', alarm.key)}`));
  one.append(element('p', {}, `${say('label', 'action')}: ${say('action', alarm.key)}`));
  if (whole && role >= 1 && !alarm.acknowledged) {
    const button = element('button', { type: 'button', class: 'do' }, say('label', 'acknowledge'));
    button.addEventListener('click', () => send(`/api/alarms/${encodeURIComponent(alarm.id)}/acknowledge`));
    one.append(button);
  }
  return one;
}
