// The PLC's words by name, cameras, the link; maintenance mode and the jog.
import { ask, clock, element, label, lang, nothing, onFrame, order, put, role, row } from './frame.js';

const layout = await ask('/api/layout');
const enter = document.getElementById('enter'), leave = document.getElementById('leave');
const ms = (us) => `${(us / 1000).toFixed(1)} ms`;
const jog = document.getElementById('jog'), jogged = document.getElementById('jog-chute');
let mark = '';
jogged.append(...layout.chutes.map((chute) => element('option', { value: chute.id }, `${chute.id} ${chute[lang]}`)));
jog.addEventListener('click', () => tell('/api/maintenance/jog', { chute: Number(jogged.value) }));

async function tell(address, body) {
  const { told } = await order(address, body);
  put('told', told || label('sent'));
}

enter.addEventListener('click', () => tell('/api/maintenance', { on: true }));
leave.addEventListener('click', () => tell('/api/maintenance', { on: false }));

async function look() {
  const told = await ask(`/api/maintenance?lang=${lang}`).catch(() => null);
  if (!told) return;
  const up = told.registers.length > 0;
  put('link', up ? label('link-ok') : `${label('link-gone')} ${told.trouble}`);
  put('trip', told.trips[0] && up ? `${ms(told.trips[1])} / ${ms(told.trips[2])}` : '—');
  put('mode', label(`mode-${told.mode}`));
  put('result', up ? label(`result-${told.result}`) : '—');
  enter.disabled = role < 2 || !up || !told.standing || told.mode === 2;
  leave.disabled = role < 2 || !up || told.mode !== 2;
  jog.disabled = role < 2 || !up || told.mode !== 2;
  const rows = told.registers.map(([at, name, value, meaning]) => row(at, element('td', { class: 'name' }, name), value, meaning));
  const fresh = rows.map((one) => one.textContent).join();
  if (fresh !== mark || !fresh) document.querySelector('#registers tbody').replaceChildren(...(rows.length ? rows : [nothing('no-registers', 4)]));
  mark = fresh;
  document.querySelector('#cameras tbody').replaceChildren(...told.cameras.map((one) => row(String(one.id), `${one.at_mm} mm`, String(one.pictures),
    String(one.with_code), one.trouble ? `${one.failures} ${one.trouble}` : String(one.failures), one.p50_ms === null ? '—' : `${one.p50_ms} / ${one.p99_ms} ms`, clock(one.last_us))));
}

onFrame(() => {});
setInterval(look, 500);
look();
