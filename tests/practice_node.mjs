// What the page's own modules answer, for tests: one JSON request on stdin, one JSON answer on stdout.
import { readFileSync } from "node:fs";
import { Examiner } from "../templates/practice/diagnosis.js";
import { firstBlanks, nextBlanks } from "../templates/practice/fading.js";
import { placesText, shortest } from "../templates/practice/figures.js";
import { evaluate, planFrom, replaced } from "../templates/practice/plan.js";
import { isBlank, readNumber } from "../templates/practice/numbers.js";
import { OPERATIONS } from "../templates/practice/operations.js";

const request = JSON.parse(readFileSync(0, "utf8"), (_, value) =>
  typeof value === "string" && value.startsWith("number:") ? Number(value.slice(7)) : value);

/** JSON has no NaN and no infinities: numbers go as text. */
const said = (value) => (typeof value === "number" ? (Object.is(value, -0) ? "0" : String(value)) : value);

const ANSWERS = {
  operations: ({ cases }) => cases.map(({ op, xs, intervals, parameters }) => ({
    value: said(OPERATIONS[op].value(...xs, ...parameters)),
    bounds: OPERATIONS[op].bounds(intervals, parameters).map(said),
  })),
  names: () => Object.keys(OPERATIONS),
  numbers: ({ texts }) => texts.map((text) => ({ blank: isBlank(text), ...readNumber(text) })),
  evaluate: ({ plan, given, runs }) => {
    const whole = planFrom(plan);
    return runs.map(({ pinned, wrong }) => {
      const made = wrong === null ? whole : replaced(whole, whole.mistakes[wrong].wrong);
      return evaluate(made, given, pinned.map((pin) => pin ?? undefined)).map(said);
    });
  },
  figures: ({ cases }) => cases.map(({ value, places }) => [placesText(value, places), shortest(value)]),
  fading: ({ steps, sheets }) => {
    let blanks = firstBlanks(steps);
    return [blanks, ...sheets.map(({ failed, solved }) => (blanks = nextBlanks(steps, blanks, new Set(failed), new Set(solved))))];
  },
  check: ({ data, papers }) => {
    const { plan, slips, policy, asked, worth } = data;
    const examiner = new Examiner(planFrom(plan), slips, policy, asked, worth);
    return papers.map(({ given, places, texts }) => examiner.check(given, places, new Map(texts)));
  },
};

process.stdout.write(JSON.stringify(ANSWERS[request.what](request)));
