import { type Durability, Environment } from '../environment/environment.ts';
import { WriteQueue } from '../environment/write-queue.ts';
import { EventLog } from './event-log.ts';
import { LogSignal } from './log-signal.ts';
import { type TopicDefaults, Topics } from './topics.ts';

/** An open event log: what the sink and the source share. */
export class LogHandle {
  readonly environment: Environment;
  readonly topics: Topics;
  readonly log: EventLog;
  /** First come, first served: events of one key must lie in the order of the calls. */
  readonly queue: WriteQueue;
  readonly signal: LogSignal;

  #closing: Promise<void> | undefined;

  private constructor(environment: Environment, defaults: TopicDefaults) {
    this.environment = environment;
    this.topics = new Topics(environment, defaults);
    this.log = environment.shared('log', () => new EventLog(environment));
    this.queue = environment.shared('queue', () => new WriteQueue(environment, 'first-come'));
    this.signal = environment.shared('signal', () => new LogSignal());
  }

  static async open(dir: string, durability: Durability, defaults: TopicDefaults): Promise<LogHandle> {
    return new LogHandle(await Environment.open(dir, 'log', durability), defaults);
  }

  get isOpen(): boolean {
    return this.#closing === undefined;
  }

  /** Waits for what is being published. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= this.queue.drained().then(() => this.environment.close());
    return this.#closing;
  }
}
