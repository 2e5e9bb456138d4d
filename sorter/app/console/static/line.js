// The line from its configuration: belt, cameras, chutes, and every parcel at its place.
// A line with more chutes than words fit beside each other is drawn twice: whole and small, and a part of it large.
import { drawn, element, button, label, lang, put } from './frame.js';

const WIDE = 1600, LEFT = 80, RIGHT = 90, BOX = 96, NARROW = 40, BELT = 44;
const START_MM = -600, EXCEPTION = 65535, ROOM = 1.06;
const TALL = { height: 304, belt: 152, above: 6, below: 210, box: 88 }, LOW = { height: 104, belt: 52, above: 6, below: 72, box: 26 };

// A name in one line or two, at a space if there is one; cut only where even that is too long.
function lines(name, fits) {
  const cut = (text) => text.length > fits ? `${text.slice(0, fits - 1)}…` : text;
  if (name.length <= fits) return [name];
  const at = name.includes(' ') ? name.indexOf(' ') : fits;
  return [cut(name.slice(0, at)), cut(name.slice(at).trim())];
}

const pivots = (chutes) => [...new Set(chutes.map((chute) => chute.at_mm))].sort((one, other) => one - other);

// How wide a chute's box may be when `places` share the drawing from one mm to another.
function boxWidth(places, x) {
  return Math.min(BOX, ...places.slice(1).map((place, n) => x(place) - x(places[n]))) - 4;
}

// One drawing of the belt from from_mm to to_mm.
class Drawing {
  constructor(layout, from_mm, to_mm, kind) {
    this.layout = layout;
    this.range = [from_mm, to_mm];
    this.kind = kind;
    this.boxes = new Map();
    this.svg = drawn('svg', { viewBox: `0 0 ${WIDE} ${kind.height}`, role: 'img', 'aria-label': label('overview') });
    this.moving = drawn('g');
    this.x = (mm) => LEFT + (mm - from_mm) / (to_mm - from_mm) * (WIDE - LEFT - RIGHT);
    this.chutes = layout.chutes.filter((chute) => chute.at_mm >= from_mm && chute.at_mm <= to_mm);
    this.wide = boxWidth(pivots(this.chutes), this.x);
    this.draw();
  }

  draw() {
    const { belt } = this.kind, [from, to] = this.range;
    this.svg.append(drawn('rect', { class: 'belt', x: this.x(from), y: belt - BELT / 2, width: this.x(to) - this.x(from), height: BELT, rx: 6 }));
    if (from === START_MM) this.svg.append(drawn('text', { x: 6, y: belt + 5 }, label('induct')));
    if (to === this.layout.end_mm) this.svg.append(drawn('text', { x: WIDE - 6, y: belt + 40, 'text-anchor': 'end' }, label('exception-end')));
    for (const mm of this.layout.cameras_mm.filter((at) => at >= from && at <= to && this.kind === TALL)) {
      this.svg.append(drawn('line', { class: 'eye', x1: this.x(mm), x2: this.x(mm), y1: belt - 46, y2: belt + BELT / 2 }));
      this.svg.append(drawn('text', { class: 'dim', x: this.x(mm), y: belt - 52, 'text-anchor': 'middle' }, label('camera')));
    }
    for (const chute of this.chutes) this.drawChute(chute);
    this.svg.append(this.moving);
  }

  drawChute(chute) {
    const { kind, wide } = this, y = chute.side < 0 ? kind.above : kind.below, left = this.x(chute.at_mm) - wide / 2;
    const box = drawn('rect', { class: 'chute', x: left, y, width: wide, height: kind.box, rx: Math.min(4, wide / 4) });
    box.append(drawn('title', {}, `${chute.id} ${chute[lang]}`));
    const inside = drawn('svg', { x: left, y, width: wide, height: kind.box });
    const level = drawn('rect', { class: 'level', x: 3, y: kind.box - 5, width: 0, height: 4 });
    inside.append(level);
    const part = { box, level, count: null, state: null, wide: wide - 6, capacity: chute.capacity };
    if (wide >= NARROW && kind === TALL) this.drawWords(chute, inside, part);
    this.svg.append(box, inside);
    this.boxes.set(chute.id, part);
  }

  drawWords(chute, inside, part) {
    const words = (text, at, kind) => drawn('text', { x: this.wide / 2, y: at, 'text-anchor': 'middle', class: kind }, text);
    const names = lines(chute[lang], Math.floor((this.wide - 4) / (lang === 'zh' ? 13 : 6.6)));
    part.count = words('0', 64, 'count');
    part.state = words('', 80, 'small');
    inside.append(words(String(chute.id), 16, 'number'), ...names.map((name, n) => words(name, (names.length > 1 ? 30 : 36) + 13 * n, 'small')), part.count, part.state);
  }

  showChutes(chutes) {
    for (const [id, full, locked, , inside, , broken] of chutes) {
      const one = this.boxes.get(id), mark = `${full}${locked}${inside}${broken}`;
      if (!one || one.mark === mark) continue;
      one.mark = mark;
      one.box.setAttribute('class', `chute${full ? ' full' : ''}${locked ? ' locked' : ''}${broken ? ' broken' : ''}`);
      one.level.setAttribute('width', Math.max(0, one.wide) * Math.min(1, inside / one.capacity));
      if (!one.count) continue;
      one.count.textContent = inside;
      one.state.textContent = broken ? `▲ ${label('broken')}` : locked ? `× ${label('locked')}` : full ? `▲ ${label('full')}` : '';
    }
  }

  showParcels(parcels) {
    const { belt } = this.kind, [from, to] = this.range;
    const known = new Map([...this.moving.children].map((one) => [one.dataset.pid, one]));
    const here = parcels.filter(([, place]) => place >= from && place <= to);
    this.moving.replaceChildren(...here.map(([pid, place, length, chute, waybill]) => {
      const one = known.get(String(pid)) ?? drawn('rect', { 'data-pid': pid, y: belt - 14, height: 28, rx: 3 });
      one.setAttribute('class', `parcel ${chute === -1 ? 'undecided' : chute === EXCEPTION ? 'exception' : ''}`);
      one.setAttribute('x', this.x(place - length / 2));
      one.setAttribute('width', Math.max(4, this.x(length) - this.x(0)));
      const told = `${waybill || pid}${chute >= 0 && chute !== EXCEPTION ? ` → ${chute}` : ''}`;
      if (one.dataset.told !== told) { one.dataset.told = told; one.replaceChildren(drawn('title', {}, told)); }
      return one;
    }));
  }
}

// ------------------------------------------------------------ a line too long for one drawing

class Parts {
  constructor(layout, place) {
    Object.assign(this, { layout, place, all: pivots(layout.chutes), at: 0, shown: 13, chutes: [], parcels: [] });
    this.map = new Drawing(layout, START_MM, layout.end_mm, LOW);
    this.map.svg.setAttribute('class', 'map');
    this.mark = drawn('rect', { class: 'part', y: 2, height: LOW.height - 4, rx: 4 });
    this.map.svg.append(this.mark);
    this.map.svg.addEventListener('click', (event) => this.clicked(event));
    this.large = element('div');
    this.where = element('span', { id: 'part-where', role: 'status' });
    this.find = element('input', { id: 'part-find', 'aria-label': label('part-find'), placeholder: label('part-find'), autocomplete: 'off', maxlength: '40' });
    this.find.addEventListener('keydown', (event) => { if (event.key === 'Enter') this.lookFor(this.find.value.trim()); });
    const bar = element('div', { class: 'row parts' }, button(`◀ ${label('part-back')}`, () => this.move(-this.shown)), button(`${label('part-on')} ▶`, () => this.move(this.shown)),
      button(`＋ ${label('zoom-in')}`, () => this.zoom(0.5)), button(`－ ${label('zoom-out')}`, () => this.zoom(2)),
      button(`▲ ${label('part-abnormal')}`, () => this.nextAbnormal()), this.find, this.where);
    place.append(this.map.svg, bar, this.large);
    this.redraw();
  }

  redraw() {
    this.at = Math.max(0, Math.min(this.all.length - this.shown, this.at));
    const part = this.all.slice(this.at, this.at + this.shown), room = this.shown > 1 ? (part.at(-1) - part[0]) / (part.length - 1) : 1000;
    const from = this.at === 0 && part[0] < 12000 ? START_MM : part[0] - room * ROOM, to = this.at + this.shown >= this.all.length ? this.layout.end_mm : part.at(-1) + room * ROOM;
    this.drawing = new Drawing(this.layout, from, to, TALL);
    this.large.replaceChildren(this.drawing.svg);
    this.mark.setAttribute('x', this.map.x(from));
    this.mark.setAttribute('width', this.map.x(to) - this.map.x(from));
    const ids = this.drawing.chutes.map((chute) => chute.id);
    this.where.textContent = label('part-where').replace('{from}', Math.min(...ids)).replace('{to}', Math.max(...ids)).replace('{all}', this.layout.chutes.length);
    this.show(this.chutes, this.parcels);
  }

  move(by) { this.at += by; this.redraw(); }

  zoom(by) {
    const middle = this.at + this.shown / 2;
    this.shown = Math.round(Math.max(6, Math.min(28, this.shown * by)));
    this.at = Math.round(middle - this.shown / 2);
    this.redraw();
  }

  goTo(chute) { this.at = this.all.indexOf(chute.at_mm) - Math.floor(this.shown / 2); this.redraw(); }

  lookFor(text) {
    const found = this.layout.chutes.find((chute) => String(chute.id) === text) ?? this.layout.chutes.find((chute) => text && `${chute.zh} ${chute.en}`.toLowerCase().includes(text.toLowerCase()));
    if (found) this.goTo(found);
    else put('part-where', label('no-such-chute'));
  }

  nextAbnormal() {
    const abnormal = this.chutes.filter(([, full, locked, , , , broken]) => full || locked || broken).map(([id]) => this.layout.chutes[id]);
    const beyond = abnormal.find((chute) => chute.at_mm > this.drawing.range[1]) ?? abnormal[0];
    if (beyond) this.goTo(beyond);
    else put('part-where', label('none-abnormal'));
  }

  clicked(event) {
    const frame = this.map.svg.getBoundingClientRect(), at = (event.clientX - frame.left) / frame.width * WIDE;
    const nearest = this.layout.chutes.reduce((best, chute) => Math.abs(this.map.x(chute.at_mm) - at) < Math.abs(this.map.x(best.at_mm) - at) ? chute : best);
    this.goTo(nearest);
  }

  show(chutes, parcels) {
    [this.chutes, this.parcels] = [chutes, parcels];
    for (const one of [this.map, this.drawing]) { one.showChutes(chutes); one.showParcels(parcels); }
  }
}

// The line in `place`; gives what shows a frame on it.
export function lineIn(place, layout) {
  const whole = new Drawing(layout, START_MM, layout.end_mm, TALL);
  if (whole.wide < NARROW) return new Parts(layout, place);
  place.append(whole.svg);
  return { show: (chutes, parcels) => { whole.showChutes(chutes); whole.showParcels(parcels); } };
}
