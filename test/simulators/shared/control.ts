import type { FaultList } from './faults.ts';
import { type Call, json, type Reply } from './http.ts';
import type { StatsBook } from './stats.ts';
import type { FaultRule, Json, OAuthHelpers } from './types.ts';

/** What the simulator-only paths reach. */
export interface Controls<K extends string> {
  readonly faults: FaultList<K>;
  readonly stats: StatsBook<K>;
  readonly oauth: OAuthHelpers;
  /** Changes rows while clients read them; what can be asked for is each server's own. */
  change(wanted: unknown): void;
}

/**
 * Paths that exist on the simulator only, for a server in a child process; it listens on 127.0.0.1 alone.
 * `POST /_sim/faults` (a rule or a list), `POST /_sim/clear`, `POST /_sim/latency {"ms"}`,
 * `POST /_sim/tokens {"username"?}` (a token pair without consent), `POST /_sim/expire {"accessToken"}`,
 * `POST /_sim/change {…}`, `GET /_sim/stats`.
 */
export function control<K extends string>(call: Call, controls: Controls<K>): Reply {
  try {
    return answer(call, controls);
  } catch (error) {
    return json(400, { error: error instanceof Error ? error.message : String(error) });
  }
}

function answer<K extends string>(call: Call, { faults, stats, oauth, change }: Controls<K>): Reply {
  const action = `${call.method} ${call.path.replace(/\/$/, '')}`;
  if (action === 'GET /_sim/stats')
    return json(200, { ...(stats.toJSON() as unknown as Record<string, Json>), fired: faults.fired });
  if (action === 'POST /_sim/clear') {
    faults.clear();
    faults.setLatency(0);
    return json(200, {});
  }
  const body: unknown = call.body === '' ? {} : JSON.parse(call.body);
  if (action === 'POST /_sim/faults') {
    faults.add(...((Array.isArray(body) ? body : [body]) as FaultRule<K>[]));
    return json(200, {});
  }
  if (action === 'POST /_sim/latency') {
    faults.setLatency(Number((body as { readonly ms?: number }).ms ?? 0));
    return json(200, {});
  }
  if (action === 'POST /_sim/tokens') {
    return json(200, { ...oauth.issueTokens((body as { readonly username?: string }).username) });
  }
  if (action === 'POST /_sim/expire') {
    oauth.expire((body as { readonly accessToken?: string }).accessToken ?? '');
    return json(200, {});
  }
  if (action === 'POST /_sim/change') {
    change(body);
    return json(200, {});
  }
  return json(404, { error: 'No such control' });
}
