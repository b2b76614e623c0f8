/** A text and when it was last seen, Unix ms. */
export interface RecentText {
  readonly text: string;
  readonly at: number;
}

/** Different texts, the most recently seen first; of those seen at one moment, in order of their UTF-8 bytes. */
export type RecentTexts = readonly RecentText[];

/** Order of UTF-8 bytes, which is that of code points, as databases have it; that of JavaScript is by UTF-16 units. */
export function compareText(left: string, right: string): number {
  const shared = Math.min(left.length, right.length);
  for (let at = 0; at < shared; at += 1) {
    const a = left.charCodeAt(at);
    const b = right.charCodeAt(at);
    if (a !== b) return rankOfUnit(a) - rankOfUnit(b);
  }
  return left.length - right.length;
}

/** Surrogates stand for code points above all others. */
const rankOfUnit = (unit: number): number => (unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit);

const isBefore = (left: RecentText, right: RecentText): boolean =>
  left.at !== right.at ? left.at > right.at : compareText(left.text, right.text) < 0;

/** The texts with one more. At most `most` stay. */
export function addRecent(texts: RecentTexts, text: string, at: number, most: number): RecentTexts {
  const known = texts.findIndex((entry) => entry.text === text);
  if (known >= 0 && texts[known]!.at >= at) return texts;
  const entry: RecentText = { text, at };
  let place = 0;
  while (place < texts.length && isBefore(texts[place]!, entry)) place += 1;
  if (place >= most) return texts;
  const added = texts.slice();
  if (known >= 0) added.splice(known, 1); // it is older, so it stands behind `place`
  added.splice(place, 0, entry);
  if (added.length > most) added.pop();
  return added;
}

/** The newest of both. The newest of a union are among the newest of its parts, so nothing is lost by keeping few. */
export function mergeRecent(left: RecentTexts, right: RecentTexts, most: number): RecentTexts {
  if (left.length === 0) return right;
  let merged = left;
  for (const { text, at } of right) merged = addRecent(merged, text, at, most);
  return merged;
}
