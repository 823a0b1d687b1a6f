import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Reply } from './http.ts';
import type { FaultRule } from './types.ts';

export const LOGIN_PAGE =
  '<!doctype html><html lang="en"><head><title>Log In</title></head><body><form method="post"><label>Email <input name="auth-username"></label><label>Password <input name="auth-password" type="password"></label><button>Log In</button></form></body></html>';

export const BROKEN_JSON =
  '{"meta": {"limit": 1000, "offset": 0, "total_count": 4, "next": null}, "objects": [{"id": "4d2c", ';

function contentLength(reply: Reply): number {
  return reply.body.reduce((sum, part) => sum + part.length, 0);
}

/** Sends a reply whole; resolves with the bytes of its body. */
export function send(response: ServerResponse, reply: Reply): number {
  const length = contentLength(reply);
  response.writeHead(reply.status, { ...reply.headers, 'Content-Length': length });
  for (const part of reply.body) response.write(part);
  response.end();
  return length;
}

/** Announces the whole body, sends half of it and breaks the connection. */
export async function sendCut(response: ServerResponse, reply: Reply): Promise<number> {
  const body = Buffer.concat(reply.body);
  const half = body.subarray(0, Math.floor(body.length / 2));
  response.writeHead(reply.status, { ...reply.headers, 'Content-Length': body.length });
  await new Promise<void>((resolve) => {
    response.write(half.length > 0 ? half : '', () => resolve());
  });
  await sleep(20);
  (response.socket as Socket | null)?.destroy();
  return half.length;
}

/** Sends a reply in ten parts with a pause between them. */
export async function sendDripping(
  response: ServerResponse,
  reply: Reply,
  ms: number,
  signal: AbortSignal,
): Promise<number> {
  const body = Buffer.concat(reply.body);
  response.writeHead(reply.status, { ...reply.headers, 'Content-Length': body.length });
  const size = Math.max(1, Math.ceil(body.length / 10));
  for (let at = 0; at < body.length; at += size) {
    response.write(body.subarray(at, at + size));
    await sleep(ms, undefined, { signal });
  }
  response.end();
  return body.length;
}

/** The first half of a reply, as if it were all. */
export function halfOf(reply: Reply): Reply {
  const body = Buffer.concat(reply.body);
  return { ...reply, body: [body.subarray(0, Math.floor(body.length / 2))] };
}

/** The answer a fault puts in place of the real one, if it replaces it. */
export function spoiltReply(rule: FaultRule): Reply | undefined {
  if (rule.kind === 'status') {
    return { status: rule.status ?? 500, headers: rule.headers ?? {}, body: [Buffer.from(rule.body ?? '')] };
  }
  if (rule.kind === 'wrongJson') {
    return {
      status: 200,
      headers: { 'Content-Type': 'application/json', ...rule.headers },
      body: [Buffer.from(rule.body ?? BROKEN_JSON)],
    };
  }
  if (rule.kind === 'html') {
    return {
      status: 200,
      headers: { 'Content-Type': 'text/html; charset=utf-8', ...rule.headers },
      body: [Buffer.from(rule.body ?? LOGIN_PAGE)],
    };
  }
  return undefined;
}
