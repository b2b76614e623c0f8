/**
 * Every error code that a `MilongaError` can carry, with one line on what it means and what to do.
 *
 * `docs/reference/errors.md` is generated from this object; a check in CI holds the two together. A code is never
 * reused for another meaning: programs match on it.
 */
export const ERROR_CODES = {
  MILONGA_WIRING_PORT_MISSING: 'No loaded adapter provides a port that something needs. Add an adapter that does.',
  MILONGA_WIRING_CYCLE: 'Adapters need each other in a circle. Break it by splitting one provision in two.',
  MILONGA_WIRING_CREATE_FAILED: 'An adapter could not create its port object; the cause says why.',
  MILONGA_WIRING_CLOSED: 'The app was closed; its port objects can no longer be resolved.',
  MILONGA_DEFINITION_INVALID:
    'A definition (event, view, model, pipeline, recommender) contradicts itself; the message names the field.',
  MILONGA_SCHEMA_INVALID:
    'A value does not match its schema; `issues` lists each path with what was expected and found.',
  MILONGA_FRAME_COLUMN_MISSING: 'A frame was asked for a column that it does not have.',
  MILONGA_FRAME_SHAPE: 'Columns or frames of different lengths or types were put together.',
  MILONGA_FRAME_VALUE: 'A value does not have the type of the column that it was put in.',
  MILONGA_FRAME_ROW_ESCAPED:
    'A row of a frame was read after its loop. Rows are views for one call; keep values, or use toRows().',
  MILONGA_ROW_CORRUPT: 'Bytes are not an encoded row, or were damaged since.',
  MILONGA_ROW_FINGERPRINT: 'An encoded row was written with other fields than it is read with.',
  MILONGA_ARROW_CORRUPT: 'Bytes are not a valid Arrow IPC stream: cut off, damaged, or something else.',
  MILONGA_ARROW_UNSUPPORTED:
    'An Arrow stream has a type or feature that frames do not have. Cast it where it is written.',
  MILONGA_DEADLINE_EXCEEDED:
    'The time limit ran out before the work was done. Retry with a larger budget, or look at what was slow.',
  MILONGA_ABORTED: 'The caller cancelled the work through its signal.',
  MILONGA_CLOSED: 'The object was used after it was closed.',
  MILONGA_EVENT_SINK_UNAVAILABLE: 'The event log cannot take events now; nothing of the batch was acknowledged. Retry.',
  MILONGA_EVENT_SOURCE_UNAVAILABLE: 'The event log cannot be read now. Retry.',
  MILONGA_OFFLINE_STORE_UNAVAILABLE: 'The offline store cannot answer now. Retry.',
  MILONGA_ONLINE_STORE_UNAVAILABLE: 'The online store cannot answer now. Retry.',
  MILONGA_ONLINE_STORE_TIMEOUT: 'The online store did not answer within the limit.',
  MILONGA_LEASE_UNAVAILABLE:
    'Leases cannot be taken or renewed now. Retry; a lease that cannot be renewed in time is lost.',
  MILONGA_STORAGE_FULL:
    'The disk or quota behind an adapter is full. What was acknowledged is safe; free space, then retry.',
  MILONGA_STORAGE_CORRUPT: 'Stored bytes cannot be decoded or fail their checksum.',
  MILONGA_STORAGE_INCOMPATIBLE:
    'A directory was written by another version or with other settings; the message says which. Open it with those.',
  MILONGA_KEY_INVALID: 'A key is empty or longer than the store takes; the message gives the limit.',
  MILONGA_LAKE_QUERY_FAILED: 'The lake refused a query; the cause carries the message of its engine.',
  MILONGA_LAKE_APPEND_FAILED: 'The lake could not take a batch; nothing of it is visible. Retry.',
  MILONGA_LAKE_APPEND_OVERLAPS:
    'A batch has offsets that the table has already; nothing of it was appended. Ask for the positions, and append what comes after.',
  MILONGA_ARTIFACT_EXISTS: 'An artifact of this name exists already; artifacts are immutable.',
  MILONGA_ARTIFACT_MISSING: 'No artifact of this name exists.',
  MILONGA_ARTIFACT_CORRUPT: 'An artifact does not match the checksum in its manifest; it is not loaded.',
  MILONGA_ARTIFACT_STORE_UNAVAILABLE: 'The artifact store cannot answer now. Retry.',
  MILONGA_ARTIFACT_NAME_INVALID:
    'An artifact name must be a relative path of letters, digits, ".", "_", "-" and "/", without "..".',
  MILONGA_REGISTRY_CONFLICT: 'An alias was moved by somebody else in the meantime. Read it again, then decide.',
  MILONGA_MODEL_UNKNOWN: 'No model of this name is defined.',
  MILONGA_MODEL_VERSION_UNKNOWN: 'The registry has no such version of the model.',
  MILONGA_MODEL_NOT_LOADED: 'No version of the model is live yet; train one, or promote one.',
  MILONGA_MODEL_INCOMPATIBLE: 'A version was trained for other inputs than those that are served now; train it again.',
  MILONGA_TRAINING_FAILED: 'A training run ended without a version; the cause says where.',
  MILONGA_TRAINING_DATA_EMPTY: 'The training set has no rows for the period.',
  MILONGA_SWAP_REJECTED:
    'A version failed a check before taking traffic and stays out; the reason is recorded on the version.',
  MILONGA_PIPELINE_UNKNOWN: 'No pipeline of this name is defined.',
  MILONGA_PIPELINE_STAGE_FAILED: 'A stage that may not be skipped failed; the cause is its error.',
  MILONGA_PIPELINE_OVERLOADED: 'Too many requests are in flight; retry after the stated time.',
  MILONGA_REQUEST_INVALID: 'The request is not valid; `issues` lists what is wrong.',
  MILONGA_REQUEST_TOO_LARGE: 'The request body is larger than the server takes.',
  MILONGA_ROLE_UNKNOWN: 'The recommender has no role of this name.',
  MILONGA_CONFIG_INVALID: 'The configuration file does not export a recommender.',
  MILONGA_INTERNAL: 'A defect in Milonga itself; please report it with the message.',
} as const;

/** A key of {@link ERROR_CODES}. */
export type ErrorCode = keyof typeof ERROR_CODES;
