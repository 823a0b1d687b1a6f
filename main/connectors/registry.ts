import type { SourceType } from '../../preload/contract/models.ts';
import { commcare } from './commcare/index.ts';
import type { Connector } from './connector.ts';

/** The one list: adding a connector is a folder and a line here. */
const connectors: Readonly<Record<SourceType, Connector>> = { commcare };

export const allConnectors: readonly Connector[] = Object.values(connectors);

export function connectorFor(type: SourceType): Connector {
  return connectors[type];
}
