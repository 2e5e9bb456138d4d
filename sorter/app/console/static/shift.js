// The shift in five small tables, each with its total; sorted beside all.
import { element, lang, say } from './frame.js';

const report = await (await fetch(`/api/shift?lang=${lang}`)).json();
const share = (good, all) => all ? `${Math.floor(good / all * 1000) / 10} %` : '—';
document.getElementById('total').textContent =
  `${say('label', 'total')}: ${report.parcels} ${say('label', 'parcels')}, ${say('label', 'sorted')} ${report.sorted} (${share(report.sorted, report.parcels)})`;
for (const [group, table] of Object.entries(report.tables)) {
  const head = [group, 'parcels', 'sorted', 'sorted-share'].map((key) => element('th', {}, say('label', key)));
  const rows = Object.entries(table).map(([name, [all, good]]) => element('tr', {}, element('td', {}, name),
    ...[all, good, share(good, all)].map((cell) => element('td', { class: 'number' }, String(cell)))));
  const empty = element('tr', {}, element('td', { class: 'none', colspan: '4' }, say('label', 'no-parcels')));
  document.getElementById('tables').append(element('table', { 'data-group': group },
    element('thead', {}, element('tr', {}, ...head)), element('tbody', {}, ...(rows.length ? rows : [empty]))));
}
document.getElementById('print').addEventListener('click', () => print());
