import type { Scenario } from './scenario.ts';

/** What a caller sends; the fakes trust it as the core does after parsing. */
export type FakeInput = Record<string, never>;
export type FakeHandlers = Record<string, (input: FakeInput, callId: string) => unknown>;

/** What the fake bridge lends to the fakes that stand in files of their own. */
export interface FakeTools {
  readonly scenario: Scenario;
  /** Tells the window an event of the contract. */
  emit(name: string, payload: unknown): void;
  /** Tells the window that lists of these entities should be read again. */
  changed(...entities: string[]): void;
  /** Takes time, and fails with CANCELLED when the call is cancelled meanwhile. */
  wait(milliseconds: number, callId: string): Promise<void>;
  /** An error of the contract, to be thrown. */
  /** `fields`: what is wrong where, as the core answers it beside the message. */
  refuse(
    code: string,
    message: string,
    advice?: string,
    fields?: readonly (readonly [path: string, why: string])[],
  ): unknown;
  find<T extends { id: string }>(list: T[], wanted: string): T;
  drop<T extends { id: string }>(list: T[], wanted: string): Record<string, never>;
  stamp(): string;
  id(): string;
  base(): { id: string; createdAt: string; updatedAt: string };
}

/**
 * Answers some calls of the contract from the scenario. Runs in the page by its source text, so it can use nothing from
 * outside itself but its tools and types.
 */
export type Fake = (tools: FakeTools) => FakeHandlers;
