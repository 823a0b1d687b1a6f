import type {
  DatasetChoice,
  SettingField,
  SignInWay,
  Source,
  SourceTypeInfo,
} from '../preload/contract/models.ts';
import { hostOf } from './addresses.ts';

/* What a kind of source declares, as the screens ask for it. */

type Of<K extends SignInWay['kind']> = Extract<SignInWay, { kind: K }>;
/** A way to sign in by typing something in. */
export type TypedWay = Exclude<SignInWay, Of<'oauth'>>;

/** How one signs in in the browser; undefined where a kind of source has no such way. */
export const browserWayOf = (type: SourceTypeInfo | undefined): Of<'oauth'> | undefined =>
  type?.signIn.find((way) => way.kind === 'oauth');

/** What is typed in instead; undefined where a kind of source has no such way. */
export const typedWayOf = (type: SourceTypeInfo | undefined): TypedWay | undefined =>
  type?.signIn.find((way) => way.kind !== 'oauth');

/** Whether somebody signs in in the browser unless they say otherwise: where only that is possible, or a client is known. */
export const beginsInBrowser = (
  type: SourceTypeInfo | undefined,
  source: Pick<Source, 'clientId'>,
): boolean => browserWayOf(type) !== undefined && (typedWayOf(type) === undefined || source.clientId !== '');

/** The setting that names what of its server a source reads; undefined where a kind of source has none. */
export const scopeOf = (type: SourceTypeInfo | undefined): SettingField | undefined =>
  type?.settings.find(({ scope }) => scope);

/** What a source has: what every one of its kind does, then what this one said it has. */
export const datasetsOf = (
  type: SourceTypeInfo | undefined,
  source: Pick<Source, 'datasets'> | undefined,
): DatasetChoice[] => [...(type?.datasets ?? []), ...(source?.datasets ?? [])];

/** Whether a kind of source is read over a connection, and not from a server of its own. */
export const isReadOver = (type: SourceTypeInfo | undefined): boolean =>
  typedWayOf(type)?.kind === 'connection';

/** Where a source is, for people: its server's address, or the connection that it is read over. */
export const placeOf = ({ baseUrl, readOver }: Pick<Source, 'baseUrl' | 'readOver'>): string =>
  readOver?.name ?? baseUrl;

/** The same, short: the server's name without scheme and path. */
export const shortPlaceOf = ({ baseUrl, readOver }: Pick<Source, 'baseUrl' | 'readOver'>): string =>
  readOver?.name ?? hostOf(baseUrl);
