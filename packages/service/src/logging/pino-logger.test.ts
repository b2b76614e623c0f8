import { MilongaError } from '@milonga/core';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { pinoLogger } from './pino-logger.ts';

let lines: Record<string, unknown>[];
const destination = { write: (line: string) => void lines.push(JSON.parse(line)) };
beforeEach(() => {
  lines = [];
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
});

describe('lines', () => {
  test('are JSON with a time, a level in words and the fields of their logger', () => {
    pinoLogger({ destination }).with({ role: 'collect' }).with({ topic: 'purchase' }).warn('Slow', { lag: 5 });
    expect(lines).toEqual([
      {
        level: 'warn',
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
        pid: process.pid,
        role: 'collect',
        topic: 'purchase',
        lag: 5,
        msg: 'Slow',
      },
    ]);
  });

  test('below the level are not written, and do not use up the budget of the others', () => {
    const log = pinoLogger({ destination, level: 'warn', linesPerMessage: 1 });
    for (let count = 0; count < 5; count += 1) log.info('same');
    log.error('same');
    expect(lines).toHaveLength(1);
  });

  test('carry no secret', () => {
    pinoLogger({ destination }).info('Request', {
      authorization: 'Bearer x',
      headers: { cookie: 'x', host: 'h' },
      token: 'x',
    });
    expect(lines[0]).toMatchObject({
      authorization: '[withheld]',
      headers: { cookie: '[withheld]', host: 'h' },
      token: '[withheld]',
    });
  });

  test('carry errors whole', () => {
    pinoLogger({ destination }).error('Failed', { error: new MilongaError('MILONGA_CLOSED', 'closed') });
    expect(lines[0]).toMatchObject({ error: { message: 'closed', code: 'MILONGA_CLOSED', stack: expect.any(String) } });
  });

  test('an unknown level is a mistake in the configuration', () => {
    vi.stubEnv('MILONGA_LOG_LEVEL', 'loud');
    expect(() => pinoLogger()).toThrow(/debug, info, warn, error, silent; found "loud"/);
  });
});

describe('a message that repeats', () => {
  const repeat = (count: number, log = pinoLogger({ destination, linesPerMessage: 3 })) => {
    for (let at = 0; at < count; at += 1) log.with({ at }).warn('Again');
    return log;
  };

  test('is withheld beyond the limit; others are not', () => {
    repeat(100).warn('Other');
    expect(lines.map(({ msg }) => msg)).toEqual(['Again', 'Again', 'Again', 'Other']);
  });

  test('tells with its next line how many were withheld', () => {
    const log = repeat(100);
    vi.advanceTimersByTime(9_000);
    vi.setSystemTime(Date.now() + 2_000);
    vi.advanceTimersByTime(900); // the window is over, the summary is not due yet
    expect(lines).toHaveLength(3);
    vi.advanceTimersByTime(200);
    log.warn('Again');
    const told = lines.slice(3).reduce((sum, line) => sum + Number(line.withheldLines ?? 0), 0);
    expect(told).toBe(97);
  });

  test('is told of at the end of its window, also when it never comes again', () => {
    repeat(100);
    vi.advanceTimersByTime(30_000);
    expect(lines.slice(3)).toMatchObject([{ msg: 'Lines were withheld', of: 'Again', withheldLines: 97 }]);
  });

  test('is told of when the process ends', () => {
    repeat(10).flush();
    expect(lines.at(-1)).toMatchObject({ of: 'Again', withheldLines: 7 });
  });

  test('thousands of different messages take bounded memory, and what was withheld of the oldest is told', () => {
    const log = repeat(10);
    for (let at = 0; at < 5_000; at += 1) log.info(`message ${at}`);
    expect(lines.filter(({ msg }) => msg === 'Lines were withheld')).toMatchObject([{ of: 'Again', withheldLines: 7 }]);
  });
});
