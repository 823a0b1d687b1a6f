import type { CredentialKind, TypedKind } from '../../../preload/contract/models.ts';
import { typedInput } from '../../../preload/contract/models.ts';
import { plain } from '../../../preload/contract/said.ts';
import { say } from '../../../preload/messages/said.ts';
import { connectorFor } from '../../connectors/registry.ts';
import { type Opened, openSession } from '../../connectors/session.ts';
import { signInOfKind, type Typed, type TypedSignIn } from '../../connectors/sign-in.ts';
import { AppError, badField } from '../../errors.ts';
import { fractionsOf } from '../../host.ts';
import type { StoredSource } from '../../store/data/sources.ts';
import type { Services } from '../context.ts';

/** How a kind of source takes what is typed in. Fails with INPUT_INVALID where it does not. */
export function typedWay({ sourceType }: Pick<StoredSource, 'sourceType'>, kind: TypedKind): TypedSignIn {
  const connector = connectorFor(sourceType);
  const way = signInOfKind<TypedKind>(connector, kind);
  if (way !== undefined) return way;
  const { title } = connector;
  if (kind === 'none' || kind === 'connection')
    throw new AppError('INPUT_INVALID', say('projects.wantsSignIn', { title }), {
      advice: say('projects.takesNoBrowser.advice'),
    });
  throw kind === 'api_key'
    ? new AppError('INPUT_INVALID', say('projects.takesNoApiKeys', { title }), {
        advice: say('projects.takesNoApiKeys.advice'),
      })
    : new AppError('INPUT_INVALID', say('projects.takesNoPasswords', { title }), {
        advice: say('projects.takesNoPasswords.advice'),
      });
}

/** What was typed in, checked and tidied by what its fields are for. Fails with INPUT_INVALID, naming the field. */
export function checkTyped({ fields }: TypedSignIn, typed: Typed): Typed {
  const parsed = typedInput(fields).safeParse(typed);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  // Of a field that nobody knows the issue names none: it is about the whole.
  const path = ['fields', ...(issue?.path ?? [])].join('.');
  throw badField(path, plain(issue?.message ?? ''));
}

/** What is sent to a source for what was typed in. Fails with PASSWORD_REFUSED and with what keeps it from being asked. */
export async function openTyped(
  { network, host }: Pick<Services, 'network' | 'host'>,
  source: StoredSource,
  way: TypedSignIn,
  typed: Typed,
  signal: AbortSignal,
): Promise<Opened> {
  if (way.kind === 'none' || way.kind === 'connection') return { token: '', endsAt: null, isSession: false };
  if (way.kind === 'api_key') return { token: way.token(typed), endsAt: null, isSession: false };
  return openSession(way, typed, sessionDepsOf({ network, host }, source, signal));
}

/** What requests for sessions of a source need. */
export const sessionDepsOf = (
  { network, host }: Pick<Services, 'network' | 'host'>,
  source: StoredSource,
  signal: AbortSignal,
) => ({
  ...{ baseUrl: source.baseUrl, title: connectorFor(source.sourceType).title },
  ...{ exchange: network.exchangeFor(source), clock: host.clock, random: fractionsOf(host.random) },
  ...{ log: host.log, signal },
});

/** The part of what is sealed that somebody typed in. */
export const typedIn = ({ fields }: TypedSignIn, sealed: Typed): Typed =>
  Object.fromEntries(fields.map(({ name }) => [name, sealed[name] ?? '']));

/** What a source hands out anew for what was typed in of a credential; null where nothing is handed out for it. */
export async function reopenTyped(
  services: Pick<Services, 'network' | 'host'>,
  source: StoredSource,
  kind: CredentialKind,
  sealed: Typed,
): Promise<Opened | null> {
  if (kind !== 'password') return null;
  const way = typedWay(source, kind);
  // Nobody waits who could give up: the job that needs it, and the next one, share what comes.
  const opened = await openTyped(services, source, way, typedIn(way, sealed), new AbortController().signal);
  return opened.isSession || opened.token !== sealed['accessToken'] ? opened : null;
}
