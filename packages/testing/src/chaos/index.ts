export { ConnectionProxy, type ConnectionProxyOptions } from './connection-proxy.ts';
export { type Fault, FaultPlan, type FaultPlanOptions, type FaultRates } from './fault-plan.ts';
export { faultyArtifactStore } from './faulty-artifact-store.ts';
export { type Call, faultyCall } from './faulty-call.ts';
export { faultyEventSink, faultyEventSource } from './faulty-event-log.ts';
export { faultyLake } from './faulty-lake.ts';
export { faultyLease } from './faulty-lease.ts';
export { faultyOfflineStore } from './faulty-offline-store.ts';
export { faultyOnlineStore } from './faulty-online-store.ts';
