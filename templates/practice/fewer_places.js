// Room: templates. A number that is right as far as it goes, but has fewer places than asked, bears witness of no wrong
// rule. As grader/fewer_places.py, which says why, for one script.

import { mark } from "./marking.js";
import { unitOf } from "./reading.js";

/** @typedef {import("./marking.js").Task} Task */
/** @typedef {import("./marking.js").Judged} Judged */
/** @typedef {import("./marking.js").Entries} Entries */
/** @typedef {import("./reading.js").Places} Places */
/** The script at the places it is worked with; `short` holds the cells that lack nothing but places.
 * @typedef {{task: Task, judged: Judged[], short: Set<number>}} AsWorked */

const FEWEST_ALONE = 2;
const ENOUGH = [[3, 3 / 5], [4, 1 / 3]];
const ON_PLACES = 1e-6;

/** @param {Places} places @param {number} fewer @returns {Places} */
const coarser = ([digits, significant], fewer) => [Math.max(digits - fewer, Math.min(digits, 1)), significant];

/** Whether a number has no more places than these. @param {number} value @param {Places} places */
function onGrid(value, places) {
  const units = value / unitOf(places, value);
  return Math.abs(units - Math.round(units)) <= ON_PLACES;
}

/** With how many places fewer than asked the script is worked, where enough of its numbers say so; else 0. @param {Task} task @param {number[]} values @param {Judged[]} judged */
function fewerThroughout(task, values, judged) {
  let fewer = 0;
  const most = Math.max(...task.places.map(([digits]) => digits));
  for (let leftOff = 1; leftOff < most; leftOff++) {
    let [having, could] = [0, 0];
    values.forEach((value, cell) => {
      const asked = task.places[cell];
      const { expected } = judged[cell];
      if (asked[0] - leftOff < 1 || Number.isNaN(value) || !Number.isFinite(expected)) return;
      const places = coarser(asked, leftOff);
      const unit = unitOf(asked, expected);
      if (onGrid(Math.round(expected / unit) * unit, places)) return;
      could += 1;
      if (onGrid(value, places)) having += 1;
    });
    if (ENOUGH.some(([least, part]) => having >= least && having >= part * could)) fewer = leftOff;
  }
  return fewer;
}

/** Whether a wrong number is the right one rounded to the places it has. @param {number} value @param {Judged} judged @param {Places} asked */
function shortAlone(value, { expected, allowed }, asked) {
  if (value === 0 || !Number.isFinite(allowed)) return false;
  for (let digits = 0; digits < asked[0]; digits++) {
    /** @type {Places} */ const places = [digits, asked[1]];
    if (!onGrid(value, places)) continue;
    if (digits < Math.max(Math.min(FEWEST_ALONE, asked[0] - 1), 1)) return false;
    const more = Math.max(allowed - unitOf(asked, expected) / 2, 0);
    return Math.abs(value - expected) <= unitOf(places, expected) * (0.5 + ON_PLACES) + more;
  }
  return false;
}

/** @param {Task} task @param {Entries} entries @param {Judged[]} judged @returns {AsWorked} */
export function asWorked(task, entries, judged) {
  const { values } = entries;
  const wrong = judged.flatMap(({ verdict }, cell) => (verdict === "wrong" ? [cell] : []));
  const fewer = fewerThroughout(task, values, judged);
  if (fewer) {
    const worked = { ...task, places: task.places.map((places) => coarser(places, fewer)) };
    const again = mark(worked, entries);
    const right = (/** @type {number} */ cell) => again[cell].verdict === "correct" || again[cell].verdict === "carried";
    const short = wrong.filter((cell) => right(cell) && onGrid(values[cell], worked.places[cell]));
    if (short.length) return { task: worked, judged: again, short: new Set(short) };
  }
  return { task, judged, short: new Set(wrong.filter((cell) => shortAlone(values[cell], judged[cell], task.places[cell]))) };
}
