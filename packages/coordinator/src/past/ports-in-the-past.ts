import { Clock, FeatureReader, type Port, type Ports, Predictor } from '@milonga/core';
import type { AnyPort } from '@milonga/core/app';

/** Ports as they were at a moment: features as of then, model versions that were live then, a clock that stands still. */
export function portsInThePast(ports: Ports, at: number, features: FeatureReader): Ports {
  const replaced = new Map<symbol, unknown>([[FeatureReader.key, features]]);
  const replace = <T>(wanted: Port<T>, make: (now: T) => T): void => {
    if (ports.has(wanted)) replaced.set(wanted.key, make(ports.get(wanted)));
  };
  replace(Predictor, (predictor) => ({
    predict: (model, rows, options) => predictor.predict(model, rows, { ...options, liveAt: at }),
    retrieve: (model, rows, limit, options) => predictor.retrieve(model, rows, limit, { ...options, liveAt: at }),
    liveVersion: (model) => predictor.liveVersion(model),
  }));
  replace(Clock, (clock) => ({
    now: () => at,
    monotonicMs: () => clock.monotonicMs(),
    at: (moment, callback) => clock.at(moment, callback),
    sleep: (delayMs, signal) => clock.sleep(delayMs, signal),
  }));
  return {
    has: (wanted: AnyPort) => replaced.has(wanted.key) || ports.has(wanted),
    get: <T>(wanted: Port<T>): T => (replaced.has(wanted.key) ? (replaced.get(wanted.key) as T) : ports.get(wanted)),
  };
}
