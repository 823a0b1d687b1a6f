import { readFile, realpath } from 'node:fs/promises';
import { extname, relative, resolve, sep } from 'node:path';
import { host } from './constants.ts';

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
  '.wasm': 'application/wasm',
};

export const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "font-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "worker-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const always = {
  'content-security-policy': contentSecurityPolicy,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
};

function refusal(status: number, text: string): Response {
  return new Response(text, {
    status,
    headers: { ...always, 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' },
  });
}

/** The path below the root that a URL names; undefined for one that names anything else. */
function pathOf(url: URL): string | undefined {
  let path: string;
  try {
    path = decodeURIComponent(url.pathname);
  } catch {
    return undefined;
  }
  // A backslash separates folders on Windows, a colon names a stream or a drive there.
  if (/[\0\\:]/.test(path) || path.split('/').some((part) => part === '..' || part === '.')) return undefined;
  return path.endsWith('/') ? `${path}index.html` : path;
}

function inside(root: string, file: string): boolean {
  const path = relative(root, file);
  return path !== '' && path !== '..' && !path.startsWith(`..${sep}`) && resolve(root, path) === file;
}

/** Serves the built renderer, and nothing outside its folder, as `app://console/`. */
export function createFileHandler(deps: { root: string }): (request: Request) => Promise<Response> {
  const root = resolve(deps.root);
  return async (request) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') return refusal(405, 'Method not allowed');
    const url = new URL(request.url);
    const path = url.host === host ? pathOf(url) : undefined;
    if (path === undefined) return refusal(404, 'Not found');
    const file = resolve(root, `.${path}`);
    const type = types[extname(file).toLowerCase()];
    if (type === undefined || !inside(root, file)) return refusal(404, 'Not found');
    try {
      // A link inside the folder must not lead out of it.
      if (!inside(await realpath(root), await realpath(file))) return refusal(404, 'Not found');
      const body = await readFile(file);
      return new Response(request.method === 'HEAD' ? null : body, {
        headers: {
          ...always,
          'content-type': type,
          'content-length': String(body.byteLength),
          // The names of built assets carry the hash of what is in them.
          'cache-control': path.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
        },
      });
    } catch {
      return refusal(404, 'Not found');
    }
  };
}
