import type { CallName, EventName } from '../../preload/contract/channels.ts';
import type { Events } from '../../preload/contract/events.ts';
import type { Output, Parsed } from '../../preload/contract/methods.ts';
import type { Access, AskedPerson } from '../access/access.ts';
import type { AuditAnchors } from '../access/audit-anchors.ts';
import type { AuditSeal } from '../access/audit-seal.ts';
import type { Seat } from '../access/seats.ts';
import type { Host } from '../host.ts';
import type { SharedSignIns } from '../oauth/shared-sign-ins.ts';
import type { TokenKeeper } from '../oauth/token-keeper.ts';
import type { Store } from '../store/index.ts';
import type { Budgets } from '../sync/job/budget.ts';
import type { Jobs } from '../sync/job/jobs.ts';
import type { Vault } from '../vault/vault.ts';
import type { Network } from './network.ts';
import type { NetworkWatch } from './network-watch.ts';
import type { HealthChecks, LentLogins, Readers, SecretClipboard } from './parts.ts';
import type { ProxyChoice } from './proxy-setting.ts';

/** What every service is made from. */
export interface Services {
  readonly host: Host;
  readonly store: Store;
  readonly vault: Vault;
  readonly tokens: TokenKeeper;
  /** Sign-ins that other workspaces have too. */
  readonly shared: SharedSignIns;
  readonly access: Access;
  readonly auditSeal: AuditSeal;
  readonly auditAnchors: AuditAnchors;
  readonly jobs: Jobs;
  readonly budgets: Budgets;
  readonly readers: Readers;
  readonly health: HealthChecks;
  readonly leases: LentLogins;
  readonly clipboard: SecretClipboard;
  readonly network: Network;
  readonly proxy: ProxyChoice;
  readonly networkWatch: NetworkWatch;
  readonly newId: () => string;
  /** ISO instant, UTC, milliseconds. */
  readonly now: () => string;
  /** At every seat, or at one. */
  readonly emit: <N extends EventName>(name: N, payload: Events[N], at?: Seat) => void;
}

/** Who asks, from where, and the signal that ends the call. */
export interface Caller extends AskedPerson {
  /**
   * Writes the call's entry in the audit log now, before something that can't be taken back, instead of after it. Throws
   * when it can't be written; the thing must not be done then.
   */
  readonly record: () => void;
  /** What changed, for the call's entry in the audit log; see `differences`. Never a secret. */
  readonly tell: (what: string) => void;
}

export type Handler<N extends CallName> = (
  input: Parsed<N>,
  caller: Caller,
) => Promise<Output<N>> | Output<N>;
/** One function per call of the contract, of one namespace. */
export type Handlers<S extends string> = {
  [N in CallName as N extends `${S}.${string}` ? N : never]: Handler<N>;
};

/** The fields of a change that were given; one that was left out stays as it is. */
export function given<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}

/** Tells the windows that this one was changed, where its kind has no other that changed with it. */
export function emitChangedOne(
  services: Pick<Services, 'emit'>,
  entity: Events['store.changed']['entity'],
  id: string,
): void {
  services.emit('store.changed', { entity, ids: [id] });
}

/** Tells the windows that these lists should be read again. */
export function emitChanged(
  services: Pick<Services, 'emit'>,
  ...entities: Events['store.changed']['entity'][]
): void {
  for (const entity of entities) services.emit('store.changed', { entity });
}
