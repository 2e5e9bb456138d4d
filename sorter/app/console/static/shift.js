// The shift in five small tables, each with its total; sorted beside all.
import { ask, element, label, lang, nothing } from './frame.js';

const report = await ask(`/api/shift?lang=${lang}`);
const share = (good, all) => all ? `${Math.floor(good / all * 1000) / 10} %` : '—';
document.getElementById('total').textContent =
  `${label('total')}: ${report.parcels} ${label('parcels')}, ${label('sorted')} ${report.sorted} (${share(report.sorted, report.parcels)})`;
for (const [group, table] of Object.entries(report.tables)) {
  const head = [group, 'parcels', 'sorted', 'sorted-share'].map((key) => element('th', {}, label(key)));
  const rows = Object.entries(table).map(([name, [all, good]]) => element('tr', {}, element('td', {}, name),
    ...[all, good, share(good, all)].map((cell) => element('td', { class: 'number' }, String(cell)))));
  document.getElementById('tables').append(element('table', { 'data-group': group },
    element('thead', {}, element('tr', {}, ...head)), element('tbody', {}, ...(rows.length ? rows : [nothing('no-parcels', 4)]))));
}
document.getElementById('print').addEventListener('click', () => print());
