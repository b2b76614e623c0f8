/** A smooth function and its gradient: writes the gradient at `point` into `gradient` and returns the value. */
export type Objective = (point: Float64Array, gradient: Float64Array) => number;

/** When to stop. */
export interface LbfgsOptions {
  readonly iterations: number;
  /** Stop when the largest component of the gradient is below this. Default: 1e-6. */
  readonly tolerance?: number;
  /** Told the share of iterations that are done. */
  readonly onProgress?: (fraction: number) => void;
}

/** Steps remembered to approximate curvature. */
const MEMORY = 10;
/** Armijo's constant: the share of the promised decrease that a step must give. */
const ENOUGH = 1e-4;
const MOST_HALVINGS = 30;

/**
 * Minimises a smooth convex function by L-BFGS (Liu and Nocedal, On the limited memory BFGS method, 1989) with a
 * backtracking line search; changes `point` in place.
 *
 * Curvature that the line search could not confirm (`s.y` near 0) is left out, so the direction always goes down.
 *
 * @returns the value at the end.
 */
export function minimise(objective: Objective, point: Float64Array, options: LbfgsOptions): number {
  const { iterations, tolerance = 1e-6, onProgress } = options;
  const size = point.length;
  let gradient = new Float64Array(size);
  let nextGradient = new Float64Array(size);
  const next = new Float64Array(size);
  const history = new CurvatureMemory(size);
  let value = objective(point, gradient);
  for (let iteration = 0; iteration < iterations && largestOf(gradient) > tolerance; iteration += 1) {
    const direction = history.directionFor(gradient);
    let slope = dot(direction, gradient);
    if (!(slope < 0)) {
      history.forget();
      for (let at = 0; at < size; at += 1) direction[at] = -gradient[at]!;
      slope = dot(direction, gradient);
    }
    let step = history.isEmpty ? Math.min(1, 1 / Math.sqrt(-slope)) : 1;
    let nextValue = Number.POSITIVE_INFINITY;
    for (let halving = 0; halving < MOST_HALVINGS; halving += 1, step /= 2) {
      for (let at = 0; at < size; at += 1) next[at] = point[at]! + step * direction[at]!;
      nextValue = objective(next, nextGradient);
      if (nextValue <= value + ENOUGH * step * slope) break;
    }
    if (!(nextValue < value)) break; // nothing below this in reach of double precision
    history.remember(point, next, gradient, nextGradient);
    point.set(next);
    [gradient, nextGradient] = [nextGradient, gradient];
    value = nextValue;
    onProgress?.((iteration + 1) / iterations);
  }
  onProgress?.(1);
  return value;
}

/** The last few steps and what they did to the gradient. */
class CurvatureMemory {
  readonly #steps: Float64Array[] = [];
  readonly #changes: Float64Array[] = [];
  readonly #direction: Float64Array;

  constructor(size: number) {
    this.#direction = new Float64Array(size);
  }

  get isEmpty(): boolean {
    return this.#steps.length === 0;
  }

  forget(): void {
    this.#steps.length = 0;
    this.#changes.length = 0;
  }

  remember(from: Float64Array, to: Float64Array, gradient: Float64Array, nextGradient: Float64Array): void {
    const step = to.map((value, at) => value - from[at]!);
    const change = nextGradient.map((value, at) => value - gradient[at]!);
    if (dot(step, change) <= 1e-12 * dot(change, change)) return;
    if (this.#steps.length === MEMORY) {
      this.#steps.shift();
      this.#changes.shift();
    }
    this.#steps.push(step);
    this.#changes.push(change);
  }

  /** The two loops: -H g with H the inverse curvature that the memory knows. */
  directionFor(gradient: Float64Array): Float64Array {
    const direction = this.#direction;
    for (let at = 0; at < direction.length; at += 1) direction[at] = -gradient[at]!;
    const shares = new Float64Array(this.#steps.length);
    for (let at = this.#steps.length - 1; at >= 0; at -= 1) {
      const step = this.#steps[at]!;
      const change = this.#changes[at]!;
      shares[at] = dot(step, direction) / dot(step, change);
      addScaled(change, -shares[at]!, direction);
    }
    const last = this.#changes.at(-1);
    if (last !== undefined) {
      const scale = dot(this.#steps.at(-1)!, last) / dot(last, last);
      for (let at = 0; at < direction.length; at += 1) direction[at]! *= scale;
    }
    for (let at = 0; at < this.#steps.length; at += 1) {
      const step = this.#steps[at]!;
      const change = this.#changes[at]!;
      addScaled(step, shares[at]! - dot(change, direction) / dot(step, change), direction);
    }
    return direction;
  }
}

function dot(left: Float64Array, right: Float64Array): number {
  let sum = 0;
  for (let at = 0; at < left.length; at += 1) sum += left[at]! * right[at]!;
  return sum;
}

function addScaled(from: Float64Array, scale: number, into: Float64Array): void {
  for (let at = 0; at < into.length; at += 1) into[at]! += scale * from[at]!;
}

const largestOf = (values: Float64Array): number => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
