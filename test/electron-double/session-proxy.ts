import type { ProxyConfig } from 'electron';

/*
 * The part of Chromium's proxy settings that the double has: fixed servers, one list for all or one for each scheme
 * (net/proxy_resolution/proxy_config.cc). Scripts (PAC) and the settings of the system are left to the real one.
 */

const words: Readonly<Record<string, string>> = {
  'http:': 'PROXY',
  'https:': 'HTTPS',
  'socks:': 'SOCKS',
  'socks4:': 'SOCKS',
  'socks5:': 'SOCKS5',
};

/** Names that lead here are never asked of a proxy (net/proxy_resolution/proxy_host_matching_rules.cc). */
const isImplicit = (hostname: string): boolean =>
  /^(localhost|.+\.localhost|127(\.\d+){3}|\[::1\]|169\.254(\.\d+){2})$/.test(hostname);

/** One server of a list as Chromium prints it in an answer. */
function printed(server: string): string {
  const text = /^[a-z0-9]+:\/\//.test(server) ? server : `http://${server}`;
  if (text === 'direct://') return 'DIRECT';
  const url = new URL(text);
  const word = words[url.protocol];
  if (word === undefined)
    throw new Error(`electron double: a proxy of the kind ${url.protocol} is not implemented`);
  const usual = word === 'PROXY' ? '80' : word === 'HTTPS' ? '443' : '1080';
  return `${word} ${url.hostname}:${url.port || usual}`;
}

/** The servers for one scheme in rules like `http=a:1;https=b:2,direct://` or `a:1,b:2`. */
function serversFor(rules: string, scheme: string): string[] {
  for (const rule of rules.split(';')) {
    const [, only, servers = ''] = /^(?:([a-z]+)=)?(.*)$/.exec(rule.trim()) ?? [];
    if (only === undefined || only === scheme) return servers.split(',').filter(Boolean);
  }
  return [];
}

/** What `session.resolveProxy` answers under a configuration that `session.setProxy` took. */
export function resolved(
  { mode, proxyRules = '', proxyBypassRules = '' }: ProxyConfig,
  address: string,
): string {
  const url = new URL(address);
  const passes = proxyBypassRules.split(/[,;]/).map((each) => each.trim());
  const servers = serversFor(proxyRules, url.protocol.slice(0, -1));
  if (mode === 'direct' || servers.length === 0) return 'DIRECT';
  if (isImplicit(url.hostname) || passes.includes(url.hostname)) return 'DIRECT';
  return servers.map(printed).join(';');
}

/** Throws, by name, for what the double does not have. */
export function insistKnown({ mode, pacScript }: ProxyConfig): void {
  if (pacScript !== undefined || mode === 'pac_script' || mode === 'auto_detect')
    throw new Error('electron double: session.setProxy with a script is not implemented');
}
