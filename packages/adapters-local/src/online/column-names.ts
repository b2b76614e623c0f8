import { MilongaError } from '@milonga/core';
import type { BytesByName, Environment } from '../environment/environment.ts';
import { FIRST_NAME } from '../environment/keys.ts';

const MAX_COLUMNS = 0xffff;
const MAX_NAME_BYTES = 400;

/** Small numbers for the names of columns, so that rows need not repeat them. Kept in the store; never changed. */
export class ColumnNames {
  readonly #environment: Environment;
  readonly #stored: BytesByName;
  readonly #known = new Map<string, number>();

  constructor(environment: Environment) {
    this.#environment = environment;
    this.#stored = environment.databaseByName('columns');
  }

  /** The column's number; `undefined` when no row has ever had it. */
  find(name: string): number | undefined {
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const stored = isName(name) ? this.#stored.getBinary(name) : undefined;
    if (stored === undefined) return undefined;
    const id = stored.readUInt16LE(0);
    this.#known.set(name, id);
    return id;
  }

  /** Gives every name a number, durably, before a row uses it. */
  async ensure(names: ReadonlySet<string>): Promise<void> {
    const missing = [...names].filter((name) => this.find(name) === undefined);
    if (missing.length === 0) return;
    for (const name of missing) if (!isName(name)) throw notAName(name);
    await this.#environment.write(() => {
      let next = this.#stored.getKeysCount({ start: FIRST_NAME });
      for (const name of missing) {
        if (this.#stored.getBinary(name) !== undefined) continue;
        if (next >= MAX_COLUMNS) throw tooMany();
        const id = Buffer.alloc(2);
        id.writeUInt16LE(next++);
        this.#environment.put(this.#stored, name, id);
      }
    });
  }
}

const isName = (name: string): boolean => name !== '' && Buffer.byteLength(name) <= MAX_NAME_BYTES;

const notAName = (found: string): MilongaError =>
  new MilongaError(
    'MILONGA_KEY_INVALID',
    `A column name must have 1 to ${MAX_NAME_BYTES} bytes; found "${found.slice(0, 60)}".`,
  );

const tooMany = (): MilongaError =>
  new MilongaError(
    'MILONGA_DEFINITION_INVALID',
    `The online store has ${MAX_COLUMNS} column names; columns are for views, put entities into keys.`,
  );
