/** Where the reference of error codes stands, relative to the repository. */
export const errorReferencePath = 'docs/reference/errors.md';

const introduction = `# Error codes

Every error that Milonga throws is a \`MilongaError\` whose \`code\` is one of these. A code is never reused for another
meaning, so a program may match on it.

<!-- Generated from packages/core/src/errors/codes.ts by \`npm run docs:errors\`; edit the meanings there. -->
`;

/** The page that documents every error code, from the codes and their meanings. */
export const errorReference = (codes: Readonly<Record<string, string>>): string => {
  const sections = Object.entries(codes).map(([code, meaning]) => `## \`${code}\`\n\n${meaning}\n`);
  return [introduction, ...sections].join('\n');
};

/** Reads the codes from core's source. */
export const readErrorCodes = async (root: string): Promise<Readonly<Record<string, string>>> => {
  const module: unknown = await import(`${root}/packages/core/src/errors/codes.ts`);
  return (module as { readonly ERROR_CODES: Readonly<Record<string, string>> }).ERROR_CODES;
};
