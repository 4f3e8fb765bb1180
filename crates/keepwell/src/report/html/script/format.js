// @ts-check
// Numbers for people: as many digits as carry meaning, the same as in the other reports.

/** @param {number | null} n */
function count(n) {
  return n === null
    ? "–"
    : Math.round(n)
        .toString()
        .replace(/\B(?=(\d{3})+$)/g, ",");
}

/** Drops zeros behind the point. @param {string} text */
function trimmed(text) {
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

/**
 * @param {number | null} x
 * @param {number} [digits] significant ones
 */
function number(x, digits = 3) {
  if (x === null || !Number.isFinite(x)) return "–";
  const size = Math.abs(x);
  if (size === 0) return "0";
  if (size < 1e-4 || size >= 1e15) return x.toExponential(digits - 1).replace(/\.?0*e\+?/, "e");
  if (Number.isInteger(x)) return size < 10_000 ? String(x) : (x < 0 ? "-" : "") + count(size);
  const decimals = Math.max(0, digits - 1 - Math.floor(Math.log10(size)));
  const text = trimmed(x.toFixed(Math.min(decimals, 20)));
  return size < 10_000 ? text : text.replace(/\B(?=(\d{3})+$)/g, ",");
}

/** A share in [0, 1]. @param {number | null} x */
function share(x) {
  if (x === null) return "–";
  const percent = x * 100;
  if (percent > 0 && percent < 0.01) return "< 0.01 %";
  if (percent > 99.99 && percent < 100) return "> 99.99 %";
  const fromEnd = Math.min(percent, 100 - percent);
  let decimals = 0;
  if (percent > 0 && percent < 100) {
    if (percent < 1 || fromEnd < 0.1) decimals = 2;
    else if (percent < 10 || fromEnd < 1) decimals = 1;
  }
  return `${trimmed(percent.toFixed(decimals))} %`;
}

/** @param {number | null} p */
function pValue(p) {
  if (p === null) return "–";
  return p === 0 ? "< 1e-300" : number(p, 2);
}

/**
 * As many decimals for a value below ten, and one less for each further digit before the point.
 * @param {number} x
 * @param {number} decimals
 */
function decimalsFor(x, decimals) {
  return Math.max(0, decimals - Math.floor(Math.log10(Math.max(1, Math.abs(x)))));
}

/**
 * As many decimals as the interval carries, and as many as the value deserves.
 * @param {number | null} value
 * @param {number | null} lower
 * @param {number | null} upper
 */
function decimalsOf(value, lower, upper) {
  const least = decimalsFor(value ?? 0, Math.abs(value ?? 0) < 1 ? 3 : 2);
  if (lower === null || upper === null || upper <= lower) return decimalsFor(value ?? 0, 3);
  return Math.min(6, Math.max(least, Math.ceil(-Math.log10((upper - lower) / 2))));
}

/** @param {number | null} x @param {number} decimals */
function fixed(x, decimals) {
  if (x === null) return "–";
  const size = Math.abs(x);
  if (size >= 1e6 || (size > 0 && size < 1e-5)) return number(x, 4);
  const text = x.toFixed(decimals);
  if (/^-0\.?0*$/.test(text)) return text.slice(1);
  return size < 10_000 ? text : text.replace(/\B(?=(\d{3})+(?!\d))(?<!\.\d*)/g, ",");
}

/** Three decimals below ten, and for a small number as many as show three digits. @param {number} x */
function shortDecimals(x) {
  const size = Math.abs(x);
  return size > 0 && size < 0.1 ? Math.min(6, 2 - Math.floor(Math.log10(size))) : decimalsFor(x, 3);
}

/** A metric's value without its interval. @param {number | null} x */
function inShort(x) {
  if (x === 0) return "0";
  return x === null ? "–" : fixed(x, shortDecimals(x));
}

/** @param {number | null} value @param {number | null} lower @param {number | null} upper */
function withInterval(value, lower, upper) {
  const decimals = decimalsOf(value, lower, upper);
  const text = fixed(value, decimals);
  if (lower === null || upper === null) return text;
  const between = lower < 0 ? " … " : "–";
  return `${text} (${fixed(lower, decimals)}${between}${fixed(upper, decimals)})`;
}

/**
 * A metric's value in a slot with its interval: `0.742 (0.721–0.763)`.
 * @param {Track} track
 * @param {number} slot
 */
function estimate(track, slot) {
  return withInterval(at(track.v, slot), at(track.lo, slot), at(track.hi, slot));
}

/** @param {Own} own */
function ownEstimate(own) {
  if (own === null) return "–";
  if ("why" in own) return texts().reasons[own.why] ?? "–";
  return withInterval(own.v, own.lo ?? null, own.hi ?? null);
}

/**
 * Even numbers that cover a range, about `n` of them.
 * @param {number} low
 * @param {number} high
 * @param {number} n
 * @returns {number[]}
 */
function ticks(low, high, n) {
  const span = high - low;
  if (!(span > 0) || !Number.isFinite(span)) return [low];
  const rough = span / n;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10);
  const found = [];
  for (let idx = Math.ceil(low / step); idx * step <= high + step * 1e-9; idx++) {
    found.push(Number((idx * step).toPrecision(12)));
    if (found.length > 50) break;
  }
  return found;
}
