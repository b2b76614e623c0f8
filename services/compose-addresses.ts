import type { ServiceAddresses, ServiceName } from './addresses.ts';

const host = '127.0.0.1';

/** Where `services/compose.yaml` puts each service: the ports are the ones written there. */
export const composeAddresses: ServiceAddresses = {
  redis: { host, port: 6379 },
  'redis-cluster': { nodes: [7000, 7001, 7002, 7003, 7004, 7005].map((port) => ({ host, port })) },
  toxiproxy: { endpoint: `http://${host}:8474` },
  kafka: { brokers: [`${host}:9092`] },
  gcs: { endpoint: `http://${host}:4443` },
  bigtable: { host, port: 8086 },
  pubsub: { host, port: 8085 },
  bigquery: { endpoint: `http://${host}:9050`, grpc: `${host}:9060` },
};

/** Whether the services are those of Docker: `MILONGA_SERVICES_AT=compose`. */
export function areComposed(): boolean {
  return process.env.MILONGA_SERVICES_AT === 'compose';
}

/** What to do where a service of Docker does not answer. */
export function composeAdvice(name: ServiceName): string {
  return `docker compose -f services/compose.yaml up --detach --wait ${name}`;
}
