import { MilongaError, type Route } from '@milonga/core';

/** Runs a route's Standard Schema over a parsed body. @throws MilongaError `MILONGA_REQUEST_INVALID` with every issue. */
export async function validateBody(route: Route, body: unknown): Promise<unknown> {
  if (route.body === undefined) return undefined;
  const result = await route.body['~standard'].validate(body);
  if (result.issues === undefined) return result.value;
  const issues = result.issues.map((issue) => ({
    path: (issue.path ?? []).map((part) => {
      const key = typeof part === 'object' ? part.key : part;
      return typeof key === 'symbol' ? String(key) : key;
    }),
    message: issue.message,
  }));
  const first = issues[0];
  throw new MilongaError(
    'MILONGA_REQUEST_INVALID',
    `The body of ${route.method} ${route.path} is not valid: ${first === undefined ? 'it was refused' : `${first.path.join('.') || 'body'}: ${first.message}`}`,
    { issues },
  );
}
