import type { ArtifactStore, ErrorCode } from '@milonga/core';
import { expect } from 'vitest';
import { faultyArtifactStore } from '../chaos/faulty-artifact-store.ts';
import { bytes, fresh, text } from './expectations.ts';
import type { FaultRun } from './fault-run.ts';

const codes: readonly ErrorCode[] = ['MILONGA_ARTIFACT_STORE_UNAVAILABLE', 'MILONGA_STORAGE_FULL'];

/** Racers for the same names, and readers, while calls fail: at most one wins, what is there is whole and stays. */
export async function artifactStoreHistory(real: ArtifactStore, run: FaultRun): Promise<void> {
  const store = faultyArtifactStore(real, run.plan);
  const folder = fresh('faults');
  const names = Array.from({ length: Math.ceil(run.rounds / 4) }, (_, i) => `${folder}/${i % 3}/${i}`);
  const races = new Map(names.map((name) => [name, new Race(store, run, name)]));
  const racers = [1, 2, 3, 4].map(async (racer) => {
    for (const race of races.values()) {
      await race.put(`${racer}:${'x'.repeat(racer * 5_000)}`);
      await race.read();
    }
  });
  await run.disturbed(racers);
  for (const race of races.values()) await race.finish(real);
  const listed: string[] = [];
  for await (const { name } of real.list(`${folder}/`)) listed.push(name);
  const there = [...races].filter(([, race]) => race.isThere).map(([name]) => name);
  expect(listed, 'names that were put or seen').toEqual(expect.arrayContaining(there));
  expect(listed).toEqual([...listed].sort());
}

class Race {
  readonly #store: ArtifactStore;
  readonly #run: FaultRun;
  readonly #name: string;
  readonly #put = new Set<string>();
  #content: string | undefined;

  constructor(store: ArtifactStore, run: FaultRun, name: string) {
    this.#store = store;
    this.#run = run;
    this.#name = name;
  }

  /** Whether a put was acknowledged, or the object was seen. */
  isThere = false;

  async put(content: string): Promise<void> {
    this.#put.add(content);
    const outcome = await this.#run.call('putIfAbsent', this.#store.putIfAbsent(this.#name, bytes(content)), codes);
    if ('failed' in outcome) return;
    this.isThere = true;
    if (outcome.value) this.#settle(content, 'the put of this racer was acknowledged as the first');
  }

  async read(store: ArtifactStore = this.#store): Promise<void> {
    const wasThere = this.isThere;
    const outcome = await this.#run.call('get', store.get(this.#name).then(text), codes);
    if ('failed' in outcome) return;
    if (outcome.value === undefined) return void expect(wasThere, `${this.#name} was there, and is lost`).toBe(false);
    expect(this.#put.has(outcome.value), `${this.#name} is torn, or nobody's`).toBe(true);
    this.isThere = true;
    this.#settle(outcome.value, 'this was read');
  }

  async finish(store: ArtifactStore): Promise<void> {
    await this.read(store);
    const isFirst = await store.putIfAbsent(this.#name, bytes('too late'));
    expect(isFirst, `${this.#name} could be put again`).toBe(!this.isThere);
    this.isThere = true;
  }

  #settle(content: string, why: string): void {
    const [before, now] = [this.#content, content].map((each) => each?.slice(0, 1));
    if (before !== undefined)
      expect(now, `${this.#name} changed: first it was of racer ${before}; ${why}`).toBe(before);
    this.#content = content;
  }
}
