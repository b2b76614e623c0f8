// clock
export { type TestClock, type TestClockOptions, testClock } from './clock/test-clock.ts';
