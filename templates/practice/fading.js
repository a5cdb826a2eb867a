// Room: templates. Faded series: which steps of the next sheet are left to the learner. Pure, and tested as such.

/** Of all steps, one in so many is left blank at first, and so many are added when everything went right. */
const SHARE = 4;

/** @param {number} count */
const portion = (count) => Math.max(1, Math.ceil(count / SHARE));

/** The blanks of a first sheet: the last steps, whose start is worked out. @param {string[]} steps in the order of work */
export const firstBlanks = (steps) => steps.slice(-portion(steps.length));

/**
 * The blanks of the next sheet: what went wrong is worked out again; where nothing did, further steps are left blank,
 * the last ones first.
 * @param {string[]} steps @param {string[]} blanks @param {Set<string>} failed @param {Set<string>} solved
 * @returns {string[]}
 */
export function nextBlanks(steps, blanks, failed, solved) {
  const kept = steps.filter((step) => blanks.includes(step) && !failed.has(step));
  if (failed.size) return kept.length ? kept : blanks.filter((step) => failed.has(step)).slice(-1);
  if (!blanks.every((step) => solved.has(step))) return blanks;
  const more = steps.filter((step) => !blanks.includes(step)).slice(-portion(steps.length));
  return steps.filter((step) => kept.includes(step) || more.includes(step));
}
