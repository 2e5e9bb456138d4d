// The plan: move a destination to another chute, check, simulate, apply, roll back.
import { ask, clock, confirmed, element, label, lang, nothing, notice, onFrame, order, put, role, row } from './frame.js';

const layout = await ask('/api/layout');
const text = document.getElementById('plan'), chutes = layout.chutes;
const buttons = Object.fromEntries(['check', 'simulate', 'apply'].map((key) => [key, document.getElementById(key)]));
const RULE = /\{\s*id:\s*([\w-]+)\s*,(.*?)\bto:\s*\[([^\]]*)\](.*)\}/;
let seen = '', base = '', checked = '', said = {}, pending = false;

async function load() {
  const told = await ask(`/api/config?lang=${lang}`);
  said = told.rules;
  [seen, base] = [told.in_force, told.plan];
  put('version', told.in_force);
  const other = document.getElementById('on-disk');
  other.hidden = !told.on_disk || told.on_disk === told.in_force;
  other.textContent = label('on-disk-other').replace('{version}', told.on_disk);
  text.value = told.plan;
  checked = '';
  const past = told.history.map(([at, key, about]) => row(clock(at), notice(key, about)));
  document.getElementById('history').replaceChildren(...(past.length ? past : [nothing('no-plan-history', 2)]));
  document.getElementById('files').replaceChildren(...told.files.map(([name, size]) => element('li', {}, `${name} · ${size}`)));
  problems([...told.problems.map((one) => ['problems', one]), ...told.warnings.map((one) => ['warnings', one])]);
  rules();
  fresh();
}

function rules() {
  const rows = text.value.split('\n').map((line, at) => [at, RULE.exec(line)]).filter(([, found]) => found).map(([at, found]) => {
    const [, id, about, to] = found;
    const keys = to.split(',').map((key) => key.trim());
    const cells = keys.map((key, n) => picker(at, keys, n, `${id} ${label('chute')}`));
    return row(element('td', { class: 'name' }, id), said[id] ?? about.replace(/[{}]/g, '').replace(/,\s*$/, ''), element('td', {}, ...cells));
  });
  document.querySelector('#rules tbody').replaceChildren(...(rows.length ? rows : [nothing('nothing-yet', 3)]));
}

function picker(line, keys, n, name) {
  const one = element('select', { 'aria-label': name, disabled: role < 2 ? '' : false }, ...chutes.map((chute) => element('option', { value: chute.key, selected: chute.key === keys[n] ? '' : false }, `${chute.id} ${chute[lang]}`)));
  one.addEventListener('change', () => {
    const lines = text.value.split('\n');
    const next = keys.map((key, at) => at === n ? one.value : key);
    lines[line] = lines[line].replace(/\bto:\s*\[[^\]]*\]/, `to: [${next.join(', ')}]`);
    text.value = lines.join('\n');
    rules();
    fresh();
  });
  return one;
}

function fresh() {
  const changed = text.value !== base;
  buttons.check.disabled = role < 2 || !changed;
  buttons.simulate.disabled = buttons.apply.disabled = role < 2 || !changed || checked !== text.value;
  document.getElementById('download').href = `data:text/yaml;charset=utf-8,${encodeURIComponent(text.value)}`;
  if (!changed) document.getElementById('changes').replaceChildren(element('li', { class: 'none' }, label('no-changes')));
}

function problems(rows) {
  document.getElementById('problems').replaceChildren(...rows.map(([kind, [where, what, remedy]]) =>
    element('li', { class: kind }, element('b', {}, `${label(kind)} ${where}`), element('p', {}, what), element('p', {}, `→ ${remedy}`))));
}

async function check() {
  const draft = text.value;
  const { told, data } = await order('/api/config/check', { plan: draft, lang });
  if (told) { put('told', told); return; }
  problems([...data.problems.map((one) => ['problems', one]), ...data.warnings.map((one) => ['warnings', one])]);
  const lines = data.changes.map((one) => element('li', {}, one));
  document.getElementById('changes').replaceChildren(...(lines.length ? lines : [element('li', { class: 'none' }, label('no-changes'))]));
  document.getElementById('compared').replaceChildren();
  put('told', data.version ? label('no-problems') : label('draft-wrong'));
  checked = data.version ? draft : '';
  fresh();
}

async function simulate() {
  put('told', label('simulating'));
  buttons.simulate.disabled = true;
  const { told, data } = await order('/api/config/simulate', { plan: text.value, lang });
  fresh();
  put('told', told);
  if (told) return;
  const head = element('thead', {}, element('tr', {}, ...['figure', 'before', 'after'].map((key) => element('th', {}, label(key)))));
  document.getElementById('compared').replaceChildren(head, element('tbody', {}, ...data.rows.map(([name, before, after]) =>
    row(name, element('td', { class: 'number' }, before), element('td', { class: 'number' }, after)))));
}

async function change(address, body) {
  const { told } = await order(address, { instead_of: seen, ...body });
  pending = !told;
  put('told', told || label('waiting-order'));
}

// The plan in force changed, by us or by somebody else; a draft of somebody at work is not thrown away.
async function changed() {
  if (!pending && text.value !== base) { put('told', label('plan-changed')); return; }
  pending = false;
  await load();
  put('told', `${label('in-force')}: ${seen}`);
}

let loading = false;
onFrame(async (frame) => {
  if (!seen || frame.plan === seen || loading) return;
  loading = true;
  await changed().catch(() => {});
  loading = false;
});

text.addEventListener('input', () => { rules(); fresh(); });
buttons.check.addEventListener('click', check);
buttons.simulate.addEventListener('click', simulate);
buttons.apply.addEventListener('click', async () => {
  const draft = text.value, told = [...document.querySelectorAll('#changes li')].slice(0, 8).map((one) => element('li', {}, one.textContent));
  if (await confirmed(label('apply-sure'), element('ul', { class: 'plain' }, ...told))) await change('/api/config/apply', { plan: draft, lang });
});
document.getElementById('roll-back').addEventListener('click', async () => {
  if (await confirmed(label('roll-back-sure').replace('{version}', seen))) await change('/api/config/rollback', {});
});
load();
