// Room: templates. How far rounding by hand may carry a number, read off the plan as Python reads it: mean-value bounds
// over the lines, with every error inside its box. See exercises/bounds.py, which says why.

import { OPERATIONS, timesBounds } from "./operations.js";

/** @typedef {import("./operations.js").Interval} Interval */
/** @typedef {import("./plan.js").Plan} Plan */
/** @typedef {{low: number, high: number, rising: number, falling: number}} Slope */
/** @typedef {readonly [number, boolean]} Places  digits, and whether they are significant ones */
/** @typedef {{slopes: Map<number, Slope>, error: number}} Effects */

const SUMS = new Set(["add", "subtract"]);
const PASSING = new Set(["negate", "identity", "maximum", "relu"]);
const ON_GRID = 1e-12;
const MOST_UNITS = 1e9;
const CANCELLED = 1e-14;
const SMALLEST = 1e-300;
export const UNIT_SLACK = 1e-9; // units of the last place: decimals have no exact binary form
export const VALUE_NOISE = 1e-13; // part of the value that double arithmetic may leave

/** @param {string} operation */
export const isSum = (operation) => SUMS.has(operation);

/** @type {Map<number, number>} */
const POWERS = new Map();

/** The double nearest to a power of ten, which 10 ** n need not be. @param {number} exponent */
function tenTo(exponent) {
  let power = POWERS.get(exponent);
  if (power === undefined) POWERS.set(exponent, (power = Number(`1e${exponent}`)));
  return power;
}

/** One unit of the last place that counts. @param {Places} places @param {number} value */
export function unitOf(places, value) {
  if (!places[1]) return tenTo(-places[0]);
  const exponent = Math.floor(Math.log10(Math.abs(value)));
  return tenTo((Number.isFinite(exponent) ? exponent : 0) - (places[0] - 1));
}

/** @param {number} value @param {number} unit */
function offGrid(value, unit) {
  const units = value / unit;
  const size = Math.abs(units);
  return Math.abs(units - Math.round(units)) > ON_GRID * size || !(size < MOST_UNITS);
}

/** `weight · width` for what is never negative, with 0 times infinity as 0. @param {number} weight @param {number} width */
function weighed(weight, width) {
  const whole = weight * width;
  return !Number.isFinite(whole) && (weight === 0 || width === 0) ? 0 : whole;
}

/** @param {Interval} x */
const magnitude = (x) => Math.max(Math.abs(x[0]), Math.abs(x[1]));

/** The product of two intervals, in which 0 times whatever is 0. @param {Interval} x @param {Interval} y @returns {Interval} */
function multiplied(x, y) {
  const found = timesBounds(x, y);
  if (Number.isFinite(found[0])) return found;
  const nothing = (x[0] === 0 && x[1] === 0) || (y[0] === 0 && y[1] === 0);
  return nothing ? [0, 0] : found;
}

/** @param {import("./plan.js").Partial_} partial @param {(symbol: string) => Interval} inside @returns {Interval} */
function enclosed(partial, inside) {
  if (typeof partial === "string") return inside(partial);
  if (typeof partial === "number") return [partial, partial];
  return OPERATIONS[partial.op].bounds(partial.of.map((one) => enclosed(one, inside)), partial.with);
}

/** A slope handed on to an argument. @param {Interval} slope @param {import("./plan.js").Partial_} partial @param {(symbol: string) => Interval} inside @returns {Interval} */
function along(slope, partial, inside) {
  if (typeof partial !== "number") return multiplied(slope, enclosed(partial, inside));
  return partial >= 0 ? [partial * slope[0], partial * slope[1]] : [partial * slope[1], partial * slope[0]];
}

/** @param {Interval} x @returns {Slope} */
const slopeOf = ([low, high]) => ({ low, high, rising: Math.max(high, 0), falling: Math.max(-low, 0) });

/** @param {Map<number, Slope>} slopes @param {number} cell @param {Slope} slope */
function gatherSlope(slopes, cell, slope) {
  const a = slopes.get(cell);
  slopes.set(cell, a === undefined ? slope : {
    low: a.low + slope.low, high: a.high + slope.high, rising: a.rising + slope.rising, falling: a.falling + slope.falling,
  });
}

/** @param {Slope} outer @param {Slope} inner @returns {Slope} */
function throughBoth(outer, inner) {
  const [low, high] = multiplied([outer.low, outer.high], [inner.low, inner.high]);
  const up = Math.max(outer.high, 0);
  const down = Math.max(-outer.low, 0);
  return {
    low, high,
    rising: Math.max(weighed(up, inner.rising), weighed(down, inner.falling)),
    falling: Math.max(weighed(up, inner.falling), weighed(down, inner.rising)),
  };
}

/** One way to read a script: which numbers are carried from line to line, and how uncertain each is. */
export class Reading {
  /** @param {Plan} plan @param {number[]} given @param {Places[]} places  of each cell */
  constructor(plan, given, places) {
    const size = plan.nodes.length;
    this.plan = plan;
    this.given = given;
    this.places = places;
    /** @type {number[]} */ this.nominal = new Array(size).fill(0);
    /** @type {Interval[]} */ this.inside = new Array(size).fill([0, 0]);
    /** @type {(number | null)[]} */ this.site = new Array(size).fill(null);
    /** @type {boolean[]} */ this.settled = new Array(size).fill(false);
    /** @type {number[]} */ this.loose = new Array(size).fill(0);
    /** @type {boolean[]} */ this.entered = [];
    /** @type {number[]} */ this.half = [];
    /** @type {Map<number, Effects>} */ this.effects = new Map();
    given.forEach((value, place) => {
      this.nominal[place] = value;
      this.inside[place] = [value, value];
      this.settled[place] = true;
    });
  }

  /** What is known so far, to be gone on with by a plan that has further nodes. @param {Plan} plan @returns {Reading} */
  onward(plan) {
    const next = new Reading(plan, this.given, this.places);
    for (let place = 0; place < this.nominal.length; place++) {
      next.nominal[place] = this.nominal[place];
      next.inside[place] = this.inside[place];
      next.site[place] = this.site[place];
      next.settled[place] = this.settled[place];
      next.loose[place] = this.loose[place];
    }
    next.entered = [...this.entered];
    next.half = [...this.half];
    return next;
  }

  /** @param {number} cell @param {number} size */
  halfUnit(cell, size) {
    return unitOf(this.places[cell], Math.max(Math.abs(size), SMALLEST)) / 2;
  }

  /** The unit of a cell asked to so many decimals; null where it floats. @param {number} cell */
  fixedUnit(cell) {
    return this.places[cell][1] ? null : unitOf(this.places[cell], 1);
  }

  /** Work out a cell's line from what is carried; the value, not yet rounded. @param {number} cell */
  work(cell) {
    const line = this.plan.lines[cell];
    for (let place = line.start; place < line.stop; place++) {
      if (this.plan.nodes[place].kind) this.operate(place, cell);
      else this.setConstant(place, cell);
    }
    return this.nominal[line.root];
  }

  /** @param {number} place @param {number} cell */
  setConstant(place, cell) {
    const { constant, fixed } = this.plan.nodes[place];
    const half = this.halfUnit(cell, constant);
    const rounds = !fixed && offGrid(constant, 2 * half);
    this.nominal[place] = constant;
    this.inside[place] = rounds ? [constant - half, constant + half] : [constant, constant];
    this.site[place] = rounds ? half : null;
    this.settled[place] = !rounds;
  }

  /** @param {number} place @param {number} cell */
  operate(place, cell) {
    const { kind, of } = this.plan.nodes[place];
    if (!kind) return;
    const row = OPERATIONS[kind.op];
    const xs = of.map((k) => this.nominal[k]);
    let nominal = row.value(...xs, ...kind.with);
    if (SUMS.has(kind.op) && Math.abs(nominal) <= CANCELLED * Math.max(...xs.map(Math.abs))) nominal = 0;
    let [low, high] = row.bounds(of.map((k) => this.inside[k]), kind.with);
    if (kind.op === "multiply" && of.some((k) => this.settled[k] && this.nominal[k] === 0)) nominal = low = high = 0;
    const half = this.halfUnit(cell, magnitude([low, high]));
    const settled = low === high && !offGrid(nominal, 2 * half);
    const [mayRound, loose] = this.rounds(kind, of, cell, half);
    const rounds = mayRound && !settled;
    this.nominal[place] = nominal;
    this.settled[place] = settled;
    this.loose[place] = rounds ? 0 : loose;
    const site = rounds && place !== this.plan.lines[cell].root ? half : null;
    this.site[place] = kind.op === "by_sign" ? Math.max(high - nominal, nominal - low) + (site ?? 0) : site;
    this.inside[place] = site === null ? [low, high] : [low - site, high + site];
  }

  /**
   * Whether an operation's result may be rounded at a cost not yet paid below, and how loose it is where it isn't.
   * @param {import("./plan.js").Kind} kind @param {number[]} of @param {number} cell @param {number} half
   * @returns {[boolean, number]}
   */
  rounds(kind, of, cell, half) {
    const floating = this.places[cell][1];
    if (kind.op === "by_sign") return [kind.with.some((level) => offGrid(level, 2 * half)), 0];
    if (SUMS.has(kind.op)) {
      const loose = of.reduce((sum, k) => sum + this.looseness(k, cell, half), 0);
      return [floating || loose >= 2, loose];
    }
    if (PASSING.has(kind.op)) {
      const loose = of.reduce((most, k) => Math.max(most, this.looseness(k, cell, half)), 0);
      return [loose >= 2, loose];
    }
    if (kind.op === "multiply" && !floating) {
      const [left, right] = of;
      return [!(this.keepsGrid(left, right, cell, half) || this.keepsGrid(right, left, cell, half)), 0];
    }
    return [true, 0];
  }

  /** @param {number} whole @param {number} other @param {number} cell @param {number} half */
  keepsGrid(whole, other, cell, half) {
    if (!this.settled[whole]) return false;
    const factor = this.nominal[whole];
    return factor === 0 || (Number.isInteger(factor) && this.looseness(other, cell, half) === 0);
  }

  /** @param {number} place @param {number} cell @param {number} half */
  looseness(place, cell, half) {
    const node = this.plan.nodes[place];
    if (node.kind) return this.loose[place];
    const source = this.plan.cellOf[place];
    if (source < 0) return !node.fixed && this.settled[place] && offGrid(this.nominal[place], 2 * half) ? 2 : 0;
    const unit = this.fixedUnit(cell);
    if (unit === null || this.fixedUnit(source) !== unit) return 2;
    if (this.settled[place]) return 0;
    return this.plan.neverTies[source] ? 1 : 2;
  }

  /**
   * What later lines read: `value` where `entered`, the line's own value elsewhere.
   * @param {number} cell @param {number} value @param {boolean} entered @param {number} [half]
   */
  carry(cell, value, entered, half) {
    const { carried, root } = this.plan.lines[cell];
    const nominal = entered ? value : this.nominal[root];
    const [low, high] = entered ? [value, value] : this.inside[root];
    const settled = this.settled[root] && Math.abs(nominal - this.nominal[root]) <= ON_GRID * Math.abs(nominal);
    const width = settled ? 0 : half ?? this.halfUnit(cell, magnitude([low, high]));
    this.inside[carried] = [low - width, high + width];
    this.nominal[carried] = nominal;
    this.settled[carried] = settled;
    this.entered[cell] = entered;
    this.half[cell] = width;
  }

  /** Carry what another reading carries for a cell, and all that is uncertain in it. @param {number} cell @param {Reading} other */
  borrow(cell, other) {
    const { carried } = this.plan.lines[cell];
    this.nominal[carried] = other.nominal[carried];
    this.settled[carried] = other.settled[carried];
    this.inside[carried] = other.inside[carried];
    this.half[cell] = other.half[cell] + (other.entered[cell] ? 0 : other.reach(cell));
    this.entered[cell] = true;
  }

  /** Carry `value`, give or take `half`, instead of what is carried. @param {number} cell @param {number} value @param {number} half */
  pin(cell, value, half) {
    const { carried } = this.plan.lines[cell];
    this.nominal[carried] = value;
    this.inside[carried] = [value - half, value + half];
    this.settled[carried] = false;
    this.half[cell] = half;
  }

  /** How far the errors of everything that enters a line can move its value. @param {number} cell */
  reach(cell) {
    const { slopes, error } = this.effectsOn(cell);
    let total = error;
    let blank = false;
    for (const [name, slope] of slopes) {
      total += weighed(Math.max(slope.rising, slope.falling), this.half[name]);
      blank ||= this.leftBlank(slope, name);
    }
    if (blank) total = this.reachPastBlanks(cell);
    return Number.isNaN(total) ? Infinity : total;
  }

  /** @param {Slope} slope @param {number} cell */
  leftBlank(slope, cell) {
    return !this.entered[cell] && (slope.low !== 0 || slope.high !== 0);
  }

  /** The errors made in a blank cell's line count as well, and so does what that line reads. @param {number} cell */
  reachPastBlanks(cell) {
    const { slopes, error } = this.effectsOn(cell);
    let total = error;
    const waiting = new Map(slopes);
    while (waiting.size) {
      const name = Math.max(...waiting.keys());
      const slope = /** @type {Slope} */ (waiting.get(name));
      waiting.delete(name);
      total += weighed(Math.max(slope.rising, slope.falling), this.half[name]);
      if (!this.leftBlank(slope, name)) continue;
      const inner = this.effectsOn(name);
      for (const [operand, step] of inner.slopes) gatherSlope(waiting, operand, throughBoth(slope, step));
      total += weighed(magnitude([slope.low, slope.high]), inner.error);
    }
    return total;
  }

  /** @param {number} cell @returns {Effects} */
  effectsOn(cell) {
    let found = this.effects.get(cell);
    if (!found) this.effects.set(cell, (found = this.workBack(cell)));
    return found;
  }

  /** Go back through a line, from its value to what it reads. @param {number} cell @returns {Effects} */
  workBack(cell) {
    const line = this.plan.lines[cell];
    /** @type {Map<number, Interval>} */ const slopes = new Map([[line.root, [1, 1]]]);
    /** @type {Map<number, Slope>} */ const found = new Map();
    let error = 0;
    for (let place = line.stop - 1; place >= line.start; place--) {
      const slope = slopes.get(place);
      if (!slope) continue; // nothing moves with it
      const site = this.site[place];
      if (site !== null) error += weighed(magnitude(slope), site);
      const { kind, of } = this.plan.nodes[place];
      if (!kind) continue;
      const inside = (/** @type {string} */ symbol) => this.inside[symbol === "out" ? place : of[Number(symbol)]];
      of.forEach((argument, k) => {
        if (this.isExact(argument)) return;
        const flow = along(slope, kind.partials[k], inside);
        const source = this.plan.cellOf[argument];
        if (source < 0) slopes.set(argument, flow);
        else gatherSlope(found, source, slopeOf(flow));
      });
    }
    return { slopes: found, error };
  }

  /** A number handed out, or one of the rule that nobody rounds. @param {number} place */
  isExact(place) {
    return !this.plan.nodes[place].kind && this.plan.cellOf[place] < 0 && this.site[place] === null;
  }

  /** The half-width around `expected` that rounding by hand can do and no more. @param {number} cell @param {number} expected */
  allowed(cell, expected) {
    const reach = this.reach(cell);
    const half = this.halfUnit(cell, Math.abs(expected) + reach);
    const allowed = half + reach + 2 * UNIT_SLACK * half + VALUE_NOISE * Math.abs(expected);
    return Number.isNaN(allowed) ? Infinity : allowed;
  }
}

/** @param {number} value @param {number} expected @param {number} allowed */
export const fitsWithin = (value, expected, allowed) =>
  Math.abs(value - expected) <= allowed || (allowed === Infinity && Number.isFinite(value));
