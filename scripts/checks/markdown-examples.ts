/** A fenced example of a page of Markdown. */
export interface Example {
  /** How many lines of the page stand above the example's first. */
  readonly line: number;
  readonly text: string;
  /** From the fence, as in "```ts milonga.config.ts": other examples of the page can import it by this name. */
  readonly fileName?: string;
}

/**
 * The TypeScript examples of a page: blocks fenced with "```ts". A block fenced with "```ts fragment" shows a piece that
 * does not stand alone, and is left out.
 */
export const examplesOf = (page: string): Example[] => {
  const examples: Example[] = [];
  const lines = page.split('\n');
  for (let start = 0; start < lines.length; start++) {
    const fence = /^```ts(?:\s+(\S+))?\s*$/.exec(lines[start]!);
    if (!fence) continue;
    const end = lines.indexOf('```', start + 1);
    if (end === -1) throw new Error(`The example that starts at line ${start + 1} has no closing fence.`);
    const [, label] = fence;
    const text = lines.slice(start + 1, end).join('\n');
    if (label !== 'fragment') examples.push({ line: start + 1, text, ...(label ? { fileName: label } : {}) });
    start = end;
  }
  return examples;
};
