export { type Authorise, bearerToken } from './http/authorise.ts';
export { createServer } from './http/create-server.ts';
export { type ErrorBody, type ErrorReply, errorReply } from './http/error-reply.ts';
export type { HttpOptions, RoleStatus, ServerContent } from './http/http-options.ts';
export { type LoggingOptions, type OwnedLogger, pinoLogger } from './logging/pino-logger.ts';
export { runUntilSignal } from './run/run-until-signal.ts';
export { type RunningRecommender, type StartOptions, startRecommender } from './run/start-recommender.ts';
export { registerTelemetry, type Telemetry, type TelemetryOptions } from './telemetry/register-telemetry.ts';
