// Room: templates. Verdicts and explanations in words; sentences of rules come with the page's data.

/** @typedef {import("./diagnosis.js").CellResult} CellResult */
/** @typedef {import("./diagnosis.js").Explanation} Explanation */
/** Text, and in braces' place the id of what is to be set there. @typedef {(string | {id: string})[]} Words */

/** Sentences that `gradsheet check` says too. @typedef {{troubles: Record<string, string>, leads: Record<string, string>, cancels: string, advice: string, undecidable: string, paid: string, short: string}} Said */

/** @type {Record<string, string>} */
export const SIGNS = { correct: "✓", carried: "↪", wrong: "✗", unreadable: "?", missing: "–" };

const RIGHT = "Right.";
const CARRIED = "Right, given your earlier value.";
const NOT_RIGHT = "Not right.";
const WRONG = "Not right yet. Look at the formula once more, and at the numbers you put in.";
const MISSING = "Nothing here yet.";

/** @param {string} sentence @param {Record<string, string>} places @returns {Words} */
export function filled(sentence, places) {
  return sentence.split(/(\{[a-z_]+\})/u).filter(Boolean).map((part) =>
    part.startsWith("{") ? { id: places[part.slice(1, -1)] } : part);
}

/** What stands before a sentence, as `lead_of` in gradsheet/examination.py. @param {Explanation} one @param {boolean} rival @param {Record<string, string>} leads */
function lead(one, rival, leads) {
  const convention = one.kind === "convention";
  const name = rival ? "rival" : one.tentative ? (convention ? "perhaps convention" : "perhaps") : convention ? "convention" : "mistake";
  return leads[name] && `${leads[name]} `;
}

/** Which rules account for a cell. @param {number} cell @param {string} quantity @param {Explanation[]} explanations @param {Said} said @returns {Words} */
function rules(cell, quantity, explanations, said) {
  const own = explanations.filter((one) => one.cells.includes(cell));
  return own.flatMap((one, place) => {
    const rival = own.slice(0, place).some((other) => other.alternative === one.alternative);
    const elsewhere = one.kind !== "slip" && !one.sites.includes(quantity);
    return [
      ...(place ? [" "] : []), lead(one, rival, said.leads), ...filled(one.sentence, one.places),
      ...(elsewhere ? [" It began at ", { id: one.sites[0] }, "."] : []), ...(one.cancels ? [` ${said.cancels}`] : []),
    ];
  });
}

/**
 * What is said of one cell at once, before it is known which rules went wrong.
 * @param {CellResult} result @param {Said} said @returns {Words}
 */
export const firstWords = (result, said) => (result.verdict === "wrong" ? [NOT_RIGHT] : verdictWords(result, "", [], said));

/**
 * What is said of one cell.
 * @param {CellResult} result @param {string} quantity @param {Explanation[]} explanations
 * @param {Said} said @returns {Words}
 */
export function verdictWords(result, quantity, explanations, said) {
  if (result.verdict === "missing") return [MISSING];
  if (result.verdict === "unreadable") return [said.troubles[result.trouble]];
  const why = rules(result.cell, quantity, explanations, said);
  if (result.verdict === "wrong") {
    if (result.short) return [said.short];
    const paid = result.paidAt ? [" ", ...filled(said.paid, { quantity: result.paidAt })] : [];
    return [...(why.length ? [`${NOT_RIGHT} `, ...why] : [WRONG]), ...paid];
  }
  if (result.undecidable) return [said.undecidable];
  return [result.verdict === "carried" ? CARRIED : RIGHT, ...(why.length ? [" ", ...why] : [])];
}
