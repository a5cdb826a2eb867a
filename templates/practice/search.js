// Room: templates. The search for mistakes in one script: local replays, pairs, the script as a whole, slips, and two
// mistakes that cancel. Each stage looks only at what the one before has left open. As grader/search.py and cover.py.

import { Pile, Replay, Replays } from "./replays.js";
import { unitOf } from "./reading.js";
import { slipExplains } from "./slips.js";

/** @typedef {import("./replays.js").Evidence} Evidence */
/** @typedef {{code: string, sentence: string}} Slip */
/** Rival readings of the same cells. @typedef {{readings: (Replay | Slip)[], cells: number[], whole: boolean, cancels: boolean}} Found */

export const SURE_WITNESSES = 2;
const FEW_MISTAKES = 5;
const MOST_EXPLANATIONS = 6;

/** @param {boolean[]} mask */
const countOf = (mask) => mask.filter(Boolean).length;

/**
 * The smallest set of readings that accounts for most open cells, found greedily; `open` loses what is explained.
 * @param {Evidence[]} evidence @param {boolean[]} open @param {number} least @returns {{rows: number[], cells: number[]}[]}
 */
function cover(evidence, open, least) {
  const concerned = evidence.map((one) => (one.explained.some((hit, k) => hit && open[k]) ? one.contradicted : 0));
  const findings = [];
  while (findings.length < MOST_EXPLANATIONS) {
    const hits = evidence.map((one) => one.explained.map((hit, k) => hit && open[k]));
    const most = Math.max(0, ...hits.map(countOf));
    if (most < least || most === 0) break;
    const best = hits.flatMap((hit, row) => (countOf(hit) === most ? [row] : []));
    const fewest = Math.min(...best.map((row) => concerned[row]));
    const [first, ...others] = best.filter((row) => concerned[row] === fewest);
    const rows = [first, ...others.filter((row) => hits[row].every((hit, k) => hit === hits[first][k]))];
    const cells = hits[first].flatMap((hit, k) => (hit ? [k] : []));
    for (const k of cells) open[k] = false;
    findings.push({ rows, cells });
  }
  return findings;
}

/**
 * What a mistake may have made, worked from what was given, but not through a quantity of which every number is right.
 * As grader/acquittal.py.
 * @param {Pile} pile @param {Replay} replay @returns {Evidence}
 */
function acquitted(pile, replay) {
  const evidence = pile.evidenceOf(replay, SURE_WITNESSES);
  const { quantities, lines } = pile.task.plan;
  const guilty = new Set(quantities.filter((_, cell) => !pile.right[cell]));
  const explained = evidence.explained.map((hit, k) => {
    if (!hit) return false;
    const found = new Set([pile.cells[k]]);
    for (const cell of found) {
      for (const name of lines[cell].reads) if (name >= 0 && guilty.has(quantities[name])) found.add(name);
    }
    return replay.wrong.some((line) => found.has(line.cell));
  });
  return { ...evidence, explained };
}

/** One script, searched stage by stage. */
export class Search {
  /** @param {Replays} replays @param {Pile} pile @param {Slip[]} slips */
  constructor(replays, pile, slips) {
    this.replays = replays;
    this.pile = pile;
    this.slips = slips;
    this.open = [...pile.open];
    /** @type {Found[]} */ this.told = [];
    /** @type {Evidence[] | null} */ this.ofSlips = null;
  }

  made() {
    const { singles } = this.replays;
    this.trySingles([...singles, ...this.replays.parts(this.pile.zones)]);
    this.tryPairs();
    if (countOf(this.open) >= SURE_WITNESSES) {
      const { task, values, judged, cells, open } = this.pile;
      const whole = new Pile(task, values, judged, cells, open, false);
      this.take(singles.map((replay) => acquitted(whole, replay)), singles, SURE_WITNESSES, true);
    }
    if (countOf(this.open)) this.take(this.slipEvidence(), this.slips);
    this.findCancelling();
    return this.told;
  }

  /** @returns {Evidence[]} */
  slipEvidence() {
    return (this.ofSlips ??= this.slips.map((slip) => ({
      explained: slipExplains(this.pile, slip.code), contradicted: 0, split: [],
    })));
  }

  /** A rule with one witness only, and a right cell beside it against it, gives way to a slip of the pen. @param {Replay[]} replays */
  trySingles(replays) {
    const evidence = replays.map((replay) => this.pile.evidenceOf(replay, 1));
    for (const one of evidence) {
      if (countOf(one.explained) !== 1) continue;
      const k = one.explained.indexOf(true);
      if (one.split[k] && this.slipEvidence().some((slip) => slip.explained[k])) one.explained[k] = false;
    }
    this.take(evidence, replays);
  }

  /** @param {Evidence[]} evidence @param {(Replay | Slip)[]} readings @param {number} [least] @param {boolean} [whole] */
  take(evidence, readings, least = 1, whole = false) {
    for (const { rows, cells } of cover(evidence, this.open, least)) {
      this.told.push({
        readings: rows.map((row) => readings[row]), cells: cells.map((k) => this.pile.cells[k]), whole, cancels: false,
      });
    }
  }

  /** The wrong rules found so far. */
  get codes() {
    return new Set(this.told.flatMap((found) => found.readings.flatMap((one) => (one instanceof Replay ? one.codes : []))));
  }

  tryPairs() {
    const codes = this.codes;
    const few = this.replays.singles.length <= FEW_MISTAKES;
    const left = countOf(this.open);
    if (!(left >= SURE_WITNESSES || (left > 0 && (few || codes.size)))) return;
    const { task, values, judged, cells } = this.pile;
    const pile = new Pile(task, values, judged, cells, [...this.open]);
    const pairs = this.replays.pairs(pile.zones);
    const evidence = pairs.map((pair) => {
      const least = few || pair.codes.some((code) => codes.has(code)) ? 1 : SURE_WITNESSES;
      const one = pile.evidenceOf(pair, least);
      return countOf(one.explained) < least ? { ...one, explained: one.explained.map(() => false) } : one;
    });
    this.take(evidence, pairs);
  }

  /** Cells that are right but don't follow from what was written before: a second mistake may make up for the first. */
  findCancelling() {
    const codes = this.codes;
    const cells = codes.size ? this.astray() : [];
    if (cells.length < SURE_WITNESSES) return;
    const { task, values, judged } = this.pile;
    const pile = new Pile(task, values, judged, cells, cells.map(() => true));
    const { singles } = this.replays;
    const evidence = singles.map((replay) => pile.evidenceOf(replay, 1));
    const left = cells.map((_, k) => !singles.some((replay, row) => evidence[row].explained[k] && codes.has(replay.codes[0])));
    for (const finding of cover(evidence, left, SURE_WITNESSES)) {
      this.told.push({
        readings: finding.rows.map((row) => singles[row]), cells: finding.cells.map((k) => cells[k]), whole: false, cancels: true,
      });
    }
  }

  astray() {
    const { task, judged, values, right, base } = this.pile;
    return task.plan.lines.flatMap(({ root }, cell) => {
      if (!right[cell]) return [];
      const expected = base.nominal[root];
      const off = Math.abs(values[cell] - expected);
      const suspect = off > judged[cell].allowed + unitOf(task.places[cell], expected);
      return suspect && off > base.allowed(cell, expected) ? [cell] : [];
    });
  }
}
