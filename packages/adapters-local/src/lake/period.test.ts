import { expect, test } from 'vitest';
import { folderOf, periodAt } from './period.ts';

test.each([
  [
    'hour',
    '2011-12-09T12:50:31.250Z',
    '2011-12-09T12:00:00.000Z',
    '2011-12-09T13:00:00.000Z',
    'date=2011-12-09/hour=12',
  ],
  ['day', '2011-12-09T12:50:31.250Z', '2011-12-09T00:00:00.000Z', '2011-12-10T00:00:00.000Z', 'date=2011-12-09'],
  ['month', '2011-12-09T12:50:31.250Z', '2011-12-01T00:00:00.000Z', '2012-01-01T00:00:00.000Z', 'month=2011-12'],
  ['month', '2012-02-29T23:59:59.999Z', '2012-02-01T00:00:00.000Z', '2012-03-01T00:00:00.000Z', 'month=2012-02'],
  [
    'hour',
    '1969-12-31T23:30:00.000Z',
    '1969-12-31T23:00:00.000Z',
    '1970-01-01T00:00:00.000Z',
    'date=1969-12-31/hour=23',
  ],
  ['month', '0050-03-04T00:00:00.000Z', '0050-03-01T00:00:00.000Z', '0050-04-01T00:00:00.000Z', 'month=0050-03'],
] as const)('the %s of %s', (unit, at, start, end, folder) => {
  const period = periodAt(unit, Date.parse(at));
  expect([new Date(period.start).toISOString(), new Date(period.end).toISOString()]).toEqual([start, end]);
  expect(folderOf(period)).toBe(folder);
});
