/** Where a command puts what it found. */
export interface Printer {
  /** The result: as JSON with `--json`, else as the text that `human` makes of it. */
  result(value: unknown, human: () => string): void;
  /** What is going on meanwhile; on standard error, so that a pipe sees only the result. Withheld with `--json`. */
  progress(text: string): void;
}

/** Prints to the standard streams. */
export const standardPrinter = (isJson: boolean): Printer => ({
  result: (value, human) => void process.stdout.write(`${isJson ? JSON.stringify(value, undefined, 2) : human()}\n`),
  progress: (text) => {
    if (!isJson) process.stderr.write(`${text}\n`);
  },
});
