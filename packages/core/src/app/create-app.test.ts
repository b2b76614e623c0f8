import { describe, expect, it } from 'vitest';
import { MilongaError } from '../errors/milonga-error.ts';
import { type Port, port } from '../ports/port.ts';
import { defineAdapter, provide } from './adapter.ts';
import { createApp } from './create-app.ts';

interface Greeter {
  greet(): string;
}
const Greeter: Port<Greeter> = port<Greeter>('greeter/1');
const Name: Port<string> = port<string>('name/1');

const greeter = defineAdapter('greeter', [
  provide(Greeter, { needs: [Name], create: (name) => ({ greet: () => `hello ${name}` }) }),
]);
const named = (name: string) => defineAdapter(name, [provide(Name, { create: async () => name })]);

const codeOf = (call: () => unknown): string | undefined => {
  try {
    call();
  } catch (error) {
    return MilongaError.isInstance(error) ? `${error.code}: ${error.message}` : String(error);
  }
  return undefined;
};

describe('createApp', () => {
  it('lets later adapters win, port by port', async () => {
    await using app = createApp([greeter, named('ada'), named('grace')]);
    const resolved = await app.resolve({ greeter: Greeter, name: Name });
    expect(resolved.greeter.greet()).toBe('hello grace');
    expect(app.providerOf(Name)).toBe('grace');
  });

  it('names every gap at once, before anything is created', () => {
    const message = codeOf(() => createApp([greeter], { requires: [port('clock/1')] }));
    expect(message).toBe(
      'MILONGA_WIRING_PORT_MISSING: No adapter provides "clock/1" (required by the recommender), ' +
        '"name/1" (needed by adapter "greeter" for "greeter/1"). Loaded: greeter.',
    );
  });

  it('refuses a circle', () => {
    const a = port<number>('a/1');
    const b = port<number>('b/1');
    const circle = defineAdapter('circle', [
      provide(a, { needs: [b], create: (value) => value }),
      provide(b, { needs: [a], create: (value) => value }),
    ]);
    expect(codeOf(() => createApp([circle]))).toBe(
      'MILONGA_WIRING_CYCLE: Adapters need each other in a circle: a/1 -> b/1 -> a/1.',
    );
  });

  it('creates each port once and disposes of dependents first', async () => {
    const log: string[] = [];
    const inner = defineAdapter('inner', [
      provide(Name, {
        create: () => {
          log.push('create name');
          return 'x';
        },
        dispose: () => void log.push('dispose name'),
      }),
    ]);
    const outer = defineAdapter('outer', [
      provide(Greeter, {
        needs: [Name],
        create: () => {
          log.push('create greeter');
          return { greet: () => '' };
        },
        dispose: () => void log.push('dispose greeter'),
      }),
    ]);
    const app = createApp([inner, outer]);
    const [first, second] = await Promise.all([app.resolve({ greeter: Greeter }), app.resolve({ greeter: Greeter })]);
    expect(first.greeter).toBe(second.greeter);
    await app.close();
    await app.close();
    expect(log).toEqual(['create name', 'create greeter', 'dispose greeter', 'dispose name']);
    await expect(app.resolve({ name: Name })).rejects.toMatchObject({ code: 'MILONGA_WIRING_CLOSED' });
  });

  it('says which adapter could not create what, with the cause', async () => {
    const cause = new Error('no such host');
    const broken = defineAdapter('broken', [provide(Name, { create: () => Promise.reject(cause) })]);
    await using app = createApp([greeter, broken]);
    await expect(app.resolve({ greeter: Greeter })).rejects.toMatchObject({
      code: 'MILONGA_WIRING_CREATE_FAILED',
      message: 'Adapter "broken" could not create "name/1": no such host',
      cause,
    });
  });

  it('hands out only the ports that were asked for', async () => {
    await using app = createApp([greeter, named('ada')]);
    const ports = await app.ports([Greeter]);
    expect(ports.get(Greeter).greet()).toBe('hello ada');
    expect(ports.has(Name)).toBe(false);
    expect(codeOf(() => ports.get(Name))).toContain('MILONGA_WIRING_PORT_MISSING');
  });
});
