import type { TlsDetails } from '../../../preload/contract/models.ts';
import type { Said } from '../../../preload/contract/said.ts';
import { say } from '../../../preload/messages/said.ts';
import type { Target } from '../engine.ts';

/** A certificate that ends sooner is worth a word now. */
const soonDays = 21;
const dayMs = 86_400_000;

/** Whether what goes there stays on this computer. */
export const isThisComputer = (host: string): boolean =>
  host === 'localhost' || host === '::1' || host.startsWith('127.') || host.startsWith('/');

/** What a person should know of how the session is encrypted, or that it is not. */
export function certificateWarnings(target: Target, tls: TlsDetails, now: number): Said[] {
  const far = !isThisComputer(target.hostAddress ?? target.host);
  if (tls.protocol === null) {
    return far && target.host !== ''
      ? [
          target.ssh.length === 0
            ? say('engine.sessionNotEncryptedWhoever', { host: target.host })
            : say('engine.betweenLastJumpHost', { host: target.host }),
        ]
      : [];
  }
  const warnings: Said[] = [];
  const days = tls.certificate ? Math.floor((Date.parse(tls.certificate.validTo) - now) / dayMs) : null;
  if (tls.certificate && days !== null && days >= 0 && days < soonDays) {
    warnings.push(
      say('engine.certificateServerExpiresDays', { day: tls.certificate.validTo.slice(0, 10), days }),
    );
  }
  return warnings;
}
