import type { ErrorCode } from './codes.ts';

const marker = Symbol.for('@milonga/error');

/** What may accompany a {@link MilongaError}. */
export interface MilongaErrorOptions {
  /** The error behind this one. */
  readonly cause?: unknown;
  /** True when the same call may succeed later without a change. Default: false. */
  readonly isRetryable?: boolean;
  /** The single findings behind a validation error, each with a path into the input. */
  readonly issues?: readonly ErrorIssue[];
}

/** One finding of a validation: where, and what was expected and found. */
export interface ErrorIssue {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/**
 * The one root of all errors that Milonga throws.
 *
 * Match on `code`, never on the message. Use {@link MilongaError.isInstance} rather than `instanceof`: it holds across
 * two installed copies of the package.
 *
 * @example
 * ```ts
 * try {
 *   await collector.collect([{ type: 'purchase', payload: {} }]);
 * } catch (error) {
 *   if (MilongaError.isInstance(error) && error.isRetryable) retryLater();
 *   else throw error;
 * }
 * ```
 */
export class MilongaError extends Error {
  static {
    Object.defineProperty(MilongaError.prototype, marker, { value: true });
  }

  override readonly name: string = 'MilongaError';
  readonly code: ErrorCode;
  readonly isRetryable: boolean;
  readonly issues: readonly ErrorIssue[];

  constructor(code: ErrorCode, message: string, options: MilongaErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.isRetryable = options.isRetryable ?? false;
    this.issues = options.issues ?? [];
  }

  /** True for every `MilongaError`, also one made by another installed copy of `@milonga/core`. */
  static isInstance(error: unknown): error is MilongaError {
    return typeof error === 'object' && error !== null && (error as { [marker]?: unknown })[marker] === true;
  }
}

/** The message of anything that was thrown. For logs and for the `reason` of a record. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
