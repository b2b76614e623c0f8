/** Channel settings: a broken connection is made again soon. gRPC's own are 1 s, growing to 2 minutes. */
export const RECONNECTING: Readonly<Record<string, number>> = {
  'grpc.initial_reconnect_backoff_ms': 50,
  'grpc.min_reconnect_backoff_ms': 50,
  'grpc.max_reconnect_backoff_ms': 2_000,
};
