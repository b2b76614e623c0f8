import type { Recommender } from '@milonga/core';
import type { Printer } from '../output/printer.ts';
import { table } from '../output/table.ts';

/** `milonga describe`: what stands in the configuration. */
export function describe(recommender: Recommender, printer: Printer): void {
  const content = {
    name: recommender.name,
    roles: recommender.roles.map(({ name, description }) => ({ name, description })),
    adapters: recommender.adapters.map(({ name, provisions }) => ({
      name,
      ports: provisions.map(({ port }) => port.id),
    })),
    events: recommender.events.map(({ name, fields }) => ({ name, fields: Object.keys(fields) })),
    views: recommender.views.map(({ name, entity, fields }) => ({
      name,
      entity: entity.name,
      features: Object.keys(fields),
    })),
    models: recommender.models.map(({ name, algorithm, inputs }) => ({ name, algorithm, inputs: Object.keys(inputs) })),
    pipelines: recommender.pipelines.map(({ name }) => name),
    experiments: recommender.experiments.map(({ name, variants }) => ({
      name,
      variants: variants.map((variant) => variant.name),
    })),
  };
  printer.result(content, () =>
    [
      `Recommender "${content.name}"`,
      '',
      'Roles',
      table(
        ['name', 'what it does'],
        content.roles.map((role) => [role.name, role.description]),
      ),
      '',
      'Adapters',
      table(
        ['name', 'ports'],
        content.adapters.map((adapter) => [adapter.name, adapter.ports.join(' ')]),
      ),
      '',
      'Events',
      table(
        ['name', 'fields'],
        content.events.map((one) => [one.name, one.fields.join(' ')]),
      ),
      '',
      'Views',
      table(
        ['name', 'entity', 'features'],
        content.views.map((view) => [view.name, view.entity, view.features.join(' ')]),
      ),
      '',
      'Models',
      table(
        ['name', 'algorithm', 'reads'],
        content.models.map((model) => [model.name, model.algorithm, model.inputs.join(' ')]),
      ),
      '',
      'Pipelines',
      content.pipelines.join('\n') || 'none',
    ].join('\n'),
  );
}
