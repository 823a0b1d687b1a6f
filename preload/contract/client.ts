import { type CallName, callNames } from './channels.ts';
import type { Envelope, ErrorCode, ErrorKind, QueryProblem, WireError } from './errors.ts';
import type { Input, Output } from './methods.ts';
import type { Said } from './said.ts';

/** A failed call on the caller's side of the bridge. */
export class CallError extends Error {
  override readonly name = 'CallError';
  readonly code: ErrorCode;
  readonly kind: ErrorKind;
  readonly advice: string;
  /** What happened, and what to do next, to be written in the reader's language. */
  readonly said: Said | undefined;
  readonly advised: Said | undefined;
  readonly correlationId: string | undefined;
  /** Of a query: which check refused it or what its trouble is, and where. */
  readonly query: QueryProblem | undefined;
  /** All of it, as it came. */
  readonly wire: WireError;
  constructor(error: WireError) {
    super(error.message);
    this.wire = error;
    this.code = error.code;
    this.kind = error.kind;
    this.advice = error.advice;
    this.said = error.said;
    this.advised = error.advised;
    this.correlationId = error.correlationId;
    this.query = error.query;
  }
}

/** Carries one call to the main process. `callId` is unique per call and is what `cancel` takes. */
export interface Transport {
  invoke(name: CallName, input: unknown, callId: string): Promise<Envelope<unknown>>;
  cancel(callId: string): void;
}

export interface CallOptions {
  /** Aborting it cancels the call in the main process; the call then fails with CANCELLED. */
  readonly signal?: AbortSignal;
}

type Call<N extends CallName> =
  Record<string, never> extends Input<N>
    ? (input?: Input<N>, options?: CallOptions) => Promise<Output<N>>
    : (input: Input<N>, options?: CallOptions) => Promise<Output<N>>;

type Namespace = CallName extends `${infer S}.${string}` ? S : never;
type Verb<S extends Namespace> = Extract<CallName, `${S}.${string}`> extends `${S}.${infer V}` ? V : never;

/** `client.connections.test({id})`: one typed function per call of the contract. */
export type Client = {
  readonly [S in Namespace]: {
    readonly [V in Verb<S>]: `${S}.${V}` extends CallName ? Call<`${S}.${V}` & CallName> : never;
  };
};

/** Makes the typed client used by the window, the command line and the tests. Throws {@link CallError}. */
export function createClient(transport: Transport, newCallId: () => string): Client {
  const client: Record<string, Record<string, unknown>> = {};
  for (const name of callNames) {
    const [space, verb] = name.split('.') as [string, string];
    client[space] ??= {};
    client[space][verb] = async (input: unknown = {}, options: CallOptions = {}) => {
      const callId = newCallId();
      const abort = () => transport.cancel(callId);
      if (options.signal?.aborted) {
        throw new CallError({
          code: 'CANCELLED',
          kind: 'config',
          message: 'The call was cancelled.',
          advice: '',
        });
      }
      options.signal?.addEventListener('abort', abort, { once: true });
      try {
        const answer = await transport.invoke(name, input, callId);
        if (!answer.ok) throw new CallError(answer.error);
        return answer.data;
      } finally {
        options.signal?.removeEventListener('abort', abort);
      }
    };
  }
  return client as unknown as Client;
}
