// Room: templates. Verdicts and explanations in words; sentences of rules come with the page's data.

/** @typedef {import("./diagnosis.js").CellResult} CellResult */
/** @typedef {import("./diagnosis.js").Explanation} Explanation */
/** Text, and in braces' place the id of what is to be set there. @typedef {(string | {id: string})[]} Words */

/** @type {Record<string, string>} */
export const SIGNS = { correct: "✓", carried: "↪", wrong: "✗", unreadable: "?", missing: "–" };

const RIGHT = "Right.";
const CARRIED = "Right, given your earlier value.";
const WRONG = "Not right yet. Look at the formula once more, and at the numbers you put in.";
const MISSING = "Nothing here yet.";

/** @param {string} sentence @param {Record<string, string>} places @returns {Words} */
export function filled(sentence, places) {
  return sentence.split(/(\{[a-z_]+\})/u).filter(Boolean).map((part) =>
    part.startsWith("{") ? { id: places[part.slice(1, -1)] } : part);
}

/** What stands before a sentence, so that nobody takes a guess for a verdict. @param {Explanation} one @param {boolean} rival */
function lead(one, rival) {
  if (rival) return "Or else: ";
  if (one.kind === "convention") return one.tentative ? "Perhaps another convention: " : "Another convention: ";
  return one.tentative ? "Perhaps: " : "";
}

/** Which rules account for a cell. @param {number} cell @param {string} quantity @param {Explanation[]} explanations @param {string} cancels @returns {Words} */
function rules(cell, quantity, explanations, cancels) {
  const own = explanations.filter((one) => one.cells.includes(cell));
  return own.flatMap((one, place) => {
    const rival = own.slice(0, place).some((other) => other.alternative === one.alternative);
    const elsewhere = one.kind !== "slip" && !one.sites.includes(quantity);
    return [
      ...(place ? [" "] : []), lead(one, rival), ...filled(one.sentence, one.places),
      ...(elsewhere ? [" It began at ", { id: one.sites[0] }, "."] : []), ...(one.cancels ? [` ${cancels}`] : []),
    ];
  });
}

/**
 * What is said of one cell.
 * @param {CellResult} result @param {string} quantity @param {Explanation[]} explanations
 * @param {{troubles: Record<string, string>, cancels: string, undecidable: string, paid: string}} said @returns {Words}
 */
export function verdictWords(result, quantity, explanations, said) {
  if (result.verdict === "missing") return [MISSING];
  if (result.verdict === "unreadable") return [said.troubles[result.trouble]];
  const why = rules(result.cell, quantity, explanations, said.cancels);
  if (result.verdict === "wrong") {
    const paid = result.paidAt ? [" ", ...filled(said.paid, { quantity: result.paidAt })] : [];
    return [...(why.length ? ["Not right. ", ...why] : [WRONG]), ...paid];
  }
  if (result.undecidable) return [said.undecidable];
  return [result.verdict === "carried" ? CARRIED : RIGHT, ...(why.length ? [" ", ...why] : [])];
}
