// Room: templates. Slips of the pen held against a wrong cell: which right numbers may a written one come from? Codes
// and sentences come with the plan; as exercises/misconceptions/slips.py and grader/slips.py.

import { unitOf } from "./reading.js";

/** @typedef {import("./replays.js").Pile} Pile */

const SHIFTS = [10, 0.1, 100, 0.01];
const MOST_DIGITS = 15;
const CUT_SLACK = 1e-9;
const FIRST_DIGITS = 5;
const EQUAL_UNITS = 1e-9;

/** How many digits a number of so many units is written with. @param {number} whole @param {number} unit */
function digitsOf(whole, unit) {
  const length = whole > 0 ? Math.floor(Math.log10(whole) + CUT_SLACK) + 1 : 1;
  return Math.max(length, Math.round(-Math.log10(unit)));
}

/** @param {number} value @param {number} unit */
function digitsSwapped(value, unit) {
  const whole = Math.floor(Math.abs(value) / unit + 0.5 + CUT_SLACK);
  const length = digitsOf(whole, unit);
  const found = [];
  for (let place = 0; place < Math.min(length, MOST_DIGITS) - 1; place++) {
    const [low, high] = [10 ** place, 10 ** (place + 1)];
    const [first, second] = [Math.floor(whole / low) % 10, Math.floor(whole / high) % 10];
    const result = whole + (second - first) * (low - high);
    if (first !== second && digitsOf(result, unit) === length) found.push(result * unit * (value < 0 ? -1 : 1));
  }
  return found;
}

/** The right numbers that a written one may come from, by the slip's code. @type {Record<string, (value: number, unit: number) => number[]>} */
const MEANT = {
  "sign-slip": (value) => (value === 0 ? [] : [-value]),
  "decimal-point": (value) => (value === 0 ? [] : SHIFTS.map((factor) => value / factor)),
  "digits-swapped": digitsSwapped,
  truncated: (value, unit) => (value === 0 ? [unit / 2, -unit / 2] : [value + (value < 0 ? -unit : unit) / 2]),
};

/** For each slip, by its code, which of the pile's cells it accounts for. @param {Pile} pile @param {string} code @returns {boolean[]} */
export function slipExplains(pile, code) {
  const shown = pile.values.flatMap((_, cell) => (pile.shown[cell] ? [cell] : []));
  return pile.cells.map((cell, k) => {
    if (!pile.open[k]) return false;
    return MEANT[code] ? miswritten(pile, code, cell) : copied(pile, cell, shown);
  });
}

/** @param {Pile} pile @param {string} code @param {number} cell */
function miswritten(pile, code, cell) {
  const { expected, allowed } = pile.judged[cell];
  if (!(Math.abs(expected) >= FIRST_DIGITS * allowed) || !Number.isFinite(allowed)) return false;
  const meant = MEANT[code](pile.values[cell], unitOf(pile.task.places[cell], expected));
  return meant.some((value) => Math.abs(value - expected) <= allowed);
}

/** Whether the number is that of a neighbour which is right, and has another value in the key. @param {Pile} pile @param {number} cell @param {number[]} shown */
function copied(pile, cell, shown) {
  const { key } = pile.judged[cell];
  const unit = unitOf(pile.task.places[cell], key);
  const here = shown.indexOf(cell);
  return [shown[here - 1], shown[here + 1]].some((other) =>
    other !== undefined && pile.right[other] && Math.abs(pile.judged[other].key - key) > unit
    && Math.abs(pile.values[cell] - pile.values[other]) <= EQUAL_UNITS * unit);
}
