import type { ModelManifest } from '../model/manifest.ts';
import type { AliasEntry, VersionRecord } from '../ports/model-registry.ts';

type Stored = Readonly<Record<string, unknown>>;

const isText = (value: unknown): value is string => typeof value === 'string';
const isList = (value: unknown): boolean => Array.isArray(value);

/** A manifest that this release can read. What else stands in it is the business of those who use it. */
export const isManifest = (value: Stored): value is Stored & ModelManifest =>
  value.format === 1 &&
  isText(value.model) &&
  isText(value.version) &&
  isText(value.runtime) &&
  isText(value.fingerprint) &&
  isText(value.baselineFile) &&
  Number.isFinite(value.createdAt) &&
  isList(value.files) &&
  isList(value.outputs);

export const isAliasEntry = (value: Stored): value is Stored & AliasEntry =>
  isText(value.model) &&
  isText(value.alias) &&
  (value.version === undefined || isText(value.version)) &&
  Number.isInteger(value.revision) &&
  Number.isFinite(value.movedAt);

export const isVersionRecord = (value: Stored): value is Stored & VersionRecord =>
  isText(value.version) && isText(value.kind) && isText(value.outcome) && isText(value.reason);
