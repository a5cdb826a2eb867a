// Room: templates. The table of operations for the practice page: for each its value, and an interval that holds every
// value its arguments allow. Names, arguments and parameters are those of Python's table; a test compares the two.

/** @typedef {readonly [number, number]} Interval  Lowest and highest value; NaN where nothing can be said. */
/**
 * @typedef {object} Operation
 * @property {(...xs: number[]) => number} value      arguments, then parameters
 * @property {(xs: Interval[], parameters: number[]) => Interval} bounds
 */

/** Powers as NumPy has them: 1 to whatever power is 1. @param {number} x @param {number} n */
function power(x, n) {
  if (x === 1 || (x === -1 && Math.abs(n) === Infinity)) return 1;
  return x ** n;
}

/** @param {number[]} corners @returns {Interval} */
const hull = (...corners) => [Math.min(...corners), Math.max(...corners)];

/** Whether an interval holds zero. @param {Interval} x */
const straddles = (x) => x[0] <= 0 && x[1] >= 0;

/** @param {Interval} x @param {Interval} y @returns {Interval} */
export const timesBounds = (x, y) => hull(x[0] * y[0], x[0] * y[1], x[1] * y[0], x[1] * y[1]);

/** @type {Interval} */
const UNKNOWN = [NaN, NaN];

/** @param {Interval} x @returns {Interval} */
const reciprocalBounds = (x) => (straddles(x) ? UNKNOWN : [1 / x[1], 1 / x[0]]);

/** The row of a function that never falls. @param {(...xs: number[]) => number} value @returns {Operation} */
const increasing = (value) => ({
  value,
  bounds: ([x], parameters) => [value(x[0], ...parameters), value(x[1], ...parameters)],
});

/** The row of a logarithm: at 0 itself there is none, not an infinite one. @param {(x: number) => number} value */
const logarithm = (value) => ({
  value,
  /** @param {Interval[]} xs @returns {Interval} */
  bounds: ([x]) => (x[0] > 0 ? [value(x[0]), value(x[1])] : UNKNOWN),
});

/** The row of sine or cosine, whose crests stand at `top`. @param {(x: number) => number} value @param {number} top */
function wave(value, top) {
  const turn = 2 * Math.PI;
  /** @param {Interval} x @param {number} offset */
  const holds = (x, offset) => Math.floor((x[1] - offset) / turn) >= Math.ceil((x[0] - offset) / turn);
  /** @param {Interval[]} xs @returns {Interval} */
  const bounds = ([x]) => {
    const [low, high] = hull(value(x[0]), value(x[1]));
    return [holds(x, top + Math.PI) ? -1 : low, holds(x, top) ? 1 : high];
  };
  return { value, bounds };
}

/** The same with the angle in degrees. @param {(x: number) => number} value @param {number} top */
function waveOfDegrees(value, top) {
  const radians = wave(value, top);
  /** @param {number} x */
  const turned = (x) => x * (Math.PI / 180);
  /** @param {Interval[]} xs @returns {Interval} */
  const bounds = ([x]) => radians.bounds([[turned(x[0]), turned(x[1])]], []);
  /** @param {number} x */
  const ofDegrees = (x) => value(turned(x));
  return { value: ofDegrees, bounds };
}

/** @param {Interval[]} xs @returns {Interval} */
function powerBounds([x, n]) {
  let [low, high] = hull(power(x[0], n[0]), power(x[0], n[1]), power(x[1], n[0]), power(x[1], n[1]));
  const aroundZero = straddles(x);
  if (aroundZero) low = Math.min(low, 0); // an even power turns at 0
  const undefined_ = (x[0] <= 0 && n[0] !== n[1]) || (aroundZero && n[0] < 0) || Number.isNaN(x[0] + x[1] + n[0] + n[1]);
  return undefined_ ? UNKNOWN : [low, high];
}

/** @param {Interval[]} xs @param {number[]} levels @returns {Interval} */
function bySignBounds([x], [above, below, atZero]) {
  if (Number.isNaN(x[0]) || Number.isNaN(x[1])) return UNKNOWN;
  const possible = [];
  if (x[0] < 0) possible.push(below);
  if (straddles(x)) possible.push(atZero);
  if (x[1] > 0) possible.push(above);
  return hull(...possible);
}

/** @param {Interval[]} xs @returns {Interval} */
function squareBounds([x]) {
  const [low, high] = hull(x[0] * x[0], x[1] * x[1]);
  return [straddles(x) ? 0 : low, high];
}

/** @type {Readonly<Record<string, Operation>>} */
export const OPERATIONS = {
  add: {
    value: (...terms) => terms.reduce((a, b) => a + b),
    bounds: (terms) => terms.reduce((a, b) => /** @type {Interval} */ ([a[0] + b[0], a[1] + b[1]])),
  },
  subtract: { value: (x, y) => x - y, bounds: ([x, y]) => [x[0] - y[1], x[1] - y[0]] },
  multiply: { value: (x, y) => x * y, bounds: ([x, y]) => timesBounds(x, y) },
  divide: { value: (x, y) => x / y, bounds: ([x, y]) => timesBounds(x, reciprocalBounds(y)) },
  negate: { value: (x) => -x, bounds: ([x]) => [-x[1], -x[0]] },
  power: { value: power, bounds: powerBounds },
  square: { value: (x) => x * x, bounds: squareBounds },
  sqrt: { value: Math.sqrt, bounds: ([x]) => (x[0] >= 0 ? [Math.sqrt(x[0]), Math.sqrt(x[1])] : UNKNOWN) },
  reciprocal: { value: (x) => 1 / x, bounds: ([x]) => reciprocalBounds(x) },
  identity: { value: (z) => z, bounds: ([z]) => z },
  sigmoid: increasing((z) => 1 / (1 + Math.exp(-z))),
  tanh: increasing(Math.tanh),
  relu: increasing((z) => Math.max(z, 0)),
  leaky_relu: increasing((z, slope) => (z > 0 ? z : slope * z)),
  softplus: increasing((z) => Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)))),
  exp: increasing(Math.exp),
  log: logarithm(Math.log),
  log10: logarithm(Math.log10),
  sin: wave(Math.sin, Math.PI / 2),
  cos: wave(Math.cos, 0),
  sin_degrees: waveOfDegrees(Math.sin, Math.PI / 2),
  cos_degrees: waveOfDegrees(Math.cos, 0),
  maximum: { value: (x, y) => Math.max(x, y), bounds: ([x, y]) => [Math.max(x[0], y[0]), Math.max(x[1], y[1])] },
  by_sign: {
    value: (x, above, below, atZero) => (x > 0 ? above : x < 0 ? below : Number.isNaN(x) ? NaN : atZero),
    bounds: bySignBounds,
  },
};
