// Room: templates. Numbers as they are written on the sheet: to their places, ties away from zero, as Python writes them.

const NOISE_DIGITS = 14;
const HUGE = 1e14;
const HUGE_DIGITS = 6;

/** A number too large for places after the point. @param {number} value */
function withExponent(value) {
  const [head, exponent] = value.toExponential(HUGE_DIGITS - 1).split("e");
  const digits = head.includes(".") ? head.replace(/\.?0+$/u, "") : head;
  return `${digits}e${exponent[0]}${exponent.slice(1).padStart(2, "0")}`;
}

/** A value as its first digits, and the power of ten of the last of them. @param {number} value @returns {[bigint, number]} */
function digitsAndScale(value) {
  const [head, exponent] = value.toExponential(NOISE_DIGITS - 1).split("e");
  return [BigInt(head.replace(/[-.]/gu, "")), Number(exponent) - (NOISE_DIGITS - 1)];
}

/** Digits times 10^scale to a multiple of 10^to, as digits of that. @param {bigint} digits @param {number} scale @param {number} to */
function roundedTo(digits, scale, to) {
  if (scale >= to) return digits * 10n ** BigInt(scale - to);
  const unit = 10n ** BigInt(to - scale);
  return (2n * digits + unit) / (2n * unit);
}

/** Digits times 10^scale without an exponent. @param {bigint} digits @param {number} scale */
function positional(digits, scale) {
  if (scale >= 0) return (digits * 10n ** BigInt(scale)).toString();
  const text = digits.toString().padStart(1 - scale, "0");
  return `${text.slice(0, scale)}.${text.slice(scale)}`;
}

/** @param {number} value @param {import("./reading.js").Places} places */
export function placesText(value, [digits, significant]) {
  if (Math.abs(value) >= HUGE) return withExponent(value);
  const [all, scale] = digitsAndScale(Math.abs(value));
  if (significant && all === 0n) return "0";
  let to = -digits;
  if (significant) {
    const top = scale + all.toString().length - 1;
    to = top - digits + 1;
    if (roundedTo(all, scale, to).toString().length > digits) to += 1; // 9.996 to three figures is 10.0
  }
  const rounded = roundedTo(all, scale, to);
  return (value < 0 && rounded > 0n ? "-" : "") + positional(rounded, to);
}

/** A given number as its author wrote it: the shortest decimal that is this number. @param {number} value */
export function shortest(value) {
  const text = String(Math.abs(value));
  const [head, exponent = "0"] = text.split("e");
  const [whole, part = ""] = head.split(".");
  const size = text.includes("e") ? positional(BigInt(whole + part), Number(exponent) - part.length) : text;
  return (value < 0 ? "-" : "") + size;
}
