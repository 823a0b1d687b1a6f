import type { TlsDetails, TlsMode } from '../../../preload/contract/models.ts';
import { say } from '../../../preload/messages/said.ts';
import { AppError } from '../../errors.ts';
import type { Target } from '../engine.ts';
import { noTls, startTls } from '../tls/tls.ts';
import { sinceMs } from '../wire/bounded.ts';
import type { Wire } from '../wire/channel.ts';
import { placeText } from '../wire/tcp.ts';
import { describeTls, isSocket, openWay, type WayOptions } from '../wire/way.ts';
import { offersTls } from './ssl-request.ts';

/** Whether TLS is asked for, and whether it must be had. */
export type Encryption = 'never' | 'offered' | 'always';

/**
 * What libpq tries in turn for each mode (docs, 34.19.3): `allow` encrypts when the server refuses it plain, `prefer`
 * goes without when the server refuses it encrypted. Neither protects from somebody in between.
 */
export const encryptions: Readonly<Record<TlsMode, readonly Encryption[]>> = {
  disable: ['never'],
  allow: ['never', 'offered'],
  prefer: ['offered', 'never'],
  require: ['always'],
  'verify-ca': ['always'],
  'verify-full': ['always'],
};

export interface Dialled {
  /** Speaks PostgreSQL's protocol from the startup message on. */
  readonly stream: Wire;
  /** The stream under it: `ref` and `unref` of it say whether it holds the process. */
  readonly base: Wire;
  readonly tls: TlsDetails;
}

/**
 * Opens a stream to the target's server: through its jump hosts where it has any, encrypted as asked. Each step has the
 * target's connect timeout. Leaves nothing open when it fails. Fails with DB_*, SSH_* or CANCELLED.
 */
export async function dial(target: Target, encryption: Encryption, options: WayOptions): Promise<Dialled> {
  const { signal, watch = {} } = options;
  const base = await openWay(target, options);
  // A line that breaks between two steps is noticed by the next one.
  base.on('error', () => {});
  // As libpq: a socket of this computer is not encrypted.
  if (encryption === 'never' || isSocket(target)) return { stream: base, base, tls: noTls };
  const started = performance.now();
  watch.begin?.('tls');
  try {
    const where = placeText(target.host, target.port);
    const ms = target.connectTimeoutMs;
    const late = (): AppError =>
      new AppError('DB_TIMEOUT', say('engine.reachedButSaidNothing', { where, seconds: ms / 1000 }), {
        advice: say('engine.reachedButSaidNothing.advice'),
      });
    const bounds = { signal, ms, late };
    if (!(await offersTls(base, target, bounds))) {
      if (encryption === 'always') {
        throw new AppError('DB_TLS', say('engine.doesNotOfferTls', { where }), {
          advice: say('engine.doesNotOfferTls.advice'),
        });
      }
      watch.done?.('tls', describeTls(target, noTls), sinceMs(started));
      return { stream: base, base, tls: noTls };
    }
    const { stream, details } = await startTls(base, target, bounds, options.onTls ?? (() => {}));
    watch.done?.('tls', describeTls(target, details), sinceMs(started));
    return { stream, base, tls: details };
  } catch (error) {
    base.destroy();
    throw error;
  }
}
