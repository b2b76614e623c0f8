import { MilongaError } from '../errors/milonga-error.ts';
import type { Adapter, AnyPort, Provision } from './adapter.ts';

/** The provision that an app uses for a port, and the adapter it comes from. */
export interface Winner {
  readonly adapter: Adapter;
  readonly provision: Provision;
}

/** Later adapters win, port by port. */
export function winnersOf(adapters: readonly Adapter[]): ReadonlyMap<symbol, Winner> {
  const winners = new Map<symbol, Winner>();
  for (const adapter of adapters) {
    for (const provision of adapter.provisions) winners.set(provision.port.key, { adapter, provision });
  }
  return winners;
}

/** The error for a port that nothing provides. */
export function missingPort(port: AnyPort, adapters: readonly Adapter[], detail = ''): MilongaError {
  const loaded = adapters.map((adapter) => adapter.name).join(', ') || 'none';
  return new MilongaError(
    'MILONGA_WIRING_PORT_MISSING',
    `No adapter provides "${port.id}". Loaded: ${loaded}.${detail === '' ? '' : ` ${detail}`}`,
  );
}

/**
 * Checks everything that the required ports lead to, and every winning provision besides: an adapter that could not be
 * created is a mistake to hear about now, not in the first request that meets it.
 */
export function checkWiring(
  adapters: readonly Adapter[],
  winners: ReadonlyMap<symbol, Winner>,
  requires: readonly AnyPort[],
): void {
  const gaps = requires
    .filter((port) => !winners.has(port.key))
    .map((port) => `"${port.id}" (required by the recommender)`);
  for (const { adapter, provision } of winners.values()) {
    for (const need of provision.needs) {
      if (!winners.has(need.key))
        gaps.push(`"${need.id}" (needed by adapter "${adapter.name}" for "${provision.port.id}")`);
    }
  }
  if (gaps.length > 0) {
    const loaded = adapters.map((adapter) => adapter.name).join(', ') || 'none';
    throw new MilongaError(
      'MILONGA_WIRING_PORT_MISSING',
      `No adapter provides ${[...new Set(gaps)].join(', ')}. Loaded: ${loaded}.`,
    );
  }
  const circle = findCycle(winners);
  if (circle !== undefined)
    throw new MilongaError('MILONGA_WIRING_CYCLE', `Adapters need each other in a circle: ${circle.join(' -> ')}.`);
}

function findCycle(winners: ReadonlyMap<symbol, Winner>): readonly string[] | undefined {
  const done = new Set<symbol>();
  const path: AnyPort[] = [];
  const visit = (port: AnyPort): readonly string[] | undefined => {
    const start = path.findIndex((step) => step.key === port.key);
    if (start >= 0) return [...path.slice(start), port].map((step) => step.id);
    if (done.has(port.key)) return undefined;
    path.push(port);
    for (const need of winners.get(port.key)?.provision.needs ?? []) {
      const circle = visit(need);
      if (circle !== undefined) return circle;
    }
    path.pop();
    done.add(port.key);
    return undefined;
  };
  for (const { provision } of winners.values()) {
    const circle = visit(provision.port);
    if (circle !== undefined) return circle;
  }
  return undefined;
}
