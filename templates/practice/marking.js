// Room: templates. Marks carried forward, one script at a time: compare each number with what follows from the student's
// own, then carry it on. What counts below a slip, and why, is said in grader/carried.py; the numbers come out the same.

import { evaluate, operated } from "./plan.js";
import { Reading, UNIT_SLACK, VALUE_NOISE, fitsWithin, isSum } from "./reading.js";
import { repeated, sizeOf } from "./repeated.js";

/** @typedef {import("./plan.js").Plan} Plan */
/** @typedef {import("./reading.js").Places} Places */
/** @typedef {"absent" | "correct" | "carried" | "wrong" | "unreadable" | "missing"} Verdict */
/** @typedef {{verdict: Verdict, expected: number, allowed: number, key: number}} Judged */
/** What was handed in, by cell: NaN where there is no number, `unreadable` where there is a text without one.
 * @typedef {{values: number[], unreadable: boolean[]}} Entries */
/** @typedef {{plan: Plan, given: number[], places: Places[]}} Task */

const NOTHING_LEFT_UNITS = 0.01;
const NOTHING_LEFT_PART = 0.001;
const COPY_UNITS = 1e-6;
const NEXT_TO_NOTHING_UNITS = [1, 5];
const NEXT_TO_NOTHING_PART = 0.25;
const SEVERAL = 3;
const UNITS_SLACK = 1e-6;
const LARGEST = "maximum";
const IDLE = 1e-9;
const KEY_UNITS = 1;
const PLAUSIBLE = 4;

/** One of the things a student may have worked on with, below a wrong cell; `off` where it strays from the key. */
class Reference {
  /** @param {Reading} reading @param {Judged[] | null} found  what the first pass found, where everything is as written */
  constructor(reading, found) {
    this.reading = reading;
    this.found = found;
    /** @type {boolean[]} */ this.off = [];
  }

  /** @param {number} cell */
  strays(cell) {
    return this.reading.plan.lines[cell].reads.some((name) => name >= 0 && this.off[name]);
  }

  /** @param {number} cell */
  expected(cell) {
    return this.found ? this.found[cell].expected : this.reading.work(cell);
  }

  /** @param {number} cell @param {number} expected */
  allowed(cell, expected) {
    return this.found ? this.found[cell].allowed : this.reading.allowed(cell, expected);
  }

  /** @param {number} cell @param {number} value @param {boolean} entered @param {boolean} off @param {number} [half] */
  carry(cell, value, entered, off, half) {
    this.off[cell] = entered ? off : this.strays(cell);
    if (!this.found) this.reading.carry(cell, value, entered, half);
  }
}

/** What follows from the wrong numbers without any rounding since: values alone. */
class Unrounded {
  /** @param {Plan} plan @param {number[]} given */
  constructor(plan, given) {
    this.plan = plan;
    this.at = plan.nodes.map((node) => node.constant);
    given.forEach((value, place) => { this.at[place] = value; });
  }

  /** @param {number} cell */
  work(cell) {
    const line = this.plan.lines[cell];
    for (let place = line.start; place < line.stop; place++) {
      const { kind, of } = this.plan.nodes[place];
      if (!kind) continue;
      const xs = of.map((k) => this.at[k]);
      const value = operated(kind, xs);
      this.at[place] = kind.op === "multiply" && !Number.isFinite(value) && xs.includes(0) ? 0 : value;
    }
  }

  /** @param {number} cell @param {number} value @param {boolean} entered */
  carry(cell, value, entered) {
    const { carried, root } = this.plan.lines[cell];
    this.at[carried] = entered ? value : this.at[root];
  }
}

/** A cell held against one reference after the other; the first that fits is shown, else the first there is. */
class Trial {
  /** @param {number} value @param {boolean} entered */
  constructor(value, entered) {
    this.value = value;
    this.entered = entered;
    this.expected = NaN;
    this.allowed = NaN;
    this.accepted = false;
    this.correct = false;
  }

  /** @param {number} expected @param {number} width @param {boolean} fits @param {boolean} strays */
  against(expected, width, fits, strays) {
    const holds = fits && this.entered;
    if ((holds && !this.accepted) || Number.isNaN(this.allowed)) {
      this.expected = expected;
      this.allowed = width;
    }
    this.accepted ||= holds;
    this.correct ||= holds && !strays;
  }
}

/** The judge of a script with a slip, `own` and `found` being what the first pass made of it. */
class Slipped {
  /** @param {Task} task @param {Reading} own @param {Judged[]} found @param {Entries} entries */
  constructor(task, own, found, entries) {
    this.task = task;
    this.found = found;
    this.key = found.map((one) => one.key);
    this.written = new Reference(own, found);
    this.mended = new Reference(new Reading(task.plan, task.given, task.places), null);
    this.byKey = new Reference(new Reading(task.plan, task.given, task.places), null);
    this.inItsLine = new Reference(new Reading(task.plan, task.given, task.places), null);
    this.mixed = [this.written, this.mended, this.byKey];
    this.references = [...this.mixed, this.inItsLine];
    this.unrounded = new Unrounded(task.plan, task.given);
    this.bare = new Unrounded(task.plan, task.given);
    this.repeated = repeated(task, entries.values, this.key);
    const [few, several] = NEXT_TO_NOTHING_UNITS;
    const small = found.filter(({ verdict }, cell) =>
      verdict === "wrong" && this.isNextToNothing(cell, entries.values[cell], several));
    this.fewUnits = small.length >= SEVERAL ? several : few;
    /** @type {boolean[]} */ this.torn = [];
    /** @type {boolean[]} */ this.amiss = [];
  }

  /** @param {number} cell @param {Entries} entries @returns {Judged} */
  judge(cell, entries) {
    const value = entries.values[cell];
    const entered = !Number.isNaN(value);
    const trial = new Trial(value, entered);
    this.unrounded.work(cell);
    this.bare.work(cell);
    const values = this.references.map((reference) => reference.expected(cell));
    if (entered || entries.unreadable[cell]) {
      this.tryEach(cell, trial, values);
      this.tryKey(cell, trial);
      this.tryMixtures(cell, trial);
      if (entered && !trial.accepted && trial.allowed === Infinity) {  // out of the question, though none could be expected
        trial.expected = this.key[cell];
        trial.allowed = this.halfOfKey(cell);
      }
    }
    if (!entered) {
      trial.expected = values[0];
    }
    const accepted = trial.accepted && (trial.correct || !this.provesNothing(cell, trial));
    this.carryOn(cell, trial, entries.unreadable[cell], accepted);
    const verdict = trial.correct ? "correct" : accepted ? "carried" : "wrong";
    return judged(entries, cell, verdict, trial.expected, trial.allowed, this.key[cell]);
  }

  /** A reference that strays and can't decide has no say while another one can. @param {number} cell @param {Trial} trial @param {number[]} values */
  tryEach(cell, trial, values) {
    const widths = this.references.map((reference, k) => reference.allowed(cell, values[k]));
    const undecided = widths.every((width) => width === Infinity);
    this.references.forEach((reference, k) => {
      const strays = reference.strays(cell);
      const silent = widths[k] === Infinity && strays && !undecided;
      const fits = !silent && fitsWithin(trial.value, values[k], widths[k])
        && (widths[k] !== Infinity || plausible(reference.reading, cell, trial.value, this.key[cell]));
      trial.against(values[k], silent ? NaN : widths[k], fits, strays);
    });
  }

  /**
   * The key's own number, rounded, is right whatever stands before it; and where a line reads a number that is off by no
   * more than rounding is, what follows from the key's counts too.
   * @param {number} cell @param {Trial} trial
   */
  tryKey(cell, trial) {
    const half = this.halfOfKey(cell);
    trial.against(this.key[cell], half, Math.abs(trial.value - this.key[cell]) <= half, false);
    const reads = this.task.plan.lines[cell].reads.filter((name) => name >= 0);
    if (!trial.entered || trial.accepted || !reads.some((name) => this.amiss[name])) return;
    const reading = new Reading(this.task.plan, this.task.given, this.task.places);
    for (const operand of reads) {
      reading.borrow(operand, this.byKey.reading);
      const meant = this.key[operand];
      if (this.amiss[operand]) reading.pin(operand, meant, 2 * KEY_UNITS * reading.halfUnit(operand, meant));
    }
    const value = reading.work(cell);
    const width = reading.allowed(cell, value);
    trial.against(value, width, fitsWithin(trial.value, value, width) && Number.isFinite(width), false);
  }

  /** @param {number} cell */
  halfOfKey(cell) {
    const key = this.key[cell];
    return this.written.reading.halfUnit(cell, key) * (1 + 2 * UNIT_SLACK) + VALUE_NOISE * Math.abs(key);
  }

  /** Of several wrong cells that a line reads, take one from one reference and the others from another. @param {number} cell @param {Trial} trial */
  tryMixtures(cell, trial) {
    const operands = this.task.plan.lines[cell].reads.filter((name) => name >= 0 && this.torn[name]);
    if (operands.length < 2) return;
    for (const chosen of operands.length > 2 ? operands : operands.slice(0, 1)) {
      for (const one of this.mixed) {
        for (const rest of this.mixed) {
          if (one === rest || !trial.entered || trial.accepted) continue;
          this.tryMixture(cell, trial, chosen, one, rest);
        }
      }
    }
  }

  /** @param {number} cell @param {Trial} trial @param {number} chosen @param {Reference} one @param {Reference} rest */
  tryMixture(cell, trial, chosen, one, rest) {
    const reading = new Reading(this.task.plan, this.task.given, this.task.places);
    let strays = false;
    for (const operand of this.task.plan.lines[cell].reads) {
      if (operand < 0) continue;
      const source = operand === chosen ? one : rest;
      reading.borrow(operand, source.reading);
      strays ||= source.off[operand];
    }
    const value = reading.work(cell);
    const width = reading.allowed(cell, value);
    const fits = fitsWithin(trial.value, value, width)
      && (width !== Infinity || (!strays && plausible(reading, cell, trial.value, this.key[cell])));
    trial.against(value, width, fits, strays);
  }

  /** @param {number} cell @param {Trial} trial @param {boolean} unreadable @param {boolean} accepted */
  carryOn(cell, trial, unreadable, accepted) {
    const { value, entered, correct } = trial;
    this.torn[cell] = entered ? !accepted : this.task.plan.lines[cell].reads.some((name) => name >= 0 && this.torn[name]);
    this.written.carry(cell, value, entered, !correct);
    const key = this.key[cell];
    this.amiss[cell] = entered && correct && Math.abs(value - key) > this.halfOfKey(cell);
    this.unrounded.carry(cell, value, entered && !accepted);
    this.bare.carry(cell, this.isNextToNothing(cell, value, this.fewUnits) ? 0 : value, entered && !accepted);
    this.mended.carry(cell, value, entered && accepted, !correct);
    const again = entered && !accepted && this.written.strays(cell);  // a second slip below a first, in the fair copy alone
    const meant = again ? this.found[cell].expected : value;
    const around = again ? 2 * KEY_UNITS * this.inItsLine.reading.halfUnit(cell, meant) : undefined;
    this.inItsLine.carry(cell, meant, (entered && accepted) || again, again || !correct, around);
    const instead = (entered && !correct) || unreadable;
    const taken = instead ? key : value;
    const half = instead ? 2 * KEY_UNITS * this.byKey.reading.halfUnit(cell, taken) : undefined;
    this.byKey.carry(cell, taken, entered || instead, false, half);
  }

  /** @param {number} cell @param {number} value @param {number} units */
  isNextToNothing(cell, value, units) {
    const unit = 2 * this.mended.reading.halfUnit(cell, this.key[cell]);
    const size = Math.abs(value) - UNITS_SLACK * unit;
    const key = Math.abs(this.key[cell]);
    return size <= units * unit && (size <= NEXT_TO_NOTHING_PART * key || key <= unit / 2);
  }

  /** Nothing to work out, the same number nearly everywhere, or nothing left if what is next to nothing were 0. @param {number} cell @param {Trial} trial */
  provesNothing(cell, trial) {
    const bare = this.bare.at[this.task.plan.lines[cell].root];
    const alike = !(Math.abs(trial.expected - bare) > trial.allowed);
    return sizeOf(trial.value) === this.repeated || this.madeEasy(cell, this.unrounded) || (alike && this.madeEasy(cell, this.bare));
  }

  /** Where a wrong number leaves nothing to work out (0, or a copy of an operand) and the key leaves something. @param {number} cell @param {Unrounded} worked */
  madeEasy(cell, { at }) {
    const { plan } = this.task;
    const { root, reads } = plan.lines[cell];
    const key = this.key[cell];
    const half = this.mended.reading.halfUnit(cell, key);
    const node = plan.nodes[root];
    const terms = node.kind && isSum(node.kind.op) ? node.of : [root];
    const least = Math.min(NOTHING_LEFT_UNITS * 2 * half, NOTHING_LEFT_PART * Math.abs(key));
    const easy = !Number.isFinite(at[root]) || at[root] === 0 || Math.max(...terms.map((term) => Math.abs(at[term]))) <= least;
    const copied = !(node.kind && node.kind.op === LARGEST) && this.copiesMadeEasy(reads, at, at[root], key, half);
    return (easy || copied) && Math.abs(key) > half;
  }

  /** Whether a value is a mere copy of an operand since another one is 0 or ±1, as it shouldn't be. @param {number[]} reads @param {number[]} at @param {number} value @param {number} key @param {number} half */
  copiesMadeEasy(reads, at, value, key, half) {
    const { plan, given } = this.task;
    const operands = reads.map((name) => (name >= 0 ? at[plan.lines[name].carried] : given[-1 - name]));
    const meant = reads.map((name) => (name >= 0 ? this.key[name] : given[-1 - name]));
    const idle = operands.map((operand, k) => {
      const size = Math.abs(operand);
      return (size === 0 || Math.abs(size - 1) <= IDLE) && Math.abs(operand - meant[k]) > IDLE;
    });
    return operands.some((operand, place) => apartInSize(value, operand) <= COPY_UNITS * 2 * half
      && apartInSize(key, meant[place]) > half && idle.some((one, other) => one && other !== place));
  }
}

/**
 * Whether a number that can't be decided about may come of some rounding of what is shown: why, is said in
 * grader/judging.py.
 * @param {Reading} reading @param {number} cell @param {number} value @param {number} key
 */
function plausible(reading, cell, value, key) {
  const { root } = reading.plan.lines[cell];
  const { kind, of } = reading.plan.nodes[root];
  const [low, high] = reading.inside[root];
  const terms = kind && isSum(kind.op) ? of.map((k) => Math.abs(reading.nominal[k])) : [0];
  const half = reading.halfUnit(cell, value);
  const comparable = (/** @type {number} */ other) =>
    Number.isFinite(other) && value / other >= 1 / PLAUSIBLE && value / other <= PLAUSIBLE;
  if (value < low - half || value > high + half) return false;
  if (!Number.isFinite(key)) return true;
  if (comparable(reading.nominal[root]) || comparable(onPaper(reading, cell, new Map()))) return true;
  return Math.abs(value - key) <= PLAUSIBLE * Math.max(Math.abs(key), Math.min(...terms)) + half;
}

/** A cell's value where each blank before it has been worked out and rounded to its places. @param {Reading} reading @param {number} cell @param {Map<number, number>} known  these, so far @returns {number} */
function onPaper(reading, cell, known) {
  const { plan } = reading;
  const at = [...reading.nominal];
  const line = plan.lines[cell];
  for (const name of line.reads) {
    if (name < 0 || reading.entered[name]) continue;
    if (!known.has(name)) {
      const worked = onPaper(reading, name, known);
      const unit = 2 * reading.halfUnit(name, worked);
      known.set(name, roundedEven(worked / unit) * unit);
    }
    at[plan.lines[name].carried] = /** @type {number} */ (known.get(name));
  }
  for (let place = line.start; place < line.stop; place++) {
    const { kind, of } = plan.nodes[place];
    if (kind) at[place] = operated(kind, of.map((k) => at[k]));
  }
  return at[line.root];
}

/** As NumPy rounds: ties to even. @param {number} x */
const roundedEven = (x) => (Math.abs(x % 1) === 0.5 ? 2 * Math.round(x / 2) : Math.round(x));

/** @param {number} x @param {number} y */
const apartInSize = (x, y) => Math.abs(Math.abs(x) - Math.abs(y));

/**
 * @param {Entries} entries @param {number} cell @param {Verdict} verdict
 * @param {number} expected @param {number} allowed @param {number} key @returns {Judged}
 */
function judged(entries, cell, verdict, expected, allowed, key) {
  if (!Number.isNaN(entries.values[cell])) return { verdict, expected, allowed, key };
  return { verdict: entries.unreadable[cell] ? "unreadable" : "absent", expected, allowed: NaN, key };
}

/** Judge every cell of one script. @param {Task} task @param {Entries} entries @returns {Judged[]} */
export function mark(task, entries) {
  const key = evaluate(task.plan, task.given);
  const own = new Reading(task.plan, task.given, task.places);
  const first = task.plan.lines.map((_, cell) => {
    const value = entries.values[cell];
    const entered = !Number.isNaN(value);
    const expected = own.work(cell);
    const allowed = entered || entries.unreadable[cell] ? own.allowed(cell, expected) : NaN;
    const fits = fitsWithin(value, expected, allowed) && (allowed !== Infinity || plausible(own, cell, value, key[cell]));
    own.carry(cell, value, entered);
    return judged(entries, cell, fits ? "correct" : "wrong", expected, allowed, key[cell]);
  });
  if (!first.some(({ verdict }) => verdict === "wrong" || verdict === "unreadable")) return first;
  const judge = new Slipped(task, own, first, entries);
  return task.plan.lines.map((_, cell) => judge.judge(cell, entries));
}
