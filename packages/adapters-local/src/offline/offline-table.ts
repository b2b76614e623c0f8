import { MilongaError, type WideTable } from '@milonga/core';
import type { Bytes, Environment } from '../environment/environment.ts';

/** A column family as it is stored. */
export interface Family {
  readonly id: number;
  readonly name: string;
  /** Infinity when its cells are kept. */
  readonly ttlMs: number;
}

const MAX_FAMILIES = 255;

/** A table of the offline store, with the numbers that its families have in stored rows. */
export class OfflineTable {
  readonly name: string;
  readonly rows: Bytes;
  /** True when family ids ascend in the order of their names, so that stored order is delivery order. */
  readonly isOrderedById: boolean;
  readonly #byId: readonly (Family | undefined)[];
  readonly #byName: ReadonlyMap<string, Family>;
  readonly #ranks: ReadonlyMap<string, number>;

  constructor(name: string, rows: Bytes, families: readonly Family[]) {
    this.name = name;
    this.rows = rows;
    const byId: (Family | undefined)[] = [];
    for (const family of families) byId[family.id] = family;
    this.#byId = byId;
    this.#byName = new Map(families.map((family) => [family.name, family]));
    const sorted = [...families].sort((a, b) => (a.name < b.name ? -1 : 1));
    this.#ranks = new Map(sorted.map((family, rank) => [family.name, rank]));
    this.isOrderedById = sorted.every((family, rank) => rank === 0 || sorted[rank - 1]!.id < family.id);
  }

  /** The family of a stored number; one that another process added meanwhile is kept without limit until ensured here. */
  familyOf(id: number): Family {
    return this.#byId[id] ?? { id, name: `#${id}`, ttlMs: Infinity };
  }

  /** True when some of its cells expire. */
  get expires(): boolean {
    return [...this.#byName.values()].some(({ ttlMs }) => ttlMs !== Infinity);
  }

  rankOf(name: string): number {
    return this.#ranks.get(name) ?? Infinity;
  }

  /** @throws MilongaError `MILONGA_DEFINITION_INVALID` for a family that the table does not have. */
  family(name: string): Family {
    const family = this.#byName.get(name);
    if (family !== undefined) return family;
    throw new MilongaError(
      'MILONGA_DEFINITION_INVALID',
      `Table "${this.name}" of the offline store has no family "${name}"; it has ${[...this.#byName.keys()].join(', ')}. Name it in ensureTables.`,
    );
  }

  familyIds(names: readonly string[] | undefined): ReadonlySet<number> | undefined {
    return names === undefined ? undefined : new Set(names.map((name) => this.family(name).id));
  }
}

/** Creates a table or adds the families that it lacks; numbers that families have already stay theirs. */
export async function ensureTable(
  environment: Environment,
  tables: Bytes,
  definition: WideTable,
): Promise<OfflineTable> {
  if (definition.name === '' || Buffer.byteLength(definition.name) > 400) {
    throw new MilongaError(
      'MILONGA_DEFINITION_INVALID',
      `A table name must have 1 to 400 bytes; found "${definition.name.slice(0, 60)}".`,
    );
  }
  const key = Buffer.from(definition.name);
  const wanted = Object.keys(definition.families).sort();
  const names = await environment.write(() => {
    const stored = tables.getBinary(key);
    const known = stored === undefined ? [] : (JSON.parse(stored.toString()) as string[]);
    const all = [...known, ...wanted.filter((name) => !known.includes(name))];
    if (all.length > MAX_FAMILIES) {
      throw new MilongaError(
        'MILONGA_DEFINITION_INVALID',
        `Table "${definition.name}" would have ${all.length} families; at most ${MAX_FAMILIES} are possible.`,
      );
    }
    if (all.length > known.length || stored === undefined)
      environment.put(tables, key, Buffer.from(JSON.stringify(all)));
    return all;
  });
  const families = names.map((name, id): Family => {
    const family = definition.families[name];
    return { id, name, ttlMs: family !== undefined && 'ttlMs' in family ? family.ttlMs : Infinity };
  });
  return new OfflineTable(definition.name, environment.database(`table/${definition.name}`), families);
}
