import { say } from '../../../preload/messages/said.ts';
import { commonName } from '../../engines/tls/certificate.ts';
import { readCertificates } from '../../net/authorities.ts';
import { oneLine } from '../../one-line.ts';
import type { StoredSource } from '../../store/data/sources.ts';
import { insistConfirmed, someOf } from '../confirmed.ts';
import type { Caller, Services } from '../context.ts';

/**
 * Whoever has the key of an authority can stand in for the source and be sent sign-ins: that somebody wants it trusted is
 * not for a page to say. Fails with CANCELLED, LOCKED, and INPUT_INVALID for what is no certificate.
 */
export async function insistTrusted(
  services: Pick<Services, 'access'>,
  { name, baseUrl, tlsCa }: Pick<StoredSource, 'name' | 'baseUrl' | 'tlsCa'>,
  caller: Caller,
): Promise<void> {
  if (tlsCa === null) return;
  const found = readCertificates(tlsCa).map(
    ({ subject, fingerprint256 }) =>
      `${commonName(subject.replaceAll('\n', ', '))}, SHA-256 ${fingerprint256}`,
  );
  await insistConfirmed(services, caller, {
    title: say('asks.trustSource.title', { count: found.length, name: oneLine(name) }),
    what: say('asks.trustSource.what', { found: someOf(found), host: new URL(baseUrl).host }),
    agree: say('asks.trust'),
  });
}
