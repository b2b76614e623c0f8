import type { ServiceAddresses, ServiceName } from './addresses.ts';

/** Something that a service needs and this machine does not have, in words. */
export interface Lack {
  /** What is missing, as in "Java 11 or newer". */
  readonly what: string;
  /** How to get it, one way for each kind of machine. */
  readonly how: string;
}

/** Where a service's files are, and how it speaks to whoever started it. */
export interface ServicePlace {
  /** The running instance: data, logs, pid files, ports. */
  readonly folder: string;
  /** What was installed, kept between runs and shared by all instances. */
  readonly cache: string;
  /** Prints a line of progress. */
  readonly say: (line: string) => void;
  /** Aborts what takes long: an installation, a start. */
  readonly signal: AbortSignal;
}

/** A real service, or the stand-in that its maker offers, that runs on this machine alone. */
export interface Service<Name extends ServiceName = ServiceName> {
  readonly name: Name;
  /** What runs under that name, for people. */
  readonly what: string;
  /** What the machine lacks to install or run it; empty where nothing. What is installed already is not lacking. */
  lacks(place: ServicePlace): Promise<readonly Lack[]>;
  /** Gets the programs into the cache; does nothing where they are there. */
  install(place: ServicePlace): Promise<void>;
  /** Starts whatever of it does not run, at the ports it had where they are free, and returns when it serves. */
  start(place: ServicePlace): Promise<ServiceAddresses[Name]>;
  /** Ends all its processes; does nothing where none runs. */
  stop(place: ServicePlace): Promise<void>;
  /** Whether every process of it runs and answers. */
  isAlive(place: ServicePlace): Promise<boolean>;
}
