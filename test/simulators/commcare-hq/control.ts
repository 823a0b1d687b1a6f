import type { FaultList } from './faults.ts';
import { type Call, json, type Reply } from './http.ts';
import type { StatsBook } from './stats.ts';
import type { DomainHandle, FaultRule, Json, OAuthHelpers, Resource } from './types.ts';

/** What the simulator-only paths reach. */
export interface Controls {
  readonly faults: FaultList;
  readonly stats: StatsBook;
  readonly oauth: OAuthHelpers;
  domain(name: string): DomainHandle;
}

interface Change {
  readonly domain: string;
  readonly action: 'touch' | 'edit' | 'vanish' | 'archive' | 'add' | 'reindex';
  readonly resource?: Resource;
  readonly indexes?: readonly number[];
  readonly ids?: readonly string[];
  readonly count?: number;
}

/**
 * Paths that exist on the simulator only, for a server in a child process; it listens on 127.0.0.1 alone.
 * `POST /_sim/faults` (a rule or a list), `POST /_sim/clear`, `POST /_sim/latency {"ms"}`,
 * `POST /_sim/tokens {"username"?}` (a token pair without consent), `POST /_sim/expire {"accessToken"}`,
 * `POST /_sim/change {"domain","action","resource","indexes"|"ids"|"count"}`, `GET /_sim/stats`.
 */
export function control(call: Call, controls: Controls): Reply {
  try {
    return answer(call, controls);
  } catch (error) {
    return json(400, { error: error instanceof Error ? error.message : String(error) });
  }
}

function answer(call: Call, { faults, stats, oauth, domain }: Controls): Reply {
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
    faults.add(...((Array.isArray(body) ? body : [body]) as FaultRule[]));
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
    change(body as Change, domain);
    return json(200, {});
  }
  return json(404, { error: 'No such control' });
}

function change(wanted: Change, domain: Controls['domain']): void {
  const handle = domain(wanted.domain);
  const resource = wanted.resource ?? 'form';
  if (wanted.action === 'touch') handle.touch(resource, wanted.indexes ?? []);
  else if (wanted.action === 'edit') handle.edit(resource, wanted.indexes ?? []);
  else if (wanted.action === 'vanish') handle.vanish(resource, wanted.ids ?? []);
  else if (wanted.action === 'archive') handle.archive(wanted.ids ?? []);
  else if (wanted.action === 'add') handle.add(resource, wanted.count ?? 1);
  else if (wanted.action === 'reindex') handle.reindex(wanted.resource);
  else throw new TypeError('Unknown action');
}
