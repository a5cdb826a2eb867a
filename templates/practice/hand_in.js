// Room: templates. What the learner has typed, as a hand-in that `gradsheet check` reads.

/** An asked cell that shares its symbol with an answered one has that answer. @param {Map<number, string>} written @param {[number, number][]} twins @param {number[]} asked */
export function withTwins(written, twins, asked) {
  const all = new Map(written);
  for (const [one, other] of [...twins, ...twins.map(([a, b]) => /** @type {[number, number]} */ ([b, a]))]) {
    const text = written.get(other);
    if (asked.includes(one) && !written.has(one) && text !== undefined) all.set(one, text);
  }
  return all;
}

/**
 * @param {{number: number, cells: string[], written: Map<number, string>, workedOut: number[]}[]} exercises
 * @param {string} sheet @param {number} variant
 */
export function handIn(exercises, sheet, variant) {
  const id = (/** @type {number} */ number, /** @type {string} */ cell) => (exercises.length > 1 ? `${number}:${cell}` : cell);
  const answers = exercises.flatMap(({ number, cells, written }) =>
    [...written].filter(([, text]) => text.trim()).map(([cell, text]) => [id(number, cells[cell]), text]));
  const workedOut = exercises.flatMap(({ number, cells, workedOut: shown }) => shown.map((cell) => id(number, cells[cell])));
  return { sheet, numbers: variant + 1, answers: Object.fromEntries(answers), worked_out: workedOut };
}
