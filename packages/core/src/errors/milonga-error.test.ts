import { describe, expect, it } from 'vitest';
import { MilongaError, messageOf } from './milonga-error.ts';

describe('MilongaError', () => {
  it('is recognised across copies of the package', () => {
    const marker = Symbol.for('@milonga/error');
    const foreign = { code: 'MILONGA_CLOSED', [marker]: true };
    expect(MilongaError.isInstance(foreign)).toBe(true);
    expect(MilongaError.isInstance(new Error('x'))).toBe(false);
    expect(MilongaError.isInstance(undefined)).toBe(false);
  });

  it('keeps code, cause and issues', () => {
    const cause = new Error('inner');
    const error = new MilongaError('MILONGA_CLOSED', 'closed', {
      cause,
      isRetryable: true,
      issues: [{ path: ['a', 0], message: 'bad' }],
    });
    expect(error).toMatchObject({ name: 'MilongaError', code: 'MILONGA_CLOSED', isRetryable: true, cause });
    expect(error.issues).toEqual([{ path: ['a', 0], message: 'bad' }]);
    expect(MilongaError.isInstance(error)).toBe(true);
  });

  it('reads the message of anything thrown', () => {
    expect([messageOf(new Error('a')), messageOf('b'), messageOf(3)]).toEqual(['a', 'b', '3']);
  });
});
