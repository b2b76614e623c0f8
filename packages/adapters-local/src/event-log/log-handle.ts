import { type Durability, Environment } from '../environment/environment.ts';
import { EventLog } from './event-log.ts';
import { LogSignal } from './log-signal.ts';
import { type TopicDefaults, Topics } from './topics.ts';

/** An open event log: what a sink or a source stands on. */
export class LogHandle {
  readonly environment: Environment;
  readonly topics: Topics;
  readonly log: EventLog;
  /** What all handles in this process share. */
  readonly signal: LogSignal;
  #closing: Promise<void> | undefined;

  private constructor(environment: Environment, defaults: TopicDefaults) {
    this.environment = environment;
    this.topics = new Topics(environment, defaults);
    this.log = new EventLog(environment);
    this.signal = environment.shared('signal', () => new LogSignal());
  }

  static async open(
    dir: string,
    durability: Durability,
    end: 'sink' | 'source',
    defaults: TopicDefaults,
  ): Promise<LogHandle> {
    const unavailable = end === 'sink' ? 'MILONGA_EVENT_SINK_UNAVAILABLE' : 'MILONGA_EVENT_SOURCE_UNAVAILABLE';
    return new LogHandle(await Environment.open(dir, 'log', durability, unavailable), defaults);
  }

  get isOpen(): boolean {
    return this.#closing === undefined;
  }

  /** Closes after what `first` waits for; calls are refused at once. Idempotent. */
  close(first: Promise<void> = Promise.resolve()): Promise<void> {
    this.#closing ??= first.then(() => this.environment.close());
    return this.#closing;
  }
}
