import type { z } from 'zod';
import type { CallName } from './channels.ts';
import type { Method } from './method.ts';
import { agentMethods } from './methods/agents.ts';
import { browseMethods } from './methods/browse.ts';
import { connectionMethods } from './methods/connections.ts';
import { dataMethods } from './methods/data.ts';
import { dictionaryMethods } from './methods/dictionary.ts';
import { noticeMethods } from './methods/notices.ts';
import { queryMethods } from './methods/query.ts';
import { sampleMethods } from './methods/sample.ts';
import { workspaceMethods } from './methods/workspace.ts';

/** One entry per call of the bridge: who may, what goes in, what comes out. */
export const methods = {
  ...workspaceMethods,
  ...agentMethods,
  ...connectionMethods,
  ...browseMethods,
  ...dataMethods,
  ...dictionaryMethods,
  ...noticeMethods,
  ...queryMethods,
  ...sampleMethods,
} as const satisfies Record<CallName, Method>;

export type Methods = typeof methods;
export type Input<N extends CallName> = z.input<Methods[N]['input']>;
/** What a service receives: parsed, with defaults filled in. */
export type Parsed<N extends CallName> = z.output<Methods[N]['input']>;
export type Output<N extends CallName> = z.output<Methods[N]['output']>;
