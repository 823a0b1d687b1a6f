import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Json } from './types.ts';

/** An answer before it is sent, so that a fault can still spoil it. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: readonly Buffer[];
  /** Rows kept from earlier: not compressed unless asked for. */
  readonly kept?: boolean;
}

/** A request once its path and query are taken apart. */
export interface Call {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly origin: string;
  /** The body, at most 4 MB. */
  readonly body: string;
}

export const JSON_TYPE = 'application/json';
export const HTML_TYPE = 'text/html; charset=utf-8';

export function json(status: number, value: Json, headers: Readonly<Record<string, string>> = {}): Reply {
  return {
    status,
    headers: { 'Content-Type': JSON_TYPE, ...headers },
    body: [Buffer.from(JSON.stringify(value))],
  };
}

/** The empty answers of §2: no body and no JSON content type. */
export function empty(status: number, headers: Readonly<Record<string, string>> = {}): Reply {
  return { status, headers: { 'Content-Type': HTML_TYPE, ...headers }, body: [] };
}

export function html(status: number, page: string, headers: Readonly<Record<string, string>> = {}): Reply {
  return { status, headers: { 'Content-Type': HTML_TYPE, ...headers }, body: [Buffer.from(page)] };
}

export function redirect(location: string): Reply {
  return empty(302, { Location: location });
}

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
}

const MAX_BODY = 4 * 1024 * 1024;

/** Reads a request body; throws above 4 MB. */
export async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    const bytes = chunk as Buffer;
    size += bytes.length;
    if (size > MAX_BODY) throw new RangeError('Request body too large');
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString('utf8');
}

const compress = promisify(gzip);

/** Compresses a reply as the real server does, unless the client or the settings say otherwise. */
export async function compressed(reply: Reply, call: Call, setting: boolean | undefined): Promise<Reply> {
  const accepts = /\bgzip\b/.test(String(call.headers['accept-encoding'] ?? ''));
  const wanted = setting ?? reply.kept !== true;
  const size = reply.body.reduce((sum, part) => sum + part.length, 0);
  if (!accepts || !wanted || size < 200) return reply;
  const body = await compress(Buffer.concat(reply.body), { level: 1 });
  return {
    ...reply,
    headers: { ...reply.headers, 'Content-Encoding': 'gzip', Vary: 'Accept-Encoding' },
    body: [body],
  };
}
