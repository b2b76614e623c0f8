export { type ClockConformance, testClockConformance } from './clock.ts';
export { testEventLog } from './event-log.ts';
export type { EventLogConformance, EventLogEnds } from './event-log-subject.ts';
export { type LeaseConformance, testLease } from './lease.ts';
export { testOfflineStore } from './offline-store.ts';
export type { OfflineStoreConformance } from './offline-store-subject.ts';
export { type OnlineStoreConformance, testOnlineStore } from './online-store.ts';
export type { TimeToLiveBy } from './passing-time.ts';
