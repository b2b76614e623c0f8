import type { Bigtable, protos, v2 } from '@google-cloud/bigtable';
import { RECONNECTING } from '../../grpc/reconnecting.ts';
import type { BigtableAdapterOptions } from '../bigtable-options.ts';
import { loadBigtable } from './load-bigtable.ts';

export type DataClient = InstanceType<typeof v2.BigtableClient>;
export type TableAdminClient = InstanceType<typeof v2.BigtableTableAdminClient>;
export type Data = typeof protos.google.bigtable.v2;

/**
 * The generated clients for rows and for tables. They are made from the settings of a `Bigtable` client and are our own, so
 * that closing them leaves that client as it was.
 */
export class BigtableConnection {
  readonly data: DataClient;
  readonly admin: TableAdminClient;
  /** `projects/…/instances/…` */
  readonly instanceName: string;
  /** What every call about rows carries beside its table. */
  readonly routing: { readonly appProfileId?: string };

  private constructor(data: DataClient, admin: TableAdminClient, instanceName: string, appProfileId?: string) {
    this.data = data;
    this.admin = admin;
    this.instanceName = instanceName;
    this.routing = appProfileId === undefined ? {} : { appProfileId };
  }

  /** Loads the SDK and makes the clients; connects at the first call. */
  static async open(options: BigtableAdapterOptions): Promise<BigtableConnection> {
    const sdk = await loadBigtable();
    const client = await clientOf(options, sdk.Bigtable);
    const settings = client.options;
    const data = new sdk.v2.BigtableClient({ ...RECONNECTING, ...settings.BigtableClient });
    const admin = new sdk.v2.BigtableTableAdminClient({ ...RECONNECTING, ...settings.BigtableTableAdminClient });
    const project = /^\{\{.*\}\}$/.test(client.projectId) ? await data.getProjectId() : client.projectId;
    const name = `projects/${project}/instances/${options.instance}`;
    return new BigtableConnection(data, admin, name, options.appProfileId ?? client.appProfileId);
  }

  async close(): Promise<void> {
    await Promise.all([this.data.close(), this.admin.close()]);
  }
}

async function clientOf(options: BigtableAdapterOptions, Sdk: typeof Bigtable): Promise<Bigtable> {
  const { client } = options;
  if (client === undefined) return new Sdk({ ...options.clientOptions, metricsEnabled: false });
  return typeof client === 'function' ? client() : client;
}
