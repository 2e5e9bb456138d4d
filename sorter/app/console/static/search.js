// A parcel and why it went where it went: its story from the journal; below, the latest exceptions.
import { ask, button, changedIn, clock, element, label, layoutName, nothing, onFrame, order, put, role, row, say } from './frame.js';
import { onScan } from './keys.js';

const layout = await ask('/api/layout');
const field = document.getElementById('waybill'), found = document.getElementById('found');
const outlet = (chute) => chute === null ? label('exception-end') : layoutName(layout, chute);
const query = (values) => ask(`/api/parcels?${new URLSearchParams({ lang: document.documentElement.dataset.lang, ...values })}`);

async function show(values) {
  const answer = await query(values).catch(() => null);
  if (!answer) { put('told', label('server-gone')); return; }
  const waybill = values.waybill ?? answer.parcels[0]?.waybill ?? '';
  found.replaceChildren(...answer.parcels.slice(0, 5).map(card),
    element('h2', {}, label('the-way')),
    element('div', { class: 'story', tabindex: '0' }, answer.story.join('\n') || label('nothing-found')),
    ...(role >= 1 && waybill ? [element('div', { class: 'row' }, ...['hold-parcel', 'free-parcel'].map((key) => hold(key, waybill)))] : []));
  found.scrollIntoView({ block: 'nearest' });
}

// Why, and the cause by the pixels where the pixels tell one.
const why = (one) => say('why', one.why) + (one.cause ? ` · ${say('no-read', one.cause)}` : '');

function card(one) {
  const again = one.again_of ? [['again-of', `#${one.again_of.pid} · ${clock(one.again_of.left_us)}`]] : [];
  const pairs = [...again, ['outcome', `${say('outcome', one.outcome)} — ${why(one)}`], ['action', say('remedy', one.outcome)], ['left-by', `${outlet(one.left)} · ${clock(one.left_us)}`],
    ['told', one.told === null ? label('exception-end') : outlet(one.told)], ['rule', one.rule || '—'], ['plan-version', one.plan || '—'],
    ['courier', one.courier || '—'], ['length', `${one.length_mm} mm`],
    ['reads', one.reads.map((read) => `${read.text} (${read.symbology}, ${read.reader})`).join('  ') || label('no-reads')]];
  const list = element('dl', { class: 'facts' }, ...pairs.flatMap(([key, text]) => [element('dt', {}, label(key)), element('dd', {}, text)]));
  const images = role >= 1 ? one.pictures.map((name) => element('a', { href: `/api/pictures/${name}`, target: '_blank', 'aria-label': label('picture-large') }, element('img', { alt: label('picture'), src: `/api/pictures/${name}` }))) : [];
  return element('div', { class: `card verdict${one.outcome === 'sorted' ? '' : ' exception'}` }, element('h2', {}, one.waybill || label('no-code')), element('div', { class: 'beside' }, list, element('div', { class: 'row' }, ...images)));
}

function hold(key, waybill) {
  return button(label(key), async () => {
    const { told } = await order('/api/intercepts', { waybill, held: key === 'hold-parcel' });
    put('told', `${waybill} ${label(key)}: ${told || label('sent')}`);
  });
}

function line(one) {
  const tell = button(label('tell-why'), () => show(one.waybill ? { waybill: one.waybill } : { pid: one.pid, left_us: one.left_us }));
  return row(clock(one.left_us), one.waybill || label('no-code'), say('outcome', one.outcome), why(one), outlet(one.left), tell);
}

const table = document.querySelector('#exceptions tbody');

async function list() {
  const latest = (await query({})).parcels;
  if (!changedIn(table, latest.map((one) => [one.pid, one.left_us]))) return;
  const rows = latest.map(line);
  table.replaceChildren(...(rows.length ? rows : [nothing('no-exceptions', 6)]));
}

// New exceptions appear by themselves, but no row moves away under a finger or the focus.
let counted = -1;
onFrame((frame) => {
  if (frame.exceptions === counted || table.matches(':hover, :focus-within')) return;
  counted = frame.exceptions;
  list().catch(() => {});
});

document.getElementById('search').addEventListener('submit', (event) => {
  event.preventDefault();
  const waybill = field.value.trim();
  if (waybill) show({ waybill });
});
onScan((text) => { field.value = text; show({ waybill: text }); });

const wanted = new URLSearchParams(location.search);
if (wanted.get('waybill')) { field.value = wanted.get('waybill'); show({ waybill: field.value }); }
else if (wanted.get('pid')) show({ pid: wanted.get('pid'), left_us: wanted.get('left_us') ?? '-1' });
list();
