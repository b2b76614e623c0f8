export { type ClockConformance, testClockConformance } from './clock.ts';
export { testEventLog } from './event-log.ts';
export type { EventLogConformance, EventLogEnds } from './event-log-subject.ts';
export { type LeaseConformance, testLease } from './lease.ts';
export { type OfflineStoreConformance, testOfflineStore } from './offline-store.ts';
export { type OnlineStoreConformance, testOnlineStore } from './online-store.ts';
export type { TimeToLiveBy } from './passing-time.ts';
