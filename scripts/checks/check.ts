/** One structural rule of the repository. */
export interface Check {
  /** What `npm run check -- <name>` selects it by. */
  readonly name: string;
  /** The rule, in one sentence. */
  readonly rule: string;
  /** Looks at the repository under `root` and says what breaks the rule. */
  readonly run: (root: string) => Findings | Promise<Findings>;
}

/** What a check found. */
export interface Findings {
  /** Each names the place, what was expected, what was found and the fix. None means that the rule holds. */
  readonly problems: readonly string[];
  /** A figure worth printing even when the rule holds. */
  readonly note?: string;
}
