// clock
export { type TestClock, type TestClockOptions, testClock } from './clock/test-clock.ts';
export { type ShopVisit, SimulatedShop, type SimulatedShopOptions } from './simulation/simulated-shop.ts';
