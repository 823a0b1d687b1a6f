import { createHmac } from 'node:crypto';
import type { LookupAddress } from 'node:dns';
import http, { type IncomingMessage, type RequestOptions } from 'node:http';
import https from 'node:https';
import type { LookupFunction } from 'node:net';
import type { Said } from '../../preload/contract/said.ts';
import { say } from '../../preload/messages/said.ts';
import { AppError } from '../errors.ts';
import { isCertificateFault, trusting } from '../net/authorities.ts';
import type { ProxyWay } from '../net/proxy.ts';
import { ProxyFailed, TunnelAgent, type TunnelRequest } from '../net/tunnel.ts';
import type { Words } from '../words.ts';
import { addressesOf, type Lookup, webhookUrl } from './reach.ts';
import { headlineOf, type Part, sentenceOf, sentencesOf } from './words.ts';

/** An answer that takes longer is none. */
export const webhookTimeoutMs = 10_000;

/** Where messages go, and what signs them. */
export interface WebhookTarget {
  readonly url: string;
  readonly secret: string;
  readonly ownNetwork: boolean;
  /** PEM text of the only authority that is trusted there; null for those of this computer. */
  readonly tlsCa: string | null;
}

const recoveries = {
  ...{ failed: 'recovered', held: 'released', stale: 'fresh' },
  ...{ sign_in_expiring: 'sign_in_renewed', sign_in_expired: 'sign_in_renewed' },
  signer_left: 'taken_over',
  ...{ connection_down: 'connection_up', expiring_data: 'data_kept' },
} as const;

/** What programs go by: the event itself, or what its end is called. */
const eventOf = ({ part, event, outcome }: Part): string => {
  if (part === 'alarm') return event;
  if (outcome === 'over' || outcome === null) return recoveries[event];
  return outcome === 'gone' ? 'data_gone' : outcome === 'off' ? 'switched_off' : 'removed';
};

/** The body of a message; the same at each attempt, so that its receiver can tell. */
export function webhookBody(
  message: { readonly id: string; readonly madeAt: string; readonly parts: readonly Part[] },
  words: Words,
): string {
  const { id, madeAt, parts } = message;
  return JSON.stringify({
    id,
    at: madeAt,
    text: words.text(headlineOf(sentencesOf(parts))),
    notices: parts.map((part) => ({
      id: part.id,
      event: eventOf(part),
      of: part.event,
      isOver: part.part === 'recovery',
      since: part.openedAt,
      until: part.closedAt,
      project: part.subject.project,
      source: part.subject.source,
      connection: part.subject.connection,
      code: part.subject.code,
      text: words.text(sentenceOf(part).title),
    })),
  });
}

/** HMAC-SHA256 over the timestamp, a dot and the body, in hexadecimal digits. */
export const signatureOf = (secret: string, timestamp: string, body: string): string =>
  createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex');

const notSent = (why: Said, cause?: unknown): AppError => new AppError('NOTICE_NOT_SENT', why, { cause });

/** Connects to one of these addresses and to no other, whatever the name resolves to by then. */
const only =
  (addresses: readonly LookupAddress[]): LookupFunction =>
  (_host, options, done) => {
    const usable = addresses.filter(({ family }) => !options.family || Number(options.family) === family);
    const [first] = usable;
    if (first === undefined) done(Object.assign(new Error('no address'), { code: 'ENOTFOUND' }), '', 4);
    else if (options.all) done(null, [...usable]);
    else done(null, first.address, first.family);
  };

/** Why a request brought no answer. */
function whyNot(error: unknown, host: string, late: AbortSignal): AppError {
  if (error instanceof AppError) return error;
  if (late.aborted)
    return notSent(say('notices.didNotAnswerWithin', { host, seconds: webhookTimeoutMs / 1000 }), error);
  if (error instanceof ProxyFailed) return notSent(say('notices.proxyDoesNotLet', { host }), error);
  const { code } = error as { code?: unknown };
  if (isCertificateFault(code)) return notSent(say('notices.certificateNotTrustedHere', { host }), error);
  return notSent(say('notices.canNotReached', { host }), error);
}

/**
 * Posts a message, signed, to where an admin said and nowhere else: redirects are not followed, and what the name of the server
 * leads to is checked first. Over a proxy the proxy looks up the name. Fails with NOTICE_ADDRESS or NOTICE_NOT_SENT.
 */
export async function sendWebhook(
  { url: text, secret, ownNetwork, tlsCa }: WebhookTarget,
  message: { readonly id: string; readonly body: string },
  deps: {
    readonly ways: readonly ProxyWay[];
    /** Milliseconds since 1970. */
    readonly now: number;
    readonly signal: AbortSignal;
    readonly lookup?: Lookup | undefined;
    readonly timeoutMs?: number | undefined;
  },
): Promise<void> {
  const url = webhookUrl(text, ownNetwork);
  const late = AbortSignal.timeout(deps.timeoutMs ?? webhookTimeoutMs);
  const signal = AbortSignal.any([deps.signal, late]);
  const [way] = deps.ways;
  const timestamp = String(Math.floor(deps.now / 1000));
  const options: RequestOptions = {
    method: 'POST',
    signal,
    headers: {
      'content-type': 'application/json',
      'content-length': String(Buffer.byteLength(message.body)),
      'user-agent': 'Headgate',
      'headgate-message': message.id,
      'headgate-timestamp': timestamp,
      'headgate-signature': `v1=${signatureOf(secret, timestamp, message.body)}`,
    },
  };
  const trusted = trusting(tlsCa);
  try {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      void (async () => {
        let sent: http.ClientRequest;
        if (url.protocol === 'https:' && way?.kind === 'proxy') {
          const agent = new TunnelAgent(way, { ms: webhookTimeoutMs }, { ...trusted });
          const through: TunnelRequest = { ...options, agent, tunnelUntil: signal };
          sent = https.request(url, through);
        } else {
          const addresses = await addressesOf(url.hostname, { ownNetwork, signal, lookup: deps.lookup });
          const direct = { ...options, agent: false as const, lookup: only(addresses) };
          sent =
            url.protocol === 'https:'
              ? https.request(url, { ...direct, ...trusted })
              : http.request(url, direct);
        }
        sent.once('response', resolve);
        sent.once('error', reject);
        sent.end(message.body);
      })().catch(reject);
    });
    // What it says is nobody's business; a body that never ends is not waited for.
    response.destroy();
    const status = response.statusCode ?? 0;
    if (status >= 200 && status < 300) return;
    if (status >= 300 && status < 400)
      throw notSent(say('notices.leadsElsewhereNotFollowed', { host: url.host, status: String(status) }));
    throw notSent(say('notices.didNotTake3', { host: url.host, status: String(status) }));
  } catch (error) {
    if (deps.signal.aborted) throw error;
    throw whyNot(error, url.host, late);
  }
}
