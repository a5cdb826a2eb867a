// Room: templates. Mistakes replayed on one script: what each makes of the student's own numbers, and which wrong cells
// that accounts for. The wrong lines come with the plan; nothing here knows a formula. As grader/replays.py, evidence.py.

import { operated, replaced } from "./plan.js";
import { Reading, unitOf } from "./reading.js";

/** @typedef {import("./plan.js").Plan} Plan */
/** @typedef {import("./plan.js").Mistake} Mistake */
/** @typedef {import("./plan.js").WrongLine} WrongLine */
/** @typedef {import("./marking.js").Task} Task */
/** @typedef {import("./marking.js").Judged} Judged */
/** @typedef {{mistake: Mistake, sites: string[]}} Made */
/** What one reading says: which of the pile's cells it reproduces, and how many right cells it speaks against.
 * @typedef {{explained: boolean[], contradicted: number, split: boolean[]}} Evidence */

const NEAR = 3;
const NEAR_UNITS = 4;
const SAME_UNITS = 1;
const VAGUE_UNITS = 4;
const VAGUE_PART = 0.2;
const MOST_PARTS = 6;

/** An exercise worked with one or two mistakes in it. */
export class Replay {
  /** @param {Plan} base @param {Made[]} made @param {WrongLine[]} wrong */
  constructor(base, made, wrong) {
    this.base = base;
    this.made = made;
    this.wrong = wrong;
    this.changed = new Map(wrong.map((line) => [line.cell, line.reads]));
    this.codes = made.map((one) => one.mistake.code);
    /** @type {Plan | null} */ this.own = null;
  }

  get plan() {
    return (this.own ??= replaced(this.base, this.wrong));
  }

  /** @param {number} cell */
  readsOf(cell) {
    return this.changed.get(cell) ?? this.base.lines[cell].reads;
  }

  /**
   * The cells that have to be worked out anew, in order of need; empty where nothing shown can change, or where two
   * mistakes need each other in a circle.
   * @param {boolean[]} blank  cells whose own value may be carried on
   * @param {boolean[]} shown  cells that were handed in
   * @returns {number[]}
   */
  route(blank, shown) {
    const reached = this.reached(blank);
    /** @type {number[]} */ const ordered = [];
    /** @type {Map<number, boolean>} */ const done = new Map();
    const place = (/** @type {number} */ cell) => {
      if (done.has(cell)) return done.get(cell);
      done.set(cell, false);
      for (const name of this.readsOf(cell)) {
        if (name >= 0 && reached.has(name) && blank[name] && !place(name)) return false;
      }
      done.set(cell, true);
      ordered.push(cell);
      return true;
    };
    for (let cell = 0; cell < this.base.lines.length; cell++) {
      if (reached.has(cell) && shown[cell] && !place(cell)) return [];
    }
    return ordered;
  }

  /** @param {boolean[]} blank */
  reached(blank) {
    const reached = new Set(this.changed.keys()); // so a wrong line that reads something else is among them anyway
    const waiting = [...reached];
    const readers = readersIn(this.base);
    for (let cell = waiting.pop(); cell !== undefined; cell = waiting.pop()) {
      if (!blank[cell]) continue;
      for (const reader of readers[cell]) {
        if (!reached.has(reader)) {
          reached.add(reader);
          waiting.push(reader);
        }
      }
    }
    return reached;
  }
}

/** @type {WeakMap<Plan, number[][]>} */
const READERS = new WeakMap();

/** For each cell those that read it. @param {Plan} plan @returns {number[][]} */
function readersIn(plan) {
  let readers = READERS.get(plan);
  if (!readers) {
    readers = plan.lines.map(() => /** @type {number[]} */ ([]));
    plan.lines.forEach((line, cell) => {
      for (const name of line.reads) if (name >= 0) /** @type {number[][]} */ (readers)[name].push(cell);
    });
    READERS.set(plan, readers);
  }
  return readers;
}

/** A cell, and the blank cells that its number was worked out through. @param {Plan} plan @param {number} cell @param {boolean[]} blank */
export function zoneOf(plan, cell, blank) {
  const found = new Set([cell]);
  const waiting = [cell];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    for (const name of plan.lines[next].reads) {
      if (name >= 0 && blank[name] && !found.has(name)) {
        found.add(name);
        waiting.push(name);
      }
    }
  }
  return found;
}

/** All the replays of one exercise; make it once. */
export class Replays {
  /** @param {Plan} plan */
  constructor(plan) {
    this.plan = plan;
    this.singles = plan.mistakes.map((mistake) => new Replay(plan, [{ mistake, sites: Object.keys(mistake.sites) }], mistake.wrong));
    /** @type {Map<string, Replay>} */ this.known = new Map();
  }

  /** @param {string} key @param {() => Replay} make */
  once(key, make) {
    let found = this.known.get(key);
    if (!found) this.known.set(key, (found = make()));
    return found;
  }

  /** Mistakes made at one of their sites only, where more than one can show in one of the zones. @param {Set<number>[]} zones */
  parts(zones) {
    return this.singles.flatMap((replay, number) => {
      const sites = replay.made[0].sites;
      const cells = sites.map((site) => this.plan.cells.flatMap((_, cell) => (this.plan.quantities[cell] === site ? [cell] : [])));
      const several = zones.some((zone) => cells.filter((own) => own.some((cell) => zone.has(cell))).length > 1);
      if (!several || sites.length > MOST_PARTS) return [];
      return sites.map((site, k) => this.once(`${number} at ${site}`, () => {
        const wrong = replay.wrong.filter((line) => cells[k].includes(line.cell));
        return new Replay(this.plan, [{ mistake: replay.made[0].mistake, sites: [site] }], wrong);
      }));
    });
  }

  /** Two mistakes at once, at different steps, where both can show in one of the zones. @param {Set<number>[]} zones */
  pairs(zones) {
    const touched = this.singles.map((replay) =>
      zones.map((zone) => replay.wrong.some((line) => zone.has(line.cell))));
    /** @type {Replay[]} */ const found = [];
    for (let one = 0; one < this.singles.length; one++) {
      for (let other = one + 1; other < this.singles.length; other++) {
        if (!touched[one].some((shows, k) => shows && touched[other][k])) continue;
        const [first, second] = [this.singles[one], this.singles[other]];
        if (first.codes[0] === second.codes[0] || second.wrong.some((line) => first.changed.has(line.cell))) continue;
        found.push(this.once(`${one} and ${other}`, () =>
          new Replay(this.plan, [...first.made, ...second.made], [...first.wrong, ...second.wrong])));
      }
    }
    return found;
  }
}

/** One script and how it is read: `cells` are to be explained, `open` says which of them still are. */
export class Pile {
  /**
   * @param {Task} task @param {number[]} values @param {Judged[]} judged
   * @param {number[]} cells @param {boolean[]} open @param {boolean} [fromOwnNumbers]
   */
  constructor(task, values, judged, cells, open, fromOwnNumbers = true) {
    this.task = task;
    this.values = values;
    this.judged = judged;
    this.cells = cells;
    this.open = open;
    this.shown = values.map((value) => !Number.isNaN(value));
    this.pinned = this.shown.map((shown) => shown && fromOwnNumbers);
    this.blank = this.pinned.map((pinned) => !pinned);
    this.right = judged.map(({ verdict }, cell) => this.shown[cell] && (verdict === "correct" || verdict === "carried"));
    const guilty = new Set(task.plan.quantities.filter((_, cell) => !this.right[cell]));
    this.innocent = new Set(task.plan.quantities.filter((quantity) => !guilty.has(quantity)));
    this.zones = cells.map((cell) => zoneOf(task.plan, cell, this.blank));
    this.base = this.worked();
    this.numbers = Float64Array.from(this.base.nominal);
    this.nearBy = cells.map((cell, k) => this.around(cell, open[k], values[cell], NEAR * judged[cell].allowed, NEAR_UNITS));
    this.farFrom = judged.map((one, cell) => this.around(cell, this.right[cell], one.expected, 2 * one.allowed, SAME_UNITS));
  }

  /** @param {number} cell @param {boolean} told @param {number} value @param {number} width @param {number} units */
  around(cell, told, value, width, units) {
    const half = told ? width + units * unitOf(this.task.places[cell], value) : NaN;
    return [value - half, value + half];
  }

  /** Everything by the right rules, each line from the student's own numbers. */
  worked() {
    const reading = new Reading(this.task.plan, this.task.given, this.task.places);
    this.task.plan.lines.forEach((_, cell) => {
      reading.work(cell);
      reading.carry(cell, this.values[cell], this.pinned[cell]);
    });
    return reading;
  }

  /** The values of the cells in `order`, unrounded, with the replay's wrong lines. @param {Replay} replay @param {number[]} order */
  replayed(replay, order) {
    const { plan } = replay;
    const at = new Float64Array(plan.nodes.length);
    at.set(this.numbers);
    /** @type {Map<number, number>} */ const found = new Map();
    for (const cell of order) {
      const line = plan.lines[cell];
      for (let place = line.start; place < line.stop; place++) {
        const { kind, of, constant } = plan.nodes[place];
        if (!kind) {
          at[place] = constant;
          continue;
        }
        const xs = of.map((k) => at[k]);
        at[place] = operated(kind, xs);
        // 0 · log a is left out by everybody, also where a is written 0.00.
        if (kind.op === "multiply" && !Number.isFinite(at[place]) && xs.includes(0)) at[place] = 0;
      }
      found.set(cell, at[line.root]);
      if (this.blank[cell]) at[line.carried] = at[line.root];
    }
    return found;
  }

  /** The replay's lines of the cells in `order`, with all that rounding can do. @param {Replay} replay @param {number[]} order */
  reading(replay, order) {
    const reading = this.base.onward(replay.plan);
    for (const cell of order) {
      reading.work(cell);
      reading.carry(cell, this.values[cell], this.pinned[cell]);
    }
    return reading;
  }

  /** @param {Replay} replay @param {number} least @returns {Evidence} */
  evidenceOf(replay, least) {
    const nothing = this.cells.map(() => false);
    const none = { explained: nothing, contradicted: 0, split: nothing };
    if (!this.canShow(replay)) return none;
    const order = replay.route(this.blank, this.shown);
    const inOrder = new Set(order);
    if (!this.cells.some((cell) => inOrder.has(cell))) return none;
    const values = this.replayed(replay, order);
    const near = this.cells.filter((cell, k) => within(values.get(cell), this.nearBy[k]));
    if (near.length < Math.max(least, 1)) return none;
    const against = [...values].filter(([cell, value]) => value < this.farFrom[cell][0] || value > this.farFrom[cell][1]).map(([cell]) => cell);
    const reading = this.reading(replay, order);
    const explained = this.cells.map((cell, k) => this.open[k] && inOrder.has(cell) && this.hits(reading, cell));
    const { quantities } = this.task.plan;
    const split = this.cells.map((cell, k) => explained[k] && against.some((other) => quantities[other] === quantities[cell]));
    return { explained, contradicted: against.length, split };
  }

  /** Whether any of the pile's cells is worked out through a wrong line. @param {Replay} replay */
  canShow(replay) {
    return this.zones.some((zone) => replay.wrong.some((line) => zone.has(line.cell)));
  }

  /** Whether the student's number is the replay's, within what rounding of the wrong lines allows. @param {Reading} reading @param {number} cell */
  hits(reading, cell) {
    const expected = reading.nominal[reading.plan.lines[cell].root];
    const allowed = reading.allowed(cell, expected);
    const least = Math.max(VAGUE_UNITS * unitOf(this.task.places[cell], expected), VAGUE_PART * Math.abs(expected));
    return Math.abs(this.values[cell] - expected) <= allowed && allowed <= least;
  }
}

/** @param {number | undefined} value @param {number[]} interval */
const within = (value, [low, high]) => value !== undefined && value >= low && value <= high;
