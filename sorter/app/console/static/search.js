// A parcel and why it went where it went: its story from the journal; below, the latest exceptions.
import { clock, element, lang, role, say, send } from './frame.js';

const layout = await (await fetch('/api/layout')).json();
const field = document.getElementById('waybill');
const found = document.getElementById('found');
const outlet = (chute) => chute === null ? say('label', 'exception-end') : `${chute} ${layout.chutes[chute]?.[lang] ?? ''}`;
const ask = async (waybill) => (await fetch(`/api/parcels?lang=${lang}&waybill=${encodeURIComponent(waybill)}`)).json();

async function show(waybill) {
  const answer = await ask(waybill);
  const parts = [element('div', { class: 'story', tabindex: '0' }, answer.story.join('\n') || say('label', 'nothing-found'))];
  if (role >= 1) parts.push(...['hold-parcel', 'free-parcel'].map((key) => holdButton(key, waybill)));
  found.replaceChildren(...parts);
}

function holdButton(key, waybill) {
  const button = element('button', { type: 'button' }, say('label', key));
  button.addEventListener('click', async () => {
    const told = await send('/api/intercepts', { waybill, held: key === 'hold-parcel' });
    button.textContent = `${say('label', key)}: ${told || say('label', 'sent')}`;
  });
  return button;
}

// Why, the cause by the pixels, and the pictures that are kept, for who may see them.
function why(one) {
  const parts = [say('why', one.why) + (one.cause ? `: ${say('no-read', one.cause)}` : '')];
  if (role >= 1) parts.push(...one.pictures.map((name) => element('a', { class: 'why', href: `/api/pictures/${name}` }, ` ${say('label', 'picture')}`)));
  return element('span', {}, ...parts);
}

async function list() {
  const rows = (await ask('')).parcels.map((one) => element('tr', {},
    element('td', {}, clock(one.left_us)),
    element('td', {}, one.waybill ? element('a', { class: 'why', href: `/search?waybill=${encodeURIComponent(one.waybill)}` }, one.waybill) : say('label', 'no-code')),
    element('td', {}, say('outcome', one.outcome)),
    element('td', {}, why(one)),
    element('td', {}, outlet(one.left))));
  const body = document.querySelector('#exceptions tbody');
  body.replaceChildren(...(rows.length ? rows : [element('tr', {}, element('td', { class: 'none', colspan: '5' }, say('label', 'no-parcels')))]));
}

document.getElementById('search').addEventListener('submit', (event) => {
  event.preventDefault();
  const waybill = field.value.trim();
  if (waybill) show(waybill);
});

const wanted = new URLSearchParams(location.search).get('waybill');
if (wanted) { field.value = wanted; show(wanted); }
list();
