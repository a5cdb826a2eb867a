// Room: templates. The practice page itself: what is on the screen, what is typed, and what is remembered. It knows no
// mathematics; the examiner marks, and formulas come with the page's data.

import { Examiner, sumOf } from "./diagnosis.js";
import { firstBlanks, nextBlanks } from "./fading.js";
import { placesText, shortest } from "./figures.js";
import { handIn, withTwins } from "./hand_in.js";
import { isBlank, readNumber } from "./numbers.js";
import { evaluate, planFrom } from "./plan.js";
import { SIGNS, filled, firstWords, verdictWords } from "./words.js";

const FULL_HELP = 3; // which quantity, the formula, the numbers put in

/** @typedef {{texts: Record<string, string>, hints: Record<string, number>, shown: string[], failed: string[], blanks: string[]}} Kept */

/** @param {string} id @returns {HTMLElement} */
function byId(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`no element ${id}`);
  return found;
}

/** @param {string} name @param {Record<string, string>} [attributes] @param {...(Node | string)} children */
function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

/** A piece of markup that our own printers have made. @param {string} markup */
function set(markup) {
  const made = element("span", { class: "set" });
  made.innerHTML = markup;
  return made;
}

const minus = (/** @type {string} */ text) => text.replace(/-/gu, "−");

/** Where a cell stands in its quantity, for who can't see the symbol's indices. @param {string} cell */
function placeIn(cell) {
  const index = /\[(.*)\]/u.exec(cell)?.[1].split(",") ?? [];
  return index.map((number, k) => `, ${["row", "column", "example"][k]} ${number}`).join("");
}

/** The page's own storage, where the browser lets it have one. */
class Memory {
  /** @param {string} name */
  constructor(name) {
    this.name = `gradsheet practice ${name}`;
  }

  read() {
    try {
      return JSON.parse(localStorage.getItem(this.name) ?? "null");
    } catch {
      return null; // private browsing, a full disk, or something else's text
    }
  }

  /** @param {unknown} value */
  write(value) {
    try {
      localStorage.setItem(this.name, JSON.stringify(value));
    } catch {
      // Without storage the page works all the same; it only forgets.
    }
  }
}

/** One exercise: its cards, its inputs and its examiner. */
class ExercisePage {
  /** @param {any} data @param {PracticePage} page */
  constructor(data, page) {
    this.data = data;
    this.page = page;
    const { plan, slips, policy, asked, worth, twins } = data.marking;
    this.plan = planFrom(plan);
    this.asked = asked;
    this.twins = twins;
    this.examiner = new Examiner(this.plan, slips, policy, asked, worth);
    this.number = new Map(this.plan.cells.map((cell, place) => [cell, place]));
    this.givens = new Map(this.plan.givens.map((name, place) => [name, place]));
    /** @type {Map<string, any>} */ this.lines = new Map();
    /** @type {Map<string, string>} */ this.stepOf = new Map();
    /** @type {Map<string, HTMLInputElement>} */ this.inputs = new Map();
    /** @type {Map<string, HTMLElement>} */ this.blocks = new Map();
    /** @type {string[]} */ this.steps = [];
    for (const step of data.sections.flatMap((/** @type {any} */ section) => section.steps)) {
      if (step.lines.some((/** @type {any} */ line) => line.asked)) this.steps.push(step.quantity);
      for (const line of step.lines) {
        this.lines.set(line.cell, line);
        this.stepOf.set(line.cell, step.quantity);
      }
    }
    this.root = byId(`work-${data.number}`);
    /** @type {Kept} */ this.kept = this.fresh();
    /** @type {any} */ this.result = null;
    /** @type {(() => void) | null} */ this.later = null;
  }

  /** @returns {Kept} */
  fresh() {
    return { texts: {}, hints: {}, shown: [], failed: [], blanks: [...this.steps] };
  }

  get variant() {
    return this.data.marking.variants[this.page.state.variant];
  }

  // --- formulas -----------------------------------------------------------------------------------------------------

  /** Markup with its letters in it. @param {string} text @returns {string} */
  expanded(text) {
    return text.replace(/`(\d+)`/gu, (_, place) => this.expanded(this.data.signs[Number(place)]));
  }

  /** A formula, in parts between which a line may end. @param {string} text @param {string} [sign] */
  formula(text, sign = "") {
    if (this.data.code) return element("code", { class: "stage" }, `${sign}${sign && " "}${text}`);
    const [first, ...others] = this.expanded(text).split("\u2028");
    const head = sign ? `<mo form="infix">${sign}</mo>${first}` : first;
    const made = element("span", { class: "stage" });
    made.innerHTML = [head, ...others].map((part) => `<math displaystyle="true">${part}</math>`).join(" ");
    return made;
  }

  /** @param {string} id */
  symbol(id) {
    const known = this.data.symbols[id];
    return known ? set(this.expanded(known[0])) : element("code", {}, id);
  }

  /** @param {string} id */
  spoken(id) {
    return this.data.symbols[id]?.[1] ?? id;
  }

  /** What a sentence about one cell calls a quantity: its own cell there, where the notation has no symbol for the whole. @param {string} id @param {string} cell */
  called(id, cell) {
    const own = id + cell.slice(cell.indexOf("["));
    return this.data.byCell && cell.includes("[") && this.number.has(own) ? own : id;
  }

  /** Words with symbols in them. @param {(string | {id: string} | string[])[]} words */
  sentence(words) {
    const made = element("span");
    for (const word of words) {
      made.append(typeof word === "string" ? word : Array.isArray(word) ? set(this.expanded(word[0])) : this.symbol(word.id));
    }
    return made;
  }

  /** The number that stands for an id in a learner's working: as given, as typed, or worked out from that. @param {string} id @param {number[]} values */
  numberText(id, values) {
    const given = this.givens.get(id);
    if (given !== undefined) return shortest(this.variant.given[given]);
    const cell = /** @type {number} */ (this.number.get(id));
    const read = this.typed().has(cell) ? readNumber(/** @type {string} */ (this.typed().get(cell))) : null;
    if (read && "value" in read) return shortest(read.value);
    return placesText(values[cell], this.variant.places[cell]);
  }

  /** The line with numbers put in. @param {any} line @param {number[]} values */
  withNumbers(line, values) {
    return line.numbers.replace(/¦([^¦]*)([-(])¦/gu, (/** @type {string} */ _, /** @type {string} */ id, /** @type {string} */ way) => {
      const text = this.numberText(id, values);
      const size = text.replace("-", "");
      if (this.data.code) return text.startsWith("-") && way === "(" ? `(${text})` : text;
      if (!text.startsWith("-")) return `<mn>${size}</mn>`;
      const negative = `<mrow><mo>−</mo><mn>${size}</mn></mrow>`;
      return way === "(" ? `<mrow><mo stretchy="false">(</mo>${negative}<mo stretchy="false">)</mo></mrow>` : negative;
    });
  }

  /** Every cell's value from what was typed; a cell's own text left out, so that it is worked out anew. @param {number} cell */
  valuesWithout(cell) {
    const pins = this.plan.cells.map((_, place) => {
      const text = place === cell ? undefined : this.typed().get(place);
      const read = text === undefined ? null : readNumber(text);
      return read && "value" in read ? read.value : undefined;
    });
    return evaluate(this.plan, this.variant.given, pins);
  }

  /** A cell's line: as much of it as is told. @param {string} cell @param {{chain: boolean, formula: boolean, numbers: boolean, result: boolean}} told */
  worked(cell, told) {
    const line = this.lines.get(cell);
    const place = /** @type {number} */ (this.number.get(cell));
    const values = this.valuesWithout(place);
    const sides = [];
    if (told.chain && line.chain) sides.push(this.formula(line.chain, "="));
    if (told.formula && line.formula !== line.chain) sides.push(this.formula(line.formula, "="));
    const numbers = this.withNumbers(line, values);
    if (told.numbers && numbers !== line.formula) sides.push(this.formula(numbers, "="));
    if (told.result) sides.push(this.resultText(place, values[place]));
    return element("p", { class: "line" }, this.formula(line.sign), element("span", { class: "right" }, ...sides));
  }

  /** @param {number} cell @param {number} value */
  resultText(cell, value) {
    const text = placesText(value, this.variant.places[cell]);
    const nearly = Math.abs(Number(text) - value) > 1e-12 * Math.max(1, Math.abs(value));
    const sign = nearly ? "≈" : "=";
    if (this.data.code) return element("code", { class: "stage result" }, `${sign} ${text}`);
    const made = set(`<math><mo form="infix">${sign}</mo>${text.startsWith("-") ? "<mo form=\"prefix\">−</mo>" : ""}<mn>${text.replace("-", "")}</mn></math>`);
    made.className = "stage result";
    return made;
  }

  // --- what is typed ------------------------------------------------------------------------------------------------

  /** What the learner has typed and wasn't shown, by cell; blanks left out. @returns {Map<number, string>} */
  typed() {
    const found = new Map();
    for (const [cell, text] of Object.entries(this.kept.texts)) {
      const place = this.number.get(cell);
      if (place !== undefined && !isBlank(text) && this.isOpen(cell)) found.set(place, text);
    }
    return found;
  }

  /** Whether a cell is the learner's own. @param {string} cell */
  isOpen(cell) {
    const step = /** @type {string} */ (this.stepOf.get(cell));
    const optional = !this.lines.get(cell)?.asked;
    return !this.kept.shown.includes(cell) && (optional || this.kept.blanks.includes(step));
  }

  get workedOut() {
    return [...this.lines.values()].filter((line) => line.asked && !this.isOpen(line.cell)).map((line) => /** @type {number} */ (this.number.get(line.cell)));
  }

  // --- building -----------------------------------------------------------------------------------------------------

  build() {
    this.inputs.clear();
    this.blocks.clear();
    this.root.replaceChildren(...this.data.sections.flatMap((/** @type {any} */ section) => this.section(section)));
    this.refreshHelp();
  }

  /** @param {any} section */
  section(section) {
    const steps = section.steps.flatMap((/** @type {any} */ step) => this.step(step));
    if (!steps.length) return [];
    const level = this.page.several ? "h4" : "h3";
    return [element("section", { class: section.colour }, element(level, {}, section.heading), ...steps)];
  }

  /** @param {any} step */
  step(step) {
    const lines = step.lines.filter((/** @type {any} */ line) => line.asked || this.page.state.between);
    if (!lines.length) return [];
    const open = lines.filter((/** @type {any} */ line) => this.isOpen(line.cell));
    const names = step.lines.map((/** @type {any} */ line) => this.spoken(line.cell)).join(", ");
    const kind = open.length ? "" : " done";
    const card = element("div", { class: `step${kind}`, role: "group", "aria-label": open.length ? names : `${names}: worked out for you` });
    if (!open.length) card.append(element("p", { class: "reason" }, this.sentence(step.reason)));
    const cells = element("div", { class: "cells" }, ...lines.map((/** @type {any} */ line) => this.cell(line)));
    card.append(cells);
    if (open.length) card.append(this.help(step, open.map((/** @type {any} */ line) => line.cell)));
    return [card];
  }

  /** @param {any} line */
  cell(line) {
    const { cell } = line;
    const block = element("div", { class: "cell" });
    this.blocks.set(cell, block);
    if (!this.isOpen(cell)) {
      block.classList.add("told");
      block.append(this.worked(cell, { chain: true, formula: true, numbers: true, result: true }));
      return block;
    }
    const id = `cell-${this.data.number}-${this.number.get(cell)}`;
    const [digits, significant] = this.variant.places[/** @type {number} */ (this.number.get(cell))];
    const input = /** @type {HTMLInputElement} */ (element("input", {
      id, type: "text", inputmode: "text", autocomplete: "off", autocapitalize: "off", spellcheck: "false",
      "aria-label": `${this.spoken(cell)}${placeIn(cell)}${line.asked ? "" : " (not asked)"}`, "aria-describedby": `${id}-said`,
      enterkeyhint: "next", title: significant ? `${digits} significant figures` : `${digits} decimals`,
    }));
    input.value = this.kept.texts[cell] ?? "";
    input.addEventListener("input", () => { this.kept.texts[cell] = input.value; this.page.remember(); });
    input.addEventListener("change", () => this.page.left(this, cell));
    input.addEventListener("focus", () => this.lookAt(cell));
    input.addEventListener("keydown", (event) => { if (event.key === "Enter") this.page.goOn(input); });
    this.inputs.set(cell, input);
    const mark = element("span", { class: "mark", "aria-hidden": "true" });
    block.append(
      element("label", { for: id }, this.symbol(cell)), element("span", { class: "entry" }, input, mark),
      element("p", { class: "said", id: `${id}-said` }),
    );
    return block;
  }

  // --- help ---------------------------------------------------------------------------------------------------------

  /** @param {any} step @param {string[]} cells */
  help(step, cells) {
    const hint = element("button", { type: "button" });
    const show = element("button", { type: "button" });
    const list = element("ol", { class: "hints", role: "list" });
    const box = element("div", { class: "help" }, element("div", { class: "buttons" }, hint, show), list);
    box.dataset.cell = cells[0];
    box.dataset.step = step.quantity;
    hint.addEventListener("click", () => this.hint(/** @type {string} */ (box.dataset.cell)));
    show.addEventListener("click", () => this.show(/** @type {string} */ (box.dataset.cell)));
    return box;
  }

  /** @param {string} cell */
  boxOf(cell) {
    return /** @type {HTMLElement | null} */ (this.blocks.get(cell)?.closest(".step")?.querySelector(".help") ?? null);
  }

  /** The help below a step is for the cell that was looked at last. @param {string} cell */
  lookAt(cell) {
    const box = this.boxOf(cell);
    if (!box || box.dataset.cell === cell) return;
    box.dataset.cell = cell;
    this.fillHelp(box);
  }

  refreshHelp() {
    for (const box of this.root.querySelectorAll(".help")) this.fillHelp(/** @type {HTMLElement} */ (box));
  }

  /** @param {HTMLElement} box */
  fillHelp(box) {
    const cell = /** @type {string} */ (box.dataset.cell);
    const [hint, show] = box.querySelectorAll("button");
    const count = this.kept.hints[cell] ?? 0;
    const symbol = this.symbol(cell);
    symbol.setAttribute("aria-hidden", "true");
    const unseen = (/** @type {string} */ text) => element("span", { class: "unseen" }, text);
    hint.replaceChildren("Hint for ", symbol, unseen(`${this.spoken(cell)}, ${count} of ${FULL_HELP} given`));
    hint.disabled = count >= FULL_HELP;
    show.replaceChildren("Show me", unseen(` ${this.spoken(cell)}`));
    const list = /** @type {HTMLElement} */ (box.querySelector(".hints"));
    list.replaceChildren(...(count ? this.hints(cell) : []).slice(0, count).map((one) => element("li", {}, one)));
    list.hidden = count === 0;
  }

  /** The three hints for a cell. @param {string} cell @returns {HTMLElement[]} */
  hints(cell) {
    const line = this.lines.get(cell);
    const step = this.data.sections.flatMap((/** @type {any} */ section) => section.steps)
      .find((/** @type {any} */ one) => one.quantity === this.stepOf.get(cell));
    const { reads } = this.plan.lines[/** @type {number} */ (this.number.get(cell))];
    const names = reads.map((name) => (name >= 0 ? this.plan.cells[name] : this.plan.givens[-1 - name]));
    const first = step.lines[0].cell;
    const needs = names.flatMap((name, place) => [place ? (place === names.length - 1 ? " and " : ", ") : "", { id: name }]);
    return [
      this.sentence([...(first === cell ? [] : ["As for ", { id: first }, ": "]), ...step.reason, ...(needs.length ? [" Here you need ", ...needs, "."] : [])]),
      this.worked(line.cell, { chain: true, formula: true, numbers: false, result: false }),
      this.worked(line.cell, { chain: false, formula: false, numbers: true, result: false }),
    ];
  }

  /** @param {string} cell */
  hint(cell) {
    this.kept.hints[cell] = Math.min((this.kept.hints[cell] ?? 0) + 1, FULL_HELP);
    const count = this.kept.hints[cell];
    const box = /** @type {HTMLElement} */ (this.boxOf(cell));
    this.fillHelp(box);
    if (count === FULL_HELP) this.inputs.get(cell)?.focus();
    this.page.announce(`Hint ${count} of ${FULL_HELP} for ${this.spoken(cell)}: ${this.hints(cell)[count - 1].textContent}`);
    this.page.remember();
  }

  /** Work one step out before the learner's eyes. @param {string} cell */
  show(cell) {
    this.kept.shown.push(cell);
    delete this.kept.texts[cell];
    this.fail(cell);
    this.build();
    this.mark(false);
    const order = [...this.inputs.keys()];
    const after = order.find((other) => /** @type {number} */ (this.number.get(other)) > /** @type {number} */ (this.number.get(cell)));
    (after ? this.inputs.get(after) : byId("mark"))?.focus();
    this.page.announce(`${this.spoken(cell)}: ${this.blocks.get(cell)?.textContent ?? ""}`);
    this.page.remember();
  }

  /** @param {string} cell */
  fail(cell) {
    const step = /** @type {string} */ (this.stepOf.get(cell));
    if (!this.kept.failed.includes(step)) this.kept.failed.push(step);
  }

  // --- marking ------------------------------------------------------------------------------------------------------

  /** What is typed, with its verdicts. */
  marked() {
    const { given, places } = this.variant;
    return this.examiner.marked(given, places, withTwins(this.typed(), this.twins, this.asked));
  }

  /** Mark what is typed; `everything`: say also where nothing is. @param {boolean} everything */
  mark(everything) {
    this.tell(this.marked(), everything);
  }

  /** Show the verdicts at once, and say in the next task which rules went wrong, which may take longer to find. @param {() => void} then */
  markSoon(then) {
    const marked = this.marked();
    const results = new Map(this.examiner.results(marked, []).map((one) => [one.cell, one]));
    for (const [cell, input] of this.inputs) {
      const one = results.get(/** @type {number} */ (this.number.get(cell)));
      const told = one && one.verdict !== "missing" ? one : null;
      if (this.sign(cell, input, told)) this.words(cell, told ? firstWords(told, this.page.said) : []);
    }
    const later = () => {
      if (this.later !== later) return; // something else has been marked since
      this.tell(marked, false);
      then();
    };
    this.later = later;
    requestAnimationFrame(() => setTimeout(later));
  }

  /** Say now what was to be said in the next task. */
  settle() {
    this.later?.();
  }

  /** @param {import("./diagnosis.js").Marked} marked @param {boolean} everything */
  tell(marked, everything) {
    this.later = null;
    this.result = this.examiner.told(marked);
    /** @type {Map<number, any>} */
    const byCell = new Map(this.result.cells.map((/** @type {any} */ one) => [one.cell, one]));
    for (const [cell, input] of this.inputs) {
      const one = byCell.get(/** @type {number} */ (this.number.get(cell)));
      const told = one && (everything || one.verdict !== "missing");
      if (told && (one.verdict === "wrong" || one.verdict === "unreadable")) this.fail(cell);
      this.say(cell, input, told ? one : null);
    }
    this.refreshTold();
  }

  /** What is worked out follows the learner's numbers. */
  refreshTold() {
    for (const [cell, block] of this.blocks) {
      if (block.classList.contains("told")) {
        block.replaceChildren(this.worked(cell, { chain: true, formula: true, numbers: true, result: true }));
      }
    }
    for (const box of this.root.querySelectorAll(".help")) {
      if (this.kept.hints[/** @type {HTMLElement} */ (box).dataset.cell ?? ""]) this.fillHelp(/** @type {HTMLElement} */ (box));
    }
  }

  /** A cell's sign, and whether its verdict is another than before, or its text has another fault. @param {string} cell @param {HTMLInputElement} input @param {any} one */
  sign(cell, input, one) {
    const block = /** @type {HTMLElement} */ (this.blocks.get(cell));
    const mark = /** @type {HTMLElement} */ (block.querySelector(".mark"));
    const before = block.dataset.verdict;
    block.dataset.verdict = one ? one.verdict : "";
    mark.textContent = one ? SIGNS[one.verdict] : "";
    if (one && (one.verdict === "wrong" || one.verdict === "unreadable")) input.setAttribute("aria-invalid", "true");
    else input.removeAttribute("aria-invalid");
    return before !== block.dataset.verdict || one?.verdict === "unreadable";
  }

  /** @param {string} cell @param {import("./words.js").Words} words */
  words(cell, words) {
    const said = /** @type {HTMLElement} */ (this.blocks.get(cell)?.querySelector(".said"));
    said.replaceChildren(...(words.length ? [this.sentence(words)] : []));
  }

  /** @param {string} cell @param {HTMLInputElement} input @param {any} one */
  say(cell, input, one) {
    this.sign(cell, input, one);
    if (!one) return this.words(cell, []);
    const words = verdictWords(one, this.plan.quantities[one.cell], this.result.explanations, this.page.said);
    const { advice } = this.result;
    const rivals = this.result.explanations.filter((/** @type {any} */ each) => each.cells.includes(one.cell));
    if (advice !== null && rivals.length > 1) words.push(" ", ...filled(this.page.said.advice, { cell: this.plan.cells[advice] }));
    this.words(cell, words.map((word) => (typeof word === "string" ? word : { id: this.called(word.id, cell) })));
  }

  /** What is said of a cell, for who listens. @param {string} cell */
  spokenVerdict(cell) {
    const text = this.blocks.get(cell)?.querySelector(".said")?.textContent;
    return text ? `${this.spoken(cell)}: ${text}` : "";
  }

  /** Right, and how many there are to get right. */
  get tally() {
    const own = this.result.cells.filter((/** @type {any} */ one) => one.marks !== null && !this.workedOut.includes(one.cell));
    const right = own.filter((/** @type {any} */ one) => one.verdict === "correct" || one.verdict === "carried");
    const carried = own.filter((/** @type {any} */ one) => one.verdict === "carried");
    const marks = own.reduce((/** @type {any} */ sum, /** @type {any} */ one) => sumOf(sum, one.marks), [0, 1]);
    const worth = own.reduce((/** @type {any} */ sum, /** @type {any} */ one) => sumOf(sum, this.examiner.worth[one.cell]), [0, 1]);
    return { asked: own.length, right: right.length, carried: carried.length, marks, worth };
  }

  /** The steps that are all right. */
  get solved() {
    const wrong = new Set(this.result.cells.filter((/** @type {any} */ one) => one.verdict !== "correct" && one.verdict !== "carried")
      .map((/** @type {any} */ one) => this.plan.quantities[one.cell]));
    return new Set(this.steps.filter((step) => !wrong.has(step)));
  }
}

/** The whole page. */
class PracticePage {
  /** @param {any} data */
  constructor(data) {
    this.data = data;
    this.said = data.said;
    this.several = data.exercises.length > 1;
    this.memory = new Memory(data.memory);
    this.variants = data.sheets.length;
    this.state = { variant: 0, faded: false, leaving: true, between: false };
    /** @type {Kept[][]} */ this.kept = [];
    this.exercises = data.exercises.map((/** @type {any} */ one) => new ExercisePage(one, this));
    this.recall();
    this.wire();
    this.open();
  }

  /** What was remembered, where it is of this page and whole. */
  recall() {
    const before = this.memory.read();
    const whole = before && Array.isArray(before.kept) && before.kept.length === this.variants
      && before.kept.every((/** @type {any} */ one) => Array.isArray(one) && one.length === this.exercises.length);
    if (whole) {
      this.state = { ...this.state, ...before.state };
      this.state.variant = Math.min(Math.max(0, Number(this.state.variant) || 0), this.variants - 1);
      this.kept = before.kept;
    } else {
      this.state.faded = this.data.exercises.some((/** @type {any} */ one) => one.first.length);
      this.kept = Array.from({ length: this.variants }, () => this.fresh());
    }
  }

  /** @returns {Kept[]} */
  fresh() {
    return this.exercises.map((/** @type {ExercisePage} */ one) => {
      const kept = one.fresh();
      if (this.state.faded) kept.blanks = one.data.first.length ? one.steps.filter((step) => one.data.first.includes(step)) : firstBlanks(one.steps);
      return kept;
    });
  }

  remember() {
    this.memory.write({ state: this.state, kept: this.kept });
  }

  wire() {
    byId("mark").addEventListener("click", () => this.markAll());
    byId("next").addEventListener("click", () => this.next());
    byId("again").addEventListener("click", () => this.again());
    byId("save-answers").addEventListener("click", () => this.saveAnswers());
    byId("save-sheet").addEventListener("click", () => this.save("sheet.toml", this.data.sheets[this.state.variant], "application/toml"));
    this.choice("leaving", () => {});
    this.choice("between", () => this.open());
    this.choice("faded", () => { this.kept[this.state.variant] = this.fresh(); this.open(); });
  }

  /** @param {"leaving" | "between" | "faded"} name @param {() => void} then */
  choice(name, then) {
    const box = /** @type {HTMLInputElement} */ (byId(name));
    box.checked = Boolean(this.state[name]);
    box.addEventListener("change", () => { this.state[name] = box.checked; then(); this.remember(); });
  }

  /** Show the sheet with the numbers chosen. */
  open() {
    for (const [place, one] of this.exercises.entries()) {
      one.kept = this.kept[this.state.variant][place];
      if (one.data.handedOut.length) byId(`given-${one.data.number}`).innerHTML = one.data.handedOut[this.state.variant];
      one.build();
      one.mark(false);
    }
    byId("numbers").textContent = this.variants > 1 ? `Numbers ${this.state.variant + 1} of ${this.variants}` : "";
    byId("next").hidden = this.variants < 2 && !this.state.faded;
    this.showTally();
    this.remember();
  }

  /** @param {ExercisePage} exercise @param {string} cell */
  left(exercise, cell) {
    if (!this.state.leaving) return;
    for (const other of this.exercises) if (other !== exercise) other.settle();
    exercise.markSoon(() => {
      this.showTally();
      this.announce(exercise.spokenVerdict(cell));
      this.remember();
    });
  }

  /** On to the next place to type. @param {HTMLInputElement} input */
  goOn(input) {
    const inputs = [...document.querySelectorAll("main input[type=text]")];
    const next = /** @type {HTMLElement | undefined} */ (inputs[inputs.indexOf(input) + 1]);
    (next ?? byId("mark")).focus();
  }

  markAll() {
    for (const one of this.exercises) one.mark(true);
    this.showTally();
    this.announce(byId("tally").textContent ?? "");
    this.remember();
  }

  showTally() {
    const all = this.exercises.map((/** @type {ExercisePage} */ one) => one.tally);
    const sum = (/** @type {"asked" | "right" | "carried"} */ key) => all.reduce((/** @type {number} */ total, /** @type {any} */ one) => total + one[key], 0);
    const carried = sum("carried") ? `, ${sum("carried")} of them given an earlier value` : "";
    const total = (/** @type {"marks" | "worth"} */ key) => all.reduce((/** @type {any} */ so, /** @type {any} */ one) => sumOf(so, one[key]), [0, 1]);
    const [marks, worth] = [total("marks"), total("worth")].map(([above, below]) => (below === 1 ? `${above}` : `${above}/${below}`));
    byId("tally").textContent = `${sum("right")} of ${sum("asked")} right${carried}; ${marks} of ${worth} marks.`;
    const bar = /** @type {HTMLProgressElement} */ (byId("bar"));
    bar.max = Math.max(1, sum("asked"));
    bar.value = sum("right");
  }

  /** The next numbers; in a faded series with other steps left to the learner. */
  next() {
    for (const one of this.exercises) one.settle();
    const before = this.exercises.map((/** @type {ExercisePage} */ one) => ({ blanks: one.kept.blanks, failed: new Set(one.kept.failed), solved: one.solved }));
    this.state.variant = (this.state.variant + 1) % this.variants;
    this.kept[this.state.variant] = this.fresh();
    let note = "";
    if (this.state.faded) {
      this.kept[this.state.variant].forEach((kept, place) => {
        const { steps } = this.exercises[place];
        kept.blanks = nextBlanks(steps, before[place].blanks, before[place].failed, before[place].solved);
        note += ` ${kept.blanks.length} of ${steps.length} steps are left to you.`;
      });
    }
    this.open();
    byId("top").focus();
    window.scrollTo({ top: 0 });
    this.announce(`${byId("numbers").textContent}.${note}`);
  }

  /** This sheet from the start. */
  again() {
    const blanks = this.kept[this.state.variant].map((kept) => kept.blanks);
    this.kept[this.state.variant] = this.exercises.map((/** @type {ExercisePage} */ one, /** @type {number} */ place) => ({ ...one.fresh(), blanks: blanks[place] }));
    this.open();
    byId("top").focus();
    this.announce("The sheet is empty again.");
  }

  saveAnswers() {
    const exercises = this.exercises.map((/** @type {ExercisePage} */ one) => ({
      number: one.data.number, cells: one.plan.cells, written: one.typed(), workedOut: one.workedOut,
    }));
    const text = `${JSON.stringify(handIn(exercises, this.data.sheet, this.state.variant), null, 1)}\n`;
    this.save("answers.json", text, "application/json");
  }

  /** @param {string} name @param {string} text @param {string} type */
  save(name, text, type) {
    const link = /** @type {HTMLAnchorElement} */ (element("a", { download: name }));
    link.href = URL.createObjectURL(new Blob([text], { type }));
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  }

  /** @param {string} text */
  announce(text) {
    const live = byId("live");
    live.textContent = "";
    setTimeout(() => { live.textContent = minus(text.replace(/\s+/gu, " ")); }, 30);
  }
}

/** The page's data as `packed` in templates/practice_page.py wrote it. @param {string} letters */
async function unpacked(letters) {
  const bytes = Uint8Array.from(atob(letters), (letter) => letter.charCodeAt(0));
  const whole = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return JSON.parse(await new Response(whole).text());
}

if (typeof DecompressionStream === "undefined") byId("too-old").hidden = false;
else new PracticePage(await unpacked(byId("data").textContent ?? ""));
