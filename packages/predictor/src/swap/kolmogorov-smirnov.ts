/**
 * The largest difference between two empirical distribution functions, 0 to 1 (the two-sample Kolmogorov-Smirnov
 * statistic). Both arrays ascending and not empty.
 */
export function kolmogorovSmirnov(left: Float64Array, right: Float64Array): number {
  let at = 0;
  let other = 0;
  let distance = 0;
  while (at < left.length && other < right.length) {
    const value = Math.min(left[at]!, right[other]!);
    while (at < left.length && left[at]! <= value) at += 1;
    while (other < right.length && right[other]! <= value) other += 1;
    distance = Math.max(distance, Math.abs(at / left.length - other / right.length));
  }
  return distance;
}
