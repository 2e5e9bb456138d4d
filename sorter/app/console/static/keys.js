// Scan guns are keyboards: what comes faster than fingers and ends with Enter is a scan, wherever the focus is.
// A text box that the gun wrote into gets back what it held. Slow typing stays typing.
const FAST_MS = 50, PAUSE_MS = 80, STALL_MS = 400, SHORTEST = 6, LONGEST = 80, AGAIN_MS = 1000, QUIET_MS = 90;
const scanners = [], pressers = [];
let run = [], queue = [], timer = 0, last = { text: '', at: -AGAIN_MS };

// The handler with the highest rank gets it.
export const onScan = (act, rank = 1) => { scanners.push([rank, act]); scanners.sort((a, b) => b[0] - a[0]); };
export const onKey = (act, rank = 1) => { pressers.push([rank, act]); pressers.sort((a, b) => b[0] - a[0]); };

let told = () => {};
export const onTold = (act) => { told = act; };

const box = (target) => target instanceof Element && target.closest('input, select, textarea');

// What a text box held before this key, to give it back.
function held(target) {
  const one = box(target);
  return one ? { one, value: one.value, start: one.selectionStart, end: one.selectionEnd } : null;
}

function giveBack(before) {
  if (!before || before.one.value === before.value) return;
  const { one, value, start, end } = before;
  one.value = value;
  one.dispatchEvent(new Event(one.tagName === 'SELECT' ? 'change' : 'input', { bubbles: true }));
  try { one.setSelectionRange(start, end); } catch { /* some kinds have no selection */ }
}

// The keys of one gun out of everything that came without a long pause; null when it may be only a part of
// them: half a code is worse than none. Two or more slow keys in front were typed by a person; one slow gap
// in front may be either. A busy computer may hold up a gun in the middle.
function burst(keys) {
  const gaps = keys.slice(1).map((key, n) => key.at - keys[n].at);
  const first = gaps.findIndex((gap) => gap <= PAUSE_MS);
  const own = first < 0 ? [] : gaps.slice(first).sort((a, b) => a - b);
  if (own.length + 1 < SHORTEST || own[Math.floor(own.length / 2)] > FAST_MS) return [];
  return first === 1 ? null : keys.slice(first);
}

function scanned(text) {
  const now = performance.now();
  const again = text === last.text && now - last.at < AGAIN_MS;
  last = { text, at: now };
  told('scanned', text);
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
  const keys = burst(run);
  run = [];
  if (keys && keys.length === 0) return false;
  event.preventDefault();
  event.stopImmediatePropagation();
  clearTimeout(timer);
  queue = [];
  if (!keys) { told('scan-again'); return true; }
  giveBack(keys[0].before);
  scanned(keys.map((key) => key.key).join(''));
  return true;
}

document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
  const now = event.timeStamp, { key, target } = event, inBox = box(target);
  if (run.length && now - run[run.length - 1].at > STALL_MS) run = [];
  if (key === 'Enter' && ended(event)) return;
  if (key.length === 1) {
    if (/^[\x21-\x7e]$/.test(key)) run = [...run.slice(-LONGEST), { key, at: now, before: held(target) }];
    if (inBox) return;
    queue.push(key);
    clearTimeout(timer);
    timer = setTimeout(flush, queue.length > 1 ? STALL_MS : QUIET_MS);
    return;
  }
  if (key !== 'Shift') run = [];
  flush();
  const onControl = target instanceof Element && target.closest('a, button, summary') && key === 'Enter';
  const through = key === 'Escape' || (inBox?.tagName === 'INPUT' && ['ArrowUp', 'ArrowDown'].includes(key));
  if (through || !(inBox || onControl)) { if (deliver(key)) event.preventDefault(); }
}, true);
