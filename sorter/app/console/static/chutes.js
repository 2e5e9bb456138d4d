// Every outlet as a tile: how many it got, whether it is usable, and the button that changes that.
import { element, lang, onFrame, role, say, send } from './frame.js';

const layout = await (await fetch('/api/layout')).json();
const tiles = new Map();
const asked = new Map();

function tile(chute) {
  const state = element('span', {}), count = element('span', {}), fill = element('i');
  const button = element('button', { type: 'button', disabled: role < 1 ? '' : false });
  const one = element('div', { class: 'tile', 'data-chute': chute.id }, element('b', {}, `${chute.id} ${chute[lang]}`), state, count, element('div', { class: 'bar' }, fill), button);
  button.addEventListener('click', async () => {
    const locked = button.dataset.locked !== 'true';
    asked.set(chute.id, locked);
    const told = await send(`/api/chutes/${chute.id}/lock`, { locked });
    if (told) asked.delete(chute.id);
    document.getElementById('told').textContent = told || `${chute.id} ${chute[lang]}: ${say('label', 'waiting-order')}`;
  });
  tiles.set(chute.id, { one, state, count, fill, button, capacity: chute.capacity });
  return one;
}

onFrame((frame) => {
  for (const [id, full, locked, left] of frame.chutes) {
    const { one, state, count, fill, button, capacity } = tiles.get(id);
    one.className = `tile${full ? ' full' : ''}${locked ? ' locked' : ''}`;
    state.textContent = say('label', locked ? 'locked' : full ? 'full' : 'open');
    count.textContent = `${say('label', 'fill')}: ${left}`;
    fill.style.width = `${Math.min(100, (left % capacity) / capacity * 100)}%`;
    button.textContent = say('label', locked ? 'unlock' : 'lock');
    button.dataset.locked = String(locked);
    if (asked.get(id) === locked) {
      asked.delete(id);
      document.getElementById('told').textContent = `${one.querySelector('b').textContent}: ${state.textContent}`;
    }
  }
});

document.getElementById('chutes').append(...layout.chutes.map(tile));
