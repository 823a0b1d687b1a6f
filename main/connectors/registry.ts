import { say } from '../../preload/messages/said.ts';
import { AppError } from '../errors.ts';
import { commcare } from './commcare/index.ts';
import { commcareConnect } from './commcare-connect/index.ts';
import type { Connector } from './connector.ts';
import { odkCentral } from './odk-central/index.ts';
import { tables } from './tables/index.ts';

/** The one list: adding a connector is a folder and a line here. */
export const allConnectors: readonly Connector[] = [commcare, commcareConnect, odkCentral, tables];

/** Fails with INPUT_INVALID, naming the ones there are. */
export function connectorFor(type: string): Connector {
  const found = allConnectors.find((connector) => connector.type === type);
  if (found) return found;
  const known = allConnectors.map((connector) => connector.type).join(', ');
  throw new AppError('INPUT_INVALID', say('source.noKindSource', { type }), {
    advice: say('source.noKindSource.advice', { known }),
  });
}
