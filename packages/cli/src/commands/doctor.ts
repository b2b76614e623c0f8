import {
  CurrentRecommender,
  Logger,
  MilongaError,
  messageOf,
  type Port,
  type Recommender,
  silentLogger,
} from '@milonga/core';
import { type App, createApp, defineAdapter, provide } from '@milonga/core/app';
import type { Printer } from '../output/printer.ts';
import { table } from '../output/table.ts';

/** What was found of one port. */
export interface PortFinding {
  readonly port: string;
  readonly neededBy: readonly string[];
  readonly adapter: string | undefined;
  readonly isHealthy: boolean;
  readonly finding: string;
}

/** Checks the wiring, then creates every port that a role needs and says in words what is wrong. */
export async function examine(recommender: Recommender): Promise<readonly PortFinding[]> {
  const needs = new Map<Port<unknown>, string[]>();
  for (const role of recommender.roles) {
    for (const port of role.needs(recommender)) needs.set(port, [...(needs.get(port) ?? []), role.name]);
  }
  const own = defineAdapter('process', [
    provide(CurrentRecommender, { create: () => recommender }),
    provide(Logger, { create: () => silentLogger }),
  ]);
  let app: App;
  try {
    app = createApp([own, ...recommender.adapters], { requires: [...needs.keys()] });
  } catch (error) {
    return [{ port: 'wiring', neededBy: [], adapter: undefined, isHealthy: false, finding: messageOf(error) }];
  }
  try {
    const findings: PortFinding[] = [];
    for (const [port, neededBy] of needs) {
      const error = await app.resolve({ port }).then(
        () => undefined,
        (failure: unknown) => failure,
      );
      const finding =
        error === undefined ? 'ok' : `${MilongaError.isInstance(error) ? `${error.code}: ` : ''}${messageOf(error)}`;
      findings.push({
        port: port.id,
        neededBy,
        adapter: app.providerOf(port),
        isHealthy: error === undefined,
        finding,
      });
    }
    return findings;
  } finally {
    await app.close();
  }
}

/** `milonga doctor`. @returns the exit code: 0 when all is well, 1 otherwise. */
export async function doctor(recommender: Recommender, printer: Printer): Promise<number> {
  const findings = await examine(recommender);
  const broken = findings.filter((finding) => !finding.isHealthy).length;
  printer.result({ recommender: recommender.name, findings, isHealthy: broken === 0 }, () =>
    [
      table(
        ['port', 'adapter', 'needed by', 'finding'],
        findings.map(({ port, adapter, neededBy, finding }) => [port, adapter, neededBy.join(' '), finding]),
      ),
      '',
      broken === 0
        ? `${recommender.name} is well: ${findings.length} ports were created.`
        : `${broken} of ${findings.length} ports are not well.`,
    ].join('\n'),
  );
  return broken === 0 ? 0 : 1;
}
