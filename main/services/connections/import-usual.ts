import {
  type EngineSecret,
  type EngineType,
  engineTraits,
  secretOf,
} from '../../../preload/contract/engines.ts';
import type { TlsMode } from '../../../preload/contract/tls-modes.ts';
import { type FoundConnection, usualTlsMode } from '../../imports/found.ts';

/** What is entered after importing, by what a connection is signed in with. */
const secretWords: Readonly<Record<EngineSecret, string>> = {
  password: 'the password',
  token: 'the access token',
  client_secret: 'the client secret',
  private_key: 'the private key',
  service_account: 'the key file',
};

/** What a server is asked for where a file does not say: of PostgreSQL what libpq asks for, else all there is. */
export const usualModeOf = (engine: EngineType): TlsMode =>
  engine === 'postgres' ? usualTlsMode : (engineTraits[engine].tlsModes.at(-1) ?? usualTlsMode);

/** What a connection of this kind needs, and the file does not have. */
export function missingOf({ engine = 'postgres', settings = {}, password }: FoundConnection): string[] {
  const secret = password === undefined ? [secretWords[secretOf(engine, settings)]] : [];
  const needed = engineTraits[engine].settings.filter(
    ({ name, isRequired }) => isRequired && (settings[name] ?? '').trim() === '',
  );
  return [...secret, ...needed.map(({ name }) => `the ${name}`)];
}
