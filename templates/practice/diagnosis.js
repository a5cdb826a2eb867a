// Room: templates. Which rule went wrong, as explanations that can be told; and what each mistake costs. As
// grader/diagnosis.py, advice.py, charging.py and policy.py, for one script.

import { asWorked } from "./fewer_places.js";
import { mark } from "./marking.js";
import { readNumber, isBlank } from "./numbers.js";
import { Pile, Replay, Replays, zoneOf } from "./replays.js";
import { Search, SURE_WITNESSES } from "./search.js";

/** @typedef {import("./marking.js").Task} Task */
/** @typedef {import("./marking.js").Judged} Judged */
/** @typedef {import("./search.js").Found} Found */
/** @typedef {import("./search.js").Slip} Slip */
/** @typedef {import("./replays.js").Made} Made */
/** @typedef {readonly [number, number]} Fraction  numerator, denominator */
/** @typedef {{carried: Fraction, method: Fraction, convention: Fraction, once: boolean}} Policy */
/**
 * @typedef {object} Explanation
 * @property {string} code
 * @property {string} kind           "mistake", "convention" or "slip"
 * @property {string} sentence       with places in braces
 * @property {Record<string, string>} places
 * @property {string[]} sites
 * @property {number[]} cells
 * @property {number} alternative
 * @property {boolean} tentative
 * @property {boolean} cancels
 */
/**
 * @typedef {object} CellResult
 * @property {number} cell
 * @property {string} text
 * @property {number | null} value
 * @property {number} key
 * @property {number | null} expected
 * @property {number | null} allowed
 * @property {import("./marking.js").Verdict} verdict
 * @property {Fraction | null} marks  null for a cell that wasn't asked
 * @property {string} trouble         code of why the text is no number, or empty
 * @property {boolean} undecidable
 * @property {string} paidAt          the quantity at which this mistake has been charged, or empty
 * @property {boolean} short          nothing is wrong but that it has fewer places than asked
 */

/** A script with its verdicts. @typedef {{task: Task, texts: Map<number, string>, reads: Map<number, import("./numbers.js").Read>, values: number[], judged: Judged[]}} Marked */

const MOST_RIVALS = 3;

/** The readings to be told: of several that say the same in words, the first. @param {Found} found */
function rivalsOf(found) {
  /** @type {Map<string, Replay | Slip>} */ const told = new Map();
  for (const reading of found.readings) {
    const name = reading instanceof Replay ? `rule ${reading.codes.join(" ")}` : `slip ${reading.code}`;
    if (!told.has(name)) told.set(name, reading);
  }
  return [...told.values()].slice(0, MOST_RIVALS);
}

/** The mistakes of rival replays in columns: rivals of each other stand in one. @param {Replay[]} replays @param {Set<string>} told */
function sideBySide(replays, told) {
  /** @type {Map<string, Made>[]} */ const columns = [];
  for (const replay of replays) {
    const fresh = replay.made.filter((made) => !told.has(made.mistake.code));
    (fresh.length ? fresh : replay.made).forEach((made, place) => {
      const column = (columns[place] ??= new Map());
      if (!column.has(made.mistake.code)) column.set(made.mistake.code, made);
    });
  }
  return columns.map((column) => [...column.values()]);
}

/** The steps of a mistake that the cells come from, through what the script leaves blank; none whose numbers are all right. @param {Pile} pile @param {Made} made @param {Found} found */
function sitesOf(pile, made, found) {
  const { plan } = pile.task;
  const blank = pile.shown.map((shown) => found.whole || !shown);
  const reached = new Set(found.cells.flatMap((cell) => [...zoneOf(plan, cell, blank)].map((name) => plan.quantities[name])));
  const sites = made.sites.filter((site) => reached.has(site));
  const within = sites.length ? sites : made.sites;
  const guilty = found.cancels ? within : within.filter((site) => !pile.innocent.has(site));
  return guilty.length ? guilty : within;
}

/** @param {Pile} pile @param {Made} made @param {Found} found @param {number} alternative @param {boolean} guess @returns {Explanation} */
function ofMistake(pile, made, found, alternative, guess) {
  const { code, kind, sentence } = made.mistake;
  const sites = sitesOf(pile, made, found);
  const tentative = found.cells.length < SURE_WITNESSES || (found.cancels && guess);
  const places = made.mistake.sites[sites[0]];
  return { code, kind, sentence, places, sites, cells: found.cells, alternative, tentative, cancels: found.cancels };
}

/** @param {Pile} pile @param {Slip} slip @param {Found} found @param {number} alternative @returns {Explanation} */
function ofSlip(pile, slip, found, alternative) {
  const names = found.cells.map((cell) => pile.task.plan.cells[cell]);
  const tentative = found.cells.length < SURE_WITNESSES;
  const places = { cell: names[0] };
  return { ...slip, kind: "slip", places, sites: names, cells: found.cells, alternative, tentative, cancels: false };
}

/** @param {Pile} pile @param {Found[]} told @returns {Explanation[]} */
function explanationsOf(pile, told) {
  /** @type {Set<string>} */ const known = new Set();
  /** @type {Explanation[]} */ const all = [];
  let number = 0;
  const guess = !told.some((one) => !one.cancels && one.cells.length >= SURE_WITNESSES);
  for (const found of told) {
    const rivals = rivalsOf(found);
    const slips = rivals.flatMap((one) => (one instanceof Replay ? [] : [one]));
    const replays = rivals.flatMap((one) => (one instanceof Replay ? [one] : []));
    const columns = slips.length ? [slips.map((slip) => ofSlip(pile, slip, found, number + 1))] : [];
    for (const made of sideBySide(replays, known)) {
      const column = number + columns.length + 1;
      columns.push(made.map((each) => ofMistake(pile, each, found, column, guess)));
    }
    for (const one of columns.flat()) known.add(one.code);
    number += columns.length;
    all.push(...columns.flat());
  }
  return all;
}

/** The blank cell at which most of the rival replays differ by more than both bounds; null where none does. @param {Pile} pile @param {Found} found */
function separatingCell(pile, found) {
  const { task, values, judged, cells, open } = pile;
  const one = new Pile(task, values, judged, cells, open, !found.whole);
  const everything = values.map(() => true);
  const readings = found.readings.flatMap((replay) =>
    replay instanceof Replay ? [one.reading(replay, replay.route(one.blank, everything))] : []);
  let [best, clearest, chosen] = [0, 1, -1];
  values.forEach((_, cell) => {
    if (pile.shown[cell]) return;
    const apart = readings.flatMap((first, k) => readings.slice(k + 1).map((second) => bySumOfBounds(first, second, cell)));
    const separated = apart.filter((ratio) => ratio > 1).length;
    const largest = Math.max(0, ...apart);
    if (separated && (separated > best || (separated === best && largest > clearest))) [best, clearest, chosen] = [separated, largest, cell];
  });
  return chosen < 0 ? null : chosen;
}

/** @param {import("./reading.js").Reading} one @param {import("./reading.js").Reading} other @param {number} cell */
function bySumOfBounds(one, other, cell) {
  const [first, second] = [one, other].map((reading) => reading.nominal[reading.plan.lines[cell].root]);
  const ratio = Math.abs(first - second) / (one.allowed(cell, first) + other.allowed(cell, second));
  return Number.isFinite(ratio) ? ratio : 0;
}

/** @param {import("./fewer_places.js").AsWorked} worked @param {number[]} values @param {Replays} replays @param {Slip[]} slips */
function diagnosed({ task, judged, short }, values, replays, slips) {
  const cells = judged.flatMap((one, cell) =>
    one.verdict === "wrong" && !(Math.abs(values[cell] - one.expected) <= one.allowed) && !short.has(cell) ? [cell] : []);
  const pile = new Pile(task, values, judged, cells, cells.map(() => true));
  const told = new Search(replays, pile, slips).made();
  const rivals = told.find((one) => !one.cancels && rivalsOf(one).length > 1);
  return { explanations: explanationsOf(pile, told), advice: rivals ? separatingCell(pile, rivals) : null, short };
}

/** What is known of a wrong cell's marks. @typedef {{convention: boolean, paidAt: string, short?: boolean}} Standing */

/** @param {Task} task @param {number[]} asked @param {Explanation[]} explanations @param {Set<number>} short */
function standings(task, asked, explanations, short) {
  /** @type {Map<number, Standing>} */ const known = new Map();
  for (const cell of short) known.set(cell, { convention: false, paidAt: "", short: true });
  const sure = explanations.filter((one) => !one.tentative);
  for (const one of sure) for (const cell of one.cells) known.set(cell, { convention: false, paidAt: "" });
  const standing = (/** @type {number} */ cell) => /** @type {Standing} */ (known.get(cell));
  for (const one of sure) {
    if (one.kind === "convention") for (const cell of one.cells) standing(cell).convention = true;
    if (one.kind === "slip" || one.cancels) continue;
    const touched = asked.filter((cell) => one.cells.includes(cell));
    for (const cell of touched) {
      const first = task.plan.quantities[touched[0]];
      if (task.plan.quantities[cell] !== first) standing(cell).paidAt = first;
    }
  }
  return known;
}

/** @param {Fraction} a @param {Fraction} b @returns {Fraction} */
export const larger = (a, b) => (a[0] * b[1] >= b[0] * a[1] ? a : b);

/** @param {Fraction} a @param {Fraction} b @returns {Fraction} */
const productOf = (a, b) => lowest([a[0] * b[0], a[1] * b[1]]);

/** @param {Fraction} a @param {Fraction} b @returns {Fraction} */
export const sumOf = (a, b) => lowest([a[0] * b[1] + b[0] * a[1], a[1] * b[1]]);

/** @param {Fraction} fraction @returns {Fraction} */
function lowest([above, below]) {
  let [a, b] = [above, below];
  while (b) [a, b] = [b, a % b];
  return [above / a, below / a];
}

/** @type {Fraction} */ const FULL = [1, 1];
/** @type {Fraction} */ const NONE = [0, 1];

/**
 * One exercise ready for marking: what `gradsheet check` says of a hand-in, this says too.
 */
export class Examiner {
  /** @param {import("./plan.js").Plan} plan @param {Slip[]} slips @param {Policy} policy @param {number[]} asked @param {Fraction[]} worth  of each cell */
  constructor(plan, slips, policy, asked, worth) {
    this.plan = plan;
    this.slips = slips;
    this.policy = policy;
    this.asked = asked;
    this.worth = worth;
    this.replays = new Replays(plan);
  }

  /**
   * @param {number[]} given @param {import("./reading.js").Places[]} places @param {Map<number, string>} written  cell -> text
   * @returns {{cells: CellResult[], explanations: Explanation[], advice: number | null}}
   */
  check(given, places, written) {
    return this.told(this.marked(given, places, written));
  }

  /**
   * The verdicts, which come before anybody knows which rules went wrong.
   * @param {number[]} given @param {import("./reading.js").Places[]} places @param {Map<number, string>} written  cell -> text
   * @returns {Marked}
   */
  marked(given, places, written) {
    const task = { plan: this.plan, given, places };
    const texts = new Map([...written].filter(([, text]) => !isBlank(text)));
    const reads = new Map([...texts].map(([cell, text]) => [cell, readNumber(text)]));
    const values = this.plan.cells.map((_, cell) => valueOf(reads.get(cell)));
    return { task, texts, reads, values, judged: mark(task, { values, unreadable: unreadableIn({ values, reads }) }) };
  }

  /** Which rules went wrong, and what each cell earns. @param {Marked} marked */
  told(marked) {
    const { task, values, judged } = marked;
    const wrong = judged.some((one) => one.verdict === "wrong");
    if (!wrong) return { cells: this.results(marked, [], new Set()), explanations: [], advice: null };
    const worked = asWorked(task, { values, unreadable: unreadableIn(marked) }, judged);
    const { explanations, advice, short } = diagnosed(worked, values, this.replays, this.slips);
    return { cells: this.results(marked, explanations, short), explanations, advice };
  }

  /** Every cell that is asked or written. @param {Marked} marked @param {Explanation[]} explanations @param {Set<number>} short @returns {CellResult[]} */
  results({ task, texts, reads, judged }, explanations, short) {
    const known = standings(task, this.asked, explanations, short);
    return judged.flatMap((one, cell) => {
      if (!this.asked.includes(cell) && !texts.has(cell)) return [];
      return [this.result(cell, texts.get(cell) ?? "", reads.get(cell), one, known.get(cell))];
    });
  }

  /**
   * @param {number} cell @param {string} text @param {import("./numbers.js").Read | undefined} read @param {Judged} judged
   * @param {Standing | undefined} standing @returns {CellResult}
   */
  result(cell, text, read, judged, standing) {
    const verdict = judged.verdict === "absent" ? "missing" : judged.verdict;
    const held = verdict === "correct" || verdict === "carried" || verdict === "wrong";
    const paidAt = verdict === "wrong" && this.policy.once && standing ? standing.paidAt : "";
    const credit = this.credit(verdict, standing, paidAt !== "");
    return {
      cell, text, verdict, key: judged.key,
      value: read && "value" in read ? read.value : null,
      expected: Number.isFinite(judged.expected) ? judged.expected : null,
      allowed: held && Number.isFinite(judged.allowed) ? judged.allowed : null,
      marks: this.asked.includes(cell) ? productOf(this.worth[cell], credit) : null,
      trouble: read && "trouble" in read ? read.trouble : "",
      undecidable: held && judged.allowed === Infinity,
      paidAt,
      short: verdict === "wrong" && Boolean(standing?.short),
    };
  }

  /** The share of its full mark that a cell earns. @param {string} verdict @param {Standing | undefined} standing @param {boolean} paid @returns {Fraction} */
  credit(verdict, standing, paid) {
    if (verdict === "correct") return FULL;
    if (verdict === "carried") return this.policy.carried;
    if (verdict !== "wrong") return NONE;
    if (paid) return FULL;
    return larger(standing ? this.policy.method : NONE, standing?.convention ? this.policy.convention : NONE);
  }
}

/** @param {import("./numbers.js").Read | undefined} read */
const valueOf = (read) => (read && "value" in read ? read.value : NaN);

/** Where there is a text without a number. @param {{values: number[], reads: Map<number, import("./numbers.js").Read>}} written */
const unreadableIn = ({ values, reads }) => values.map((value, cell) => Number.isNaN(value) && reads.has(cell));
