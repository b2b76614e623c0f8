import { join } from 'node:path';
import ts from 'typescript';
import type { Check } from './check.ts';
import { publishedPackages } from './workspace.ts';

/** One name that a user can import. */
interface Exported {
  /** Such as `@milonga/core/app`. */
  readonly from: string;
  readonly name: string;
  readonly isDocumented: boolean;
  readonly hasExample: boolean;
}

const options: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2024,
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  customConditions: ['@milonga/source'],
  allowImportingTsExtensions: true,
  noEmit: true,
  noLib: true,
  types: [],
};

/** The source file of every entry of every exports map, by the name that users import. */
const entriesOf = (root: string): Map<string, string> => {
  const entries = new Map<string, string>();
  for (const { folder, manifest } of publishedPackages(root)) {
    for (const [subpath, target] of Object.entries(manifest.exports ?? {})) {
      const source = typeof target === 'string' ? undefined : target['@milonga/source'];
      if (source) entries.set(`${manifest.name}${subpath.slice(1)}`, join(root, folder, source));
    }
  }
  return entries;
};

const describe = (checker: ts.TypeChecker, from: string, symbol: ts.Symbol): Exported => {
  const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
  return {
    from,
    name: symbol.name,
    isDocumented: target.getDocumentationComment(checker).length > 0,
    hasExample: target.getJsDocTags(checker).some(({ name }) => name === 'example'),
  };
};

const exportedNames = (root: string): Exported[] => {
  const entries = entriesOf(root);
  const program = ts.createProgram([...entries.values()], options);
  const checker = program.getTypeChecker();
  return [...entries].flatMap(([from, file]) => {
    const source = program.getSourceFile(file);
    const module = source && checker.getSymbolAtLocation(source);
    return module ? checker.getExportsOfModule(module).map((symbol) => describe(checker, from, symbol)) : [];
  });
};

export const documentedExports: Check = {
  name: 'documented-exports',
  rule: 'Every public name has a doc comment.',
  run: (root) => {
    const exported = exportedNames(root);
    const problems = exported
      .filter(({ isDocumented }) => !isDocumented)
      .map(
        ({ from, name }) => `${name} of ${from} has no doc comment; say in a sentence what it is and when to use it.`,
      );
    const examples = exported.filter(({ hasExample }) => hasExample).length;
    return { problems, note: `${exported.length} names, ${examples} with an example` };
  },
};
