// Room: templates. One number written nearly everywhere shows no work wherever it happens to follow from itself. As
// grader/repeated.py, for one script.

import { unitOf } from "./reading.js";

const TIMES = 4;
const PART = 2 / 3;
const SAME_DIGITS = 9;
const OFF_UNITS = 1;

/** A number's size, to the digits in which equal ones agree. @param {number} value */
export const sizeOf = (value) => Number(Math.abs(value).toFixed(SAME_DIGITS));

/** The size of the number that stands nearly wherever the key has another; NaN where there is none. @param {import("./marking.js").Task} task @param {number[]} values @param {number[]} key */
export function repeated(task, values, key) {
  const units = key.map((number, cell) => unitOf(task.places[cell], number));
  const off = values.flatMap((value, cell) => (Math.abs(value - key[cell]) > OFF_UNITS * units[cell] ? [cell] : []));
  const sizes = off.map((cell) => sizeOf(values[cell])).sort((a, b) => a - b);
  if (sizes.length < TIMES) return NaN;
  const middle = sizes[Math.floor((sizes.length - 1) / 2)];
  const same = off.filter((cell) => sizeOf(values[cell]) === middle);
  if (middle === 0 || same.length < TIMES || same.length < PART * sizes.length) return NaN;
  const different = new Set(same.map((cell) => Math.round(Math.abs(key[cell]) / units[cell])));
  return 2 * different.size >= same.length ? middle : NaN;
}
