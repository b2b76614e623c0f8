/** Rows in groups, with what was chosen. */
export interface LabelledGroups {
  /** Where each group's rows begin, and where the last one's end. */
  readonly offsets: Int32Array;
  readonly label: Uint8Array;
  /** How many candidates a row stands for. */
  readonly weight: Float32Array;
}

/** Value of a loss, a mean over groups or rows; writes its slope for each row's score. */
export type Loss = (groups: LabelledGroups, scores: Float64Array, slopes: Float64Array) => number;

/**
 * Each group's positives against all of its rows: `-1/|P| sum_p log softmax(z)_p`, every group with equal weight. The
 * conditional logit of McFadden (1974); as a ranking loss ListNet's top-one (Cao and others, Learning to Rank: From
 * Pairwise Approach to Listwise Approach, ICML 2007). A row that stands for several counts as several in the sum.
 */
export const softmaxLoss: Loss = ({ offsets, label, weight }, scores, slopes) => {
  const groups = offsets.length - 1;
  let total = 0;
  for (let group = 0; group < groups; group += 1) {
    const start = offsets[group]!;
    const end = offsets[group + 1]!;
    let most = Number.NEGATIVE_INFINITY;
    let positives = 0;
    for (let row = start; row < end; row += 1) {
      most = Math.max(most, scores[row]!);
      positives += label[row]!;
    }
    if (positives === 0) {
      slopes.fill(0, start, end);
      continue;
    }
    let sum = 0;
    for (let row = start; row < end; row += 1) sum += weight[row]! * Math.exp(scores[row]! - most);
    const logSum = most + Math.log(sum);
    for (let row = start; row < end; row += 1) {
      const share = (weight[row]! * Math.exp(scores[row]! - most)) / sum;
      slopes[row] = (share - label[row]! / positives) / groups;
      if (label[row] === 1) total += (logSum - scores[row]!) / positives;
    }
  }
  return total / Math.max(1, groups);
};

/**
 * Each positive against each negative of its group: the mean over pairs of `log(1 + exp(z_n - z_p))`, every group with equal
 * weight (RankNet; Burges and others, Learning to Rank using Gradient Descent, ICML 2005).
 */
export const pairwiseLoss: Loss = ({ offsets, label, weight }, scores, slopes) => {
  const groups = offsets.length - 1;
  slopes.fill(0);
  let total = 0;
  for (let group = 0; group < groups; group += 1) {
    const start = offsets[group]!;
    const end = offsets[group + 1]!;
    let pairs = 0;
    let negatives = 0;
    for (let row = start; row < end; row += 1) if (label[row] === 0) negatives += weight[row]!;
    for (let row = start; row < end; row += 1) if (label[row] === 1) pairs += negatives;
    if (pairs === 0) continue;
    for (let positive = start; positive < end; positive += 1) {
      if (label[positive] === 0) continue;
      for (let negative = start; negative < end; negative += 1) {
        if (label[negative] === 1) continue;
        const share = weight[negative]! / pairs;
        const margin = scores[positive]! - scores[negative]!;
        total += share * logOnePlusExp(-margin);
        const slope = (share * sigmoid(-margin)) / groups;
        slopes[positive]! -= slope;
        slopes[negative]! += slope;
      }
    }
  }
  return total / Math.max(1, groups);
};

/** Each row by itself: the logistic loss, a mean over what the rows stand for. The score is then a log-odds. */
export const pointwiseLoss: Loss = ({ label, weight }, scores, slopes) => {
  let total = 0;
  let mass = 0;
  for (let row = 0; row < label.length; row += 1) mass += weight[row]!;
  for (let row = 0; row < label.length; row += 1) {
    const share = weight[row]! / mass;
    const signed = label[row] === 1 ? scores[row]! : -scores[row]!;
    total += share * logOnePlusExp(-signed);
    slopes[row] = share * (sigmoid(scores[row]!) - label[row]!);
  }
  return total;
};

/** `log(1 + exp(x))` that neither overflows nor loses small values. */
const logOnePlusExp = (x: number): number => (x > 0 ? x + Math.log1p(Math.exp(-x)) : Math.log1p(Math.exp(x)));

const sigmoid = (x: number): number => (x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x)));
