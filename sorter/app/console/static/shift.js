// A shift, from one hour to another, in five small tables; what was sorted beside all.
import { ask, element, label, lang, nothing, put } from './frame.js';

const SHIFT_H = 12;
const since = document.getElementById('since'), until = document.getElementById('until');
const share = (good, all) => all ? `${Math.floor(good / all * 1000) / 10} %` : '—';

function table(group, rows) {
  const head = [group, 'parcels', 'sorted', 'sorted-share'].map((key) => element('th', {}, label(key)));
  const lines = Object.entries(rows).map(([name, [all, good]]) => element('tr', {}, element('td', {}, name),
    ...[all, good, share(good, all)].map((cell) => element('td', { class: 'number' }, String(cell)))));
  return element('table', { 'data-group': group }, element('thead', {}, element('tr', {}, ...head)), element('tbody', {}, ...(lines.length ? lines : [nothing('no-parcels', 4)])));
}

async function show() {
  const asked = new URLSearchParams({ lang, since: since.value || 0, until: until.value || 2 ** 40 });
  const report = await ask(`/api/shift?${asked}`).catch(() => null);
  if (!report) { put('total', label('server-gone')); return; }
  document.getElementById('csv').href = `/api/shift.csv?${asked}`;
  put('total', `${label('total')}: ${report.parcels} ${label('parcels')}, ${label('sorted')} ${report.sorted} (${share(report.sorted, report.parcels)})`);
  put('span', `${since.selectedOptions[0]?.text ?? ''} — ${until.selectedOptions[0]?.text ?? ''}`);
  document.getElementById('tables').replaceChildren(...Object.entries(report.tables).map(([group, rows]) => table(group, rows)));
}

// The hours there are; at first the last twelve.
async function hours() {
  const known = (await ask(`/api/shift?lang=${lang}`)).hours;
  const last = known.at(-1)?.[0] ?? 0, first = known.find(([hour]) => hour > last - SHIFT_H)?.[0];
  for (const [place, chosen] of [[since, first], [until, last]]) {
    place.replaceChildren(...(known.length ? known : [[0, label('no-hours')]]).map(([hour, name]) => element('option', { value: hour, selected: hour === chosen ? '' : false }, name)));
    place.addEventListener('change', () => {
      if (Number(since.value) > Number(until.value)) (place === since ? until : since).value = place.value;
      show();
    });
  }
  await show();
}

document.getElementById('print').addEventListener('click', () => print());
hours();
