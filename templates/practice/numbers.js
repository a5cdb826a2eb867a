// Room: templates. Text to number, or the code of why not; never a guess. As grader/numbers.py reads, sign for sign.

/** @typedef {{value: number} | {trouble: string}} Read */

const LONGEST_NUMBER = 100;
const SPACE = "[\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]";
const MINUS = "−‐‑‒–—﹣－";
const INVISIBLE = "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff";
/** @type {Record<string, string>} */
const LOOK_ALIKES = { "⁄": "/", "∕": "/", "∗": "*", "✕": "×", "⨯": "×", "⋅": "·", "∙": "·" };
for (const sign of MINUS) LOOK_ALIKES[sign] = "-";
for (const sign of INVISIBLE) LOOK_ALIKES[sign] = " ";

/** @param {string} text */
const plainSigns = (text) =>
  Array.from(text, (char) => {
    const code = char.codePointAt(0) ?? 0;
    if (code >= 0xff01 && code < 0xff5f && !MINUS.includes(char)) return String.fromCharCode(code - 0xfee0);
    return LOOK_ALIKES[char] ?? char;
  }).join("");

const DIGITS = "([0-9]+[.,]?[0-9]*|[.,][0-9]+)";
const SIGNED = `([+-]?)${SPACE}*${DIGITS}`;
/** @param {string} pattern */
const full = (pattern) => new RegExp(`^(?:${pattern})$`, "u");
const DECIMAL = full(`${SIGNED}(?:[eE]([+-]?[0-9]+))?`);
const POWER = `(?:([+-]?[0-9]+)|\\(([+-]?[0-9]+)\\))`;
const TIMES_POWER = full(`${SIGNED}${SPACE}*[*·×xX]${SPACE}*10${SPACE}*(?:\\^|\\*\\*)${SPACE}*${POWER}`);
const FRACTION = full(`([+-]?)${SPACE}*([0-9]+)${SPACE}*\\/${SPACE}*([0-9]+)`);
const PLACEHOLDER = full(`_+|-+|[${MINUS}]+|…+|\\.{3,}|`);
const OUTER_SPACE = new RegExp(`^${SPACE}+|${SPACE}+$`, "gu");
const OUTER_BLANK = new RegExp(`^[${INVISIBLE} \\t\\r\\n\\f\\v\\u00a0\\u202f\\u3000]+|[${INVISIBLE} \\t\\r\\n\\f\\v\\u00a0\\u202f\\u3000]+$`, "gu");

/** Tried in order where no form fits; the first that is found names the trouble. @type {[string, RegExp][]} */
const TROUBLES = [
  ["formula", /^[=@]/u],
  ["date", /^[0-9]{4}-[0-9]{2}-[0-9]{2}(?![0-9])/u],
  ["not-finite", new RegExp(`^[+-]?${SPACE}*(?:s?nan|inf|infinity|∞)$`, "iu")],
  ["other-digits", /(?![0-9])\p{Nd}/u],
  ["superscript", /[⁰¹²³⁴-⁹⁺⁻₀-₉]/u],
  ["fraction-sign", /[¼-¾⅐-⅞↉]/u],
  ["percent", /[%‰٪]/u],
  ["underscore", /(?<=[0-9])_/u],
  ["other-base", /(?<=0)[xbo][0-9a-f]+$/iu],
  ["two-separators", /(?<=[0-9])(?:,(?=[0-9]*\.)|\.(?=[0-9]*,))/u],
  ["grouped", new RegExp(`(?<=[0-9])(?<!\\b0)(?:(?:${SPACE}|['’])[0-9]{3}(?![0-9])|(?:,[0-9]{3}){2,}(?![0-9,])|(?:\\.[0-9]{3}){2,}(?![0-9.]))`, "u")],
  ["several-signs", /(?<=[0-9])(?:,(?=[0-9]+,)|\.(?=[0-9]+\.[0-9]))/u],
  ["arithmetic", new RegExp(`(?<=[0-9.,)])${SPACE}*[-+*/^·×÷:(](?=${SPACE}*[-+(]*${SPACE}*[0-9.,])`, "u")],
];

/** Whether nothing was answered: white space, or only a placeholder. @param {string} text */
export const isBlank = (text) => PLACEHOLDER.test(text.replace(OUTER_BLANK, ""));

/** The double nearest to what is written, or why there is none. @param {string} text @returns {Read} */
export function readNumber(text) {
  if (Array.from(text).length > LONGEST_NUMBER) return { trouble: "too-long" };
  const body = plainSigns(text).replace(OUTER_SPACE, "");
  const decimal = DECIMAL.exec(body) ?? TIMES_POWER.exec(body);
  if (decimal) return decimalRead(decimal[1], decimal[2], decimal[3] ?? decimal[4] ?? "0");
  const fraction = FRACTION.exec(body);
  if (fraction) return quotient(fraction[1], fraction[2], fraction[3]);
  const found = TROUBLES.find(([, pattern]) => pattern.test(body));
  return { trouble: found ? found[0] : "not-a-number" };
}

/** @param {string} sign @param {string} digits @param {string} exponent @returns {Read} */
function decimalRead(sign, digits, exponent) {
  const value = Number(`${sign}${digits.replace(/,/gu, ".")}e${exponent}`);
  if (!Number.isFinite(value)) return { trouble: "too-large" };
  if (value === 0 && /[1-9]/u.test(digits)) return { trouble: "too-small" };
  return { value };
}

/** @param {string} sign @param {string} above @param {string} below @returns {Read} */
function quotient(sign, above, below) {
  if (/^0+$/u.test(below)) return { trouble: "division-by-zero" };
  const value = Math.max(above.length, below.length) <= 15 ? Number(above) / Number(below) : longQuotient(BigInt(above), BigInt(below));
  return { value: sign === "-" ? -value : value };
}

/** Long division to so many digits that the last rounding is the only one. @param {bigint} above @param {bigint} below */
function longQuotient(above, below) {
  const shift = 140n;
  const scaled = above * 10n ** shift;
  const sticky = scaled % below === 0n ? "" : "1";
  return Number(`${scaled / below}.${sticky}e-${shift}`.replace(".e", "e"));
}
