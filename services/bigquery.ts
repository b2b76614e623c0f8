import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { installFolder, installOnce, isInstalled } from './installing/installation.ts';
import { lacksPython, pythonProgram } from './installing/lacks.ts';
import { loopback } from './machine/ports.ts';
import { processService } from './process-service.ts';
import type { Service, ServicePlace } from './service.ts';

const version = '1.4.0';
const duckdbVersion = '1.5.5';
const id = `bqemulator-${version}`;

/** The project that the stand-in starts with; it takes any other as well. */
const project = 'milonga';

const paths = (place: Pick<ServicePlace, 'cache'>) => {
  const folder = installFolder(place, id);
  return { python: join(folder, 'python', 'bin', 'python'), home: join(folder, 'home') };
};

/** A stand-in for BigQuery over DuckDB. It is not BigQuery: docs/reference/adapters.md tells where it differs. */
export const bigquery: Service<'bigquery'> = processService({
  name: 'bigquery',
  what: 'a stand-in for BigQuery over DuckDB (bqemulator)',
  ports: ['rest', 'grpc'],
  lacks: async (place) => ((await isInstalled(place, id)) ? [] : lacksPython(11)),
  install,
  launch: async (place, { rest, grpc }) => {
    const { python, home } = paths(place);
    const objects = join(place.folder, 'objects');
    await mkdir(objects, { recursive: true });
    const listen = ['--rest-host', loopback, '--rest-port', String(rest), '--grpc-host', loopback];
    const args = ['start', ...listen, '--grpc-port', String(grpc), '--project', project, '--log-level', 'error'];
    const env = { HOME: home, BQEMU_GCS_LOCAL_ROOT: objects };
    return { program: python, args: [join(python, '..', 'bqemulator'), ...args], env };
  },
  address: ({ rest, grpc }) => ({ endpoint: `http://${loopback}:${rest}`, grpc: `${loopback}:${grpc}` }),
});

/** DuckDB fetches its spatial extension when it starts, unless it is in the home folder: there it is put. */
function install(place: ServicePlace): Promise<void> {
  return installOnce(place, id, async (folder, step) => {
    const { python, home } = paths(place);
    await mkdir(home, { recursive: true });
    await step((await pythonProgram())!, ['-m', 'venv', join(folder, 'python')]);
    const duckdb = [`duckdb==${duckdbVersion}`, `duckdb-extension-spatial==${duckdbVersion}`, 'duckdb-extensions'];
    const packages = [`bqemulator==${version}`, 'numpy', ...duckdb];
    await step(python, ['-m', 'pip', 'install', '--disable-pip-version-check', ...packages]);
    const importSpatial = 'from duckdb_extensions import import_extension; import_extension("spatial")';
    await step(python, ['-c', importSpatial], { env: { HOME: home } });
  });
}
