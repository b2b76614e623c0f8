import { linkSync, mkdirSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MilongaError, messageOf } from '@milonga/core';
import { storageError } from './storage-errors.ts';

/** Grows whenever a release can no longer read what an earlier one wrote. */
const FORMAT = 1;
const NAME = 'milonga-format.json';

/**
 * Makes `dir` if it is missing and marks it as ours, or checks the mark that is there.
 *
 * @throws MilongaError `MILONGA_STORAGE_INCOMPATIBLE` for a directory of another format.
 */
export function claimDirectory(dir: string): void {
  const path = join(dir, NAME);
  try {
    mkdirSync(dir, { recursive: true });
    const found = read(path);
    if (found === undefined) create(path);
    else check(dir, found);
  } catch (error) {
    throw storageError(error, path);
  }
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Whole or not at all, and one of two racing processes wins: the content is written aside, then linked into place. */
function create(path: string): void {
  const aside = `${path}.${process.pid}.${Math.random().toString(36).slice(2)}`;
  writeFileSync(
    aside,
    `${JSON.stringify({ format: FORMAT, note: 'Written by @milonga/adapters-local; do not edit.' })}\n`,
  );
  try {
    linkSync(aside, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    unlinkSync(aside);
  }
}

function check(dir: string, text: string): void {
  let format: unknown;
  try {
    format = (JSON.parse(text) as { format?: unknown } | null)?.format;
  } catch (error) {
    throw incompatible(dir, `an unreadable ${NAME} (${messageOf(error)})`);
  }
  if (format !== FORMAT) throw incompatible(dir, `format ${String(format)}`);
}

const incompatible = (dir: string, found: string): MilongaError =>
  new MilongaError(
    'MILONGA_STORAGE_INCOMPATIBLE',
    `The directory "${dir}" must hold data of format ${FORMAT}; found ${found}. Use the release that wrote it, or another \`dir\`.`,
  );
