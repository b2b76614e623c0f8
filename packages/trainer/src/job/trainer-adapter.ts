import {
  Logger,
  MilongaError,
  type Port,
  type Ports,
  type Trainer,
  type TrainingOutcome,
  type TrainOptions,
  trainerOf,
} from '@milonga/core';
import { type Adapter, type AnyPort, defineAdapter, provide } from '@milonga/core/app';
import type { TrainableModel } from '../model/trainable-model.ts';
import { RUN_NEEDS, trainModel } from './train-model.ts';

/** Trains one model on demand. */
export class ModelTrainer implements Trainer {
  readonly model: TrainableModel;
  readonly #ports: Ports;
  readonly #closing: AbortController = new AbortController();
  readonly #runs: Set<Promise<unknown>> = new Set();

  constructor(model: TrainableModel, ports: Ports) {
    this.model = model;
    this.#ports = ports;
  }

  train(options: TrainOptions & { readonly unlessTrainedUntil?: number }): Promise<TrainingOutcome> {
    if (this.#closing.signal.aborted)
      return Promise.reject(new MilongaError('MILONGA_CLOSED', `The trainer of "${this.model.name}" was closed.`));
    const signal =
      options.signal === undefined ? this.#closing.signal : AbortSignal.any([this.#closing.signal, options.signal]);
    const run = trainModel(this.model, { ...options, signal, ports: this.#ports, log: this.#ports.get(Logger) });
    const ended = run.then(
      () => {},
      () => {},
    );
    this.#runs.add(ended);
    void ended.then(() => this.#runs.delete(ended));
    return run;
  }

  /** Cancels what is under way and waits for its end: its ports are about to be closed. */
  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.all(this.#runs);
  }
}

/** Provides {@link trainerOf} one model, with exactly the ports that its training needs. */
export function trainerAdapter(model: TrainableModel): Adapter {
  const needs = distinct([Logger, ...RUN_NEEDS, ...model.training.needs()]);
  return defineAdapter(`trainer/${model.name}`, [
    provide<Trainer, readonly AnyPort[]>(trainerOf(model.name), {
      needs,
      create: (...instances) => new ModelTrainer(model, portsOf(needs, instances)),
      dispose: (trainer) => (trainer as ModelTrainer).close(),
    }),
  ]);
}

const distinct = (ports: readonly AnyPort[]): readonly AnyPort[] => [
  ...new Map(ports.map((port) => [port.key, port])).values(),
];

function portsOf(needs: readonly AnyPort[], instances: readonly unknown[]): Ports {
  const held = new Map(needs.map((port, at) => [port.key, instances[at]]));
  return {
    has: (port) => held.has(port.key),
    get: <T>(port: Port<T>): T => {
      if (!held.has(port.key))
        throw new MilongaError(
          'MILONGA_WIRING_PORT_MISSING',
          `"${port.id}" is not among the needs of this trainer: ${needs.map(({ id }) => id).join(', ')}.`,
        );
      return held.get(port.key) as T;
    },
  };
}
