// Each cell of a script left one after the other: how long the page's modules take for the verdicts, and until the rule
// that went wrong is known. One JSON request on stdin, pairs of milliseconds on stdout.
import { readFileSync } from "node:fs";
import { Examiner } from "../templates/practice/diagnosis.js";
import { planFrom } from "../templates/practice/plan.js";

const { data, scripts } = JSON.parse(readFileSync(0, "utf8"));
const { plan, slips, policy, asked, worth, variants } = data;
const examiner = new Examiner(planFrom(plan), slips, policy, asked, worth);
const [{ given, places }] = variants;

const taken = scripts.flatMap((script) => script.map((_, count) => {
  const written = new Map(script.slice(0, count + 1));
  const start = performance.now();
  const marked = examiner.marked(given, places, written);
  const shown = performance.now();
  examiner.told(marked);
  return [shown - start, performance.now() - start];
}));
process.stdout.write(JSON.stringify(taken));
