import type {
  ListedCredential,
  Source,
  SourcePace,
  SourceType,
  SourceTypeInfo,
} from '../../../preload/contract/models.ts';
import { originOf } from '../../addresses.ts';
import { isGood } from '../../components/session/credential-state.ts';
import { shortPlaceOf } from '../../source-kinds.ts';
import { causesOf, type Grouped } from '../../watch/causes.ts';
import { isFresh, type Watched } from '../../watch/dataset-state.ts';

/** One server with what is read there: the address and the client are its own, what is read there is many. */
export interface Server {
  readonly key: string;
  readonly sourceType: SourceType;
  /** What it is, e.g. "CommCare HQ". */
  readonly title: string;
  readonly host: string;
  readonly baseUrl: string;
  /** The connection that its sources are read over; null where it is a server of its own. */
  readonly connectionId: string | null;
  /** Whether it is the one that its kind of source usually means: it needs no address to be told apart. */
  readonly isUsual: boolean;
  /** What Headgate is known as there; empty where everybody signs in with a key. */
  readonly clientIds: readonly string[];
  readonly sources: readonly Source[];
  readonly links: readonly Watched[];
  /** That the one who looks may know of. */
  readonly signIns: readonly ListedCredential[];
  /** What somebody has to do, most urgent first; nothing of databases, which are no matter of a server. */
  readonly causes: readonly Grouped[];
  /** It asked to be left alone until then. */
  readonly waitsUntil: string | null;
}

export interface Known {
  readonly sources: readonly Source[];
  readonly types: readonly SourceTypeInfo[];
  readonly links: readonly Watched[];
  readonly credentials: readonly ListedCredential[];
  readonly pace: readonly SourcePace[];
}

/** What two addresses of one server have in common. */
const serverOf = (address: string): string => originOf(address) ?? address;
const latest = (times: readonly (string | null)[]): string | null =>
  times.reduce((late, time) => (time !== null && (late === null || time > late) ? time : late), null);

/** Sources by the server they are at: the usual one of each kind first, then by address. */
export function serversOf({ sources, types, links, credentials, pace }: Known): Server[] {
  const groups = Map.groupBy(sources, (each) => `${each.sourceType} ${serverOf(each.baseUrl)}`);
  const servers = [...groups].map(([key, here]): Server => {
    const [first] = here as [Source, ...Source[]];
    const type = types.find((each) => each.type === first.sourceType);
    const ids = new Set(here.map(({ id }) => id));
    const ofHere = links.filter(({ link }) => ids.has(link.sourceId));
    return {
      key,
      sourceType: first.sourceType,
      title: type?.title ?? first.sourceType,
      host: shortPlaceOf(first),
      baseUrl: serverOf(first.baseUrl),
      connectionId: first.readOver?.id ?? null,
      isUsual: type !== undefined && serverOf(type.defaultBaseUrl) === serverOf(first.baseUrl),
      clientIds: [...new Set(here.map(({ clientId }) => clientId))].filter((id) => id !== ''),
      sources: here,
      links: ofHere,
      signIns: credentials.filter(({ sourceId }) => ids.has(sourceId)),
      causes: causesOf(ofHere).filter(({ cause }) => cause.kind !== 'database' && cause.kind !== 'review'),
      waitsUntil: latest(pace.filter(({ sourceId }) => ids.has(sourceId)).map((each) => each.waitsUntil)),
    };
  });
  return servers.sort(
    (a, b) =>
      Number(b.isUsual) - Number(a.isUsual) || a.title.localeCompare(b.title) || a.host.localeCompare(b.host),
  );
}

/** How a server is, worst first. `unread`: nothing is read from it yet. */
export const serverStates = ['offline', 'trouble', 'signIn', 'waits', 'off', 'works', 'unread'] as const;
export type ServerState = (typeof serverStates)[number];

/** How a server is for the one who looks. Without a network nothing can be said of it but that. */
export function stateOfServer(
  { causes, sources, links, waitsUntil }: Omit<Server, 'key'>,
  offline: boolean,
  now: number,
): ServerState {
  if (sources.every(({ isActive }) => !isActive)) return 'off';
  if (offline) return 'offline';
  if (causes.some(({ cause }) => cause.kind === 'error')) return 'trouble';
  const hasEnded = sources.some(({ credential }) => credential !== null && !isGood(credential));
  if (hasEnded || causes.some(({ cause }) => cause.kind === 'signIn')) return 'signIn';
  if (waitsUntil !== null && Date.parse(waitsUntil) > now) return 'waits';
  return links.some(({ state, asOf }) => isFresh(state) || asOf !== null) ? 'works' : 'unread';
}
