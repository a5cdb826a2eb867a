// Room: templates. The plan of an exercise as Python flattened it, and what can be done with it: evaluate, pin, replace.
// Cells are counted from 0 in the program's order; a given is read under the number -1 - its place.

import { OPERATIONS } from "./operations.js";

/**
 * A local derivative: a symbol ("out", "0", "1"), a number, or an operation on such.
 * @typedef {string | number | {op: string, of: Partial_[], with: number[]}} Partial_
 */
/** @typedef {{op: string, with: number[], partials: Partial_[]}} Kind */
/** One operation of a line, or a leaf: `kind` is null for leaves.
 * @typedef {{kind: Kind | null, of: number[], constant: number, fixed: boolean}} PlanNode */
/** @typedef {{start: number, stop: number, root: number, carried: number, reads: number[]}} Line */
/** @typedef {{cell: number, nodes: PlanNode[], reads: number[]}} WrongLine */
/**
 * @typedef {object} Mistake
 * @property {string} code
 * @property {string} kind
 * @property {string} sentence
 * @property {Record<string, Record<string, string>>} sites  step -> what fills the sentence's places
 * @property {WrongLine[]} wrong
 */
/**
 * @typedef {object} Plan
 * @property {string[]} givens
 * @property {string[]} cells
 * @property {string[]} quantities  of each cell
 * @property {PlanNode[]} nodes
 * @property {Line[]} lines         one a cell
 * @property {number[]} cellOf      node -> the cell it stands for in later lines, or -1
 * @property {boolean[]} neverTies
 * @property {Mistake[]} mistakes
 */

/** @param {any[]} raw @param {Kind[]} kinds @returns {PlanNode} */
function nodeFrom(raw, kinds) {
  const [kind, ...rest] = raw;
  if (kind >= 0) return { kind: kinds[kind], of: rest, constant: 0, fixed: false };
  return { kind: null, of: [], constant: rest[0] ?? 0, fixed: rest[1] === 1 };
}

/** The plan that `exercises/plan_data.py` wrote. @param {any} data @returns {Plan} */
export function planFrom(data) {
  const nodes = data.nodes.map((/** @type {any[]} */ raw) => nodeFrom(raw, data.kinds));
  const lines = data.lines.map((/** @type {any[]} */ [start, stop, root, carried, ...reads]) => ({
    start, stop, root, carried, reads,
  }));
  const cellOf = new Array(nodes.length).fill(-1);
  lines.forEach((/** @type {Line} */ line, /** @type {number} */ cell) => { cellOf[line.carried] = cell; });
  const mistakes = data.mistakes.map((/** @type {any} */ one) => ({
    ...one,
    sites: Object.fromEntries(Object.entries(one.sites).map(([site, places]) => [
      site, Object.fromEntries(Object.entries(/** @type {Record<string, string>} */ (places)).map(([place, name]) => [place, name || site])),
    ])),
    wrong: one.wrong.map((/** @type {any[]} */ [cell, own, reads]) => ({
      cell, reads, nodes: own.map((/** @type {any[]} */ raw) => nodeFrom(raw, data.kinds)),
    })),
  }));
  return {
    givens: data.givens, cells: data.cells, nodes,
    quantities: data.cells.map((/** @type {string} */ cell) => cell.split("[")[0]),
    lines, cellOf,
    neverTies: data.neverTies.map(Boolean), mistakes,
  };
}

/** One operation on numbers. @param {Kind} kind @param {number[]} xs */
export const operated = (kind, xs) => OPERATIONS[kind.op].value(...xs, ...kind.with);

/** The wrong lines in place of the right ones, behind all others. @param {Plan} plan @param {WrongLine[]} wrong @returns {Plan} */
export function replaced(plan, wrong) {
  const nodes = plan.nodes.slice();
  const lines = plan.lines.slice();
  const cellOf = plan.cellOf.slice();
  for (const line of wrong) {
    const start = nodes.length;
    const shift = start - plan.nodes.length;
    for (const node of line.nodes) {
      nodes.push({ ...node, of: node.of.map((k) => (k >= plan.nodes.length ? k + shift : k)) });
      cellOf.push(-1);
    }
    const { carried } = lines[line.cell];
    lines[line.cell] = { start, stop: nodes.length, root: nodes.length - 1, carried, reads: line.reads };
  }
  return { ...plan, nodes, lines, cellOf };
}

/**
 * Every cell's value, worked out from what it reads; where `pinned` holds a number, that is carried on in its place.
 * @param {Plan} plan @param {number[]} given @param {(number | undefined)[]} [pinned] @returns {number[]}
 */
export function evaluate(plan, given, pinned = []) {
  const at = plan.nodes.map((node) => node.constant);
  given.forEach((value, place) => { at[place] = value; });
  return plan.lines.map((line, cell) => {
    for (let place = line.start; place < line.stop; place++) {
      const { kind, of } = plan.nodes[place];
      if (kind) at[place] = operated(kind, of.map((k) => at[k]));
    }
    const pin = pinned[cell];
    at[line.carried] = pin === undefined || Number.isNaN(pin) ? at[line.root] : pin;
    return at[line.root];
  });
}
