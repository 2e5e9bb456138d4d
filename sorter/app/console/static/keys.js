// Scan guns are keyboards: what comes faster than fingers and ends with Enter is a scan, wherever the focus is.
// A text box that the gun wrote into gets back what it held. Slow typing stays typing.
const FAST_MS = 45, SHORTEST = 6, AGAIN_MS = 1000, QUIET_MS = 90;
const scanners = [], pressers = [];
let run = [], queue = [], before = null, timer = 0, last = { text: '', at: -AGAIN_MS };

// The handler with the highest rank gets it.
export const onScan = (act, rank = 1) => { scanners.push([rank, act]); scanners.sort((a, b) => b[0] - a[0]); };
export const onKey = (act, rank = 1) => { pressers.push([rank, act]); pressers.sort((a, b) => b[0] - a[0]); };

const box = (target) => target instanceof Element && target.closest('input, select, textarea');

function begin(target) {
  const held = box(target);
  before = held ? { held, value: held.value, start: held.selectionStart, end: held.selectionEnd } : null;
}

function giveBack() {
  if (!before) return;
  const { held, value } = before;
  if (held.value === value) return;
  held.value = value;
  held.dispatchEvent(new Event(held.tagName === 'SELECT' ? 'change' : 'input', { bubbles: true }));
  try { before.held.setSelectionRange(before.start, before.end); } catch { /* some kinds have no selection */ }
}

function fast(keys) {
  if (keys.length < SHORTEST) return false;
  const gaps = keys.slice(1).map((key, n) => key.at - keys[n].at).sort((a, b) => a - b);
  return gaps[Math.floor(gaps.length / 2)] <= FAST_MS && gaps[gaps.length - 1] <= 4 * FAST_MS;
}

function scanned(text) {
  const now = performance.now();
  const again = text === last.text && now - last.at < AGAIN_MS;
  last = { text, at: now };
  if (!again) scanners[0]?.[1](text);
}

// Single keys act when a gun would have gone on by then.
function flush() {
  clearTimeout(timer);
  const keys = queue;
  queue = [];
  for (const key of keys) deliver(key);
}

function deliver(key) {
  for (const [, act] of pressers) if (act(key) === true) return true;
  return false;
}

function ended(event) {
  const keys = run;
  run = [];
  if (!fast(keys) || event.timeStamp - keys[keys.length - 1].at > 4 * FAST_MS) return false;
  event.preventDefault();
  event.stopImmediatePropagation();
  clearTimeout(timer);
  queue = [];
  giveBack();
  scanned(keys.map((key) => key.key).join(''));
  return true;
}

document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
  const now = event.timeStamp, { key, target } = event, inBox = box(target);
  if (run.length && now - run[run.length - 1].at > 4 * FAST_MS) run = [];
  if (key === 'Enter' && ended(event)) return;
  if (key.length === 1) {
    if (!run.length) begin(target);
    if (/^[\x21-\x7e]$/.test(key)) run.push({ key, at: now });
    if (inBox) return;
    queue.push(key);
    clearTimeout(timer);
    timer = setTimeout(flush, QUIET_MS);
    return;
  }
  flush();
  const onControl = target instanceof Element && target.closest('a, button, summary') && key === 'Enter';
  if (key === 'Escape' || !(inBox || onControl)) { if (deliver(key)) event.preventDefault(); }
}, true);
