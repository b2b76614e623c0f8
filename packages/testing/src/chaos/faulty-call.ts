import { type ErrorCode, MilongaError } from '@milonga/core';
import type { Fault, FaultPlan } from './fault-plan.ts';

/** One call of a port, as the fault layer sees it. */
export interface Call<T> {
  /** Name for the plan and for messages, such as `OnlineStore.readRows`. */
  readonly method: string;
  /** The code by which the port says that it cannot answer now. */
  readonly unavailable: ErrorCode;
  /** Whether the contract lets a caller send it again without knowing what became of it. */
  readonly isIdempotent: boolean;
  readonly signal: AbortSignal | undefined;
  readonly invoke: (signal: AbortSignal | undefined) => Promise<T>;
  /** Which faults may strike. Default: all that the contract allows for such a call. */
  readonly possible?: readonly Fault[];
  /** Does the first half of a batch; absent for calls without halves. */
  readonly half?: () => Promise<unknown>;
}

/** Puts one call through what the plan has for it. Rejects with the port's own code, retryable, where the fault shows. */
export async function faultyCall<T>(plan: FaultPlan, call: Call<T>): Promise<T> {
  for (;;) {
    if (call.signal?.aborted) return call.invoke(call.signal);
    const { fault, shape } = plan.next(call.method, possibleFaults(plan, call));
    const outcome = await strike(plan, call, fault, shape);
    if ('value' in outcome) return outcome.value;
    if (!plan.isRecovering) throw injected(call, outcome.injected);
  }
}

type Outcome<T> = { readonly value: T } | { readonly injected: Fault };

function possibleFaults<T>(plan: FaultPlan, { isIdempotent, half, possible }: Call<T>): readonly Fault[] {
  if (possible) return possible;
  if (plan.isRecovering && !isIdempotent) return ['delay', 'fail-before'];
  const all: readonly Fault[] = ['delay', 'reorder', 'fail-before', 'fail-after', 'cut'];
  return [...all, ...(half ? (['half-apply'] as const) : []), ...(isIdempotent ? (['duplicate'] as const) : [])];
}

async function strike<T>(plan: FaultPlan, call: Call<T>, fault: Fault | undefined, shape: number): Promise<Outcome<T>> {
  if (fault === 'fail-before') return { injected: fault };
  if (fault === 'delay') await new Promise((resolve) => setTimeout(resolve, shape * plan.maxDelayMs));
  if (fault === 'reorder') await plan.holdBack();
  else plan.overtaken();
  if (fault === 'half-apply') {
    await call.half?.();
    return { injected: fault };
  }
  if (fault === 'cut') return cutShort(call, shape * Math.min(3, plan.maxDelayMs));
  if (fault === 'duplicate') await call.invoke(call.signal);
  const value = await call.invoke(call.signal);
  return fault === 'fail-after' ? { injected: fault } : { value };
}

/** Cancels a call while it runs. What it rejects with must be `MILONGA_ABORTED`; anything else goes to the caller. */
async function cutShort<T>(call: Call<T>, afterMs: number): Promise<Outcome<T>> {
  const knife = new AbortController();
  const timer = setTimeout(() => knife.abort(new Error('cut by the fault layer')), afterMs);
  try {
    await call.invoke(call.signal ? AbortSignal.any([call.signal, knife.signal]) : knife.signal);
  } catch (error) {
    const isCut = knife.signal.aborted && MilongaError.isInstance(error) && error.code === 'MILONGA_ABORTED';
    if (!isCut || call.signal?.aborted) throw error;
  } finally {
    clearTimeout(timer);
  }
  return { injected: 'cut' };
}

const injected = <T>({ method, unavailable }: Call<T>, fault: Fault): MilongaError =>
  new MilongaError(unavailable, `${method} failed by a fault that was asked for: ${fault}.`, { isRetryable: true });

/** Puts a stream through the plan: it begins late, fails before it begins, and, where the caller sees errors, midway. */
export async function* faultyStream<T>(
  plan: FaultPlan,
  call: Omit<Call<void>, 'invoke' | 'isIdempotent'>,
  open: () => AsyncIterable<T>,
): AsyncGenerator<T> {
  await faultyCall(plan, { ...call, isIdempotent: false, invoke: async () => {} });
  for await (const item of open()) {
    yield item;
    const { fault } = plan.next(
      `${call.method} next`,
      plan.isRecovering || call.possible ? ['delay'] : ['delay', 'cut'],
    );
    if (fault === 'delay') await new Promise((resolve) => setTimeout(resolve, 1));
    if (fault === 'cut') throw injected({ ...call, isIdempotent: true, invoke: async () => {} }, fault);
  }
}
