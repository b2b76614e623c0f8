import type { ServiceName } from '../addresses.ts';

/** What the options of the command line say. */
export interface CommandOptions {
  readonly wait: boolean;
  readonly clean: boolean;
}

/** A command of `npm run services`; it returns the exit code. */
export type Command = (names: readonly ServiceName[], options: CommandOptions) => Promise<number>;
