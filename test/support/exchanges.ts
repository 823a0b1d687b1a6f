import { type Exchange, ExchangeFailed, readBody } from '../../main/net/exchange.ts';
import { directly } from '../../main/net/proxy.ts';
import { createRequests } from '../../main/net/requests.ts';

/** Exchanges as the application has them, over no proxy. */
export const directExchange = (): Exchange => createRequests({ ways: directly, ca: null }).exchange;

/** Exchanges by something like `fetch`, for tests that answer themselves or stand in between. */
export function byFetch(send: typeof fetch): Exchange {
  return async (request, signal) => {
    const { url, token, scheme = 'Bearer', accept, form, json, cutAt } = request;
    const sent = form ?? json;
    const type = form === undefined ? 'application/json' : 'application/x-www-form-urlencoded';
    const local = new AbortController();
    try {
      const response = await send(url, {
        headers: {
          ...request.headers,
          accept,
          ...(token === undefined ? {} : { authorization: `${scheme} ${token}` }),
          ...(sent === undefined ? {} : { 'content-type': type }),
        },
        ...(sent === undefined ? {} : { method: 'POST', body: sent }),
        ...(request.method === undefined ? {} : { method: request.method }),
        redirect: 'manual',
        signal: AbortSignal.any([signal, local.signal]),
      });
      const told = response.headers.get('content-encoding') ? null : response.headers.get('content-length');
      const body = response.body
        ? await readBody(
            { pieces: response.body, told },
            (size) => Buffer.allocUnsafe(size),
            (reason) => local.abort(reason),
            cutAt,
          )
        : Buffer.alloc(0);
      return {
        status: response.status,
        contentType: response.headers.get('content-type') ?? '',
        retryAfter: response.headers.get('retry-after'),
        body,
      };
    } catch (cause) {
      if (cause instanceof ExchangeFailed) throw cause;
      const code = (cause as { cause?: { code?: unknown } }).cause?.code;
      throw new ExchangeFailed(typeof code === 'string' ? code : null, { cause });
    }
  };
}
