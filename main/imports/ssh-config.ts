import SSHConfig from 'ssh-config';
import { AppError } from '../errors.ts';
import type { Found, FoundHop, FoundHost, Problem } from './found.ts';
import { portOf } from './found.ts';

/** As many as a connection can have. */
const mostHops = 3;

/** What decides which server or key counts, and has no place in a hop. */
const unkept = [
  ['hostkeyalias', 'HostKeyAlias'],
  ['userknownhostsfile', 'UserKnownHostsFile'],
  ['stricthostkeychecking', 'StrictHostKeyChecking'],
  ['preferredauthentications', 'PreferredAuthentications'],
  ['certificatefile', 'CertificateFile'],
] as const;

type Settings = ReadonlyMap<string, string>;
interface Block {
  readonly patterns: readonly string[];
  readonly settings: Settings;
}

const wordsOf = (value: unknown): string[] =>
  Array.isArray(value)
    ? value.map((each) => (typeof each === 'string' ? each : String((each as { val: unknown }).val)))
    : [String(value)];

/**
 * Whether a pattern with `*` and `?` fits, whatever the case. Back to the last star only: a file from elsewhere must not be
 * able to make an expression of it that never ends.
 */
function fits(pattern: string, name: string): boolean {
  const [wanted, text] = [pattern.toLowerCase(), name.toLowerCase()];
  let at = 0;
  let star = -1;
  let resume = 0;
  for (let index = 0; index < text.length; ) {
    if (wanted[at] === '*') {
      star = at;
      at += 1;
      resume = index;
    } else if (wanted[at] === '?' || wanted[at] === text[index]) {
      at += 1;
      index += 1;
    } else if (star >= 0) {
      at = star + 1;
      resume += 1;
      index = resume;
    } else return false;
  }
  while (wanted[at] === '*') at += 1;
  return at === wanted.length;
}

/**
 * The lines of a file. A line with a quote that never ends, or a Host without a name, makes the package throw without
 * telling where; OpenSSH refuses such a file as well.
 */
function linesOf(text: string): ReturnType<typeof SSHConfig.parse> {
  try {
    return SSHConfig.parse(text);
  } catch (cause) {
    const refused = (line: string): boolean => {
      try {
        for (const end of ['', '\n']) SSHConfig.parse(`${line}${end}`);
        return false;
      } catch {
        return true;
      }
    };
    const line = text.split('\n').findIndex(refused) + 1;
    throw new AppError(
      'IMPORT_UNREADABLE',
      `This is no configuration of OpenSSH${line > 0 ? `: something is wrong in line ${line}` : ''}.`,
      { cause },
    );
  }
}

/** Whether a Host line is about this name: one pattern fits, and none of the negated ones. */
function isAbout(patterns: readonly string[], name: string): boolean {
  const negated = patterns.filter((each) => each.startsWith('!')).map((each) => each.slice(1));
  return (
    patterns.some((each) => !each.startsWith('!') && fits(each, name)) &&
    !negated.some((each) => fits(each, name))
  );
}

/**
 * Hosts of an OpenSSH configuration (ssh_config(5)) with the jump hosts before them; `user` where none is told. The file
 * is only read: what would run commands or ask the network (Match, CanonicalizeHostname, ProxyCommand) is left out.
 */
export function parseSshConfig(text: string, user: string): Found {
  const problems: Problem[] = [];
  const aliases: string[] = [];
  const blocks: Block[] = [{ patterns: ['*'], settings: new Map() }];
  const settingsOf = (lines: Iterable<unknown>): Map<string, string> => {
    const settings = new Map<string, string>();
    for (const line of lines) {
      const { param, value } = line as { param?: string; value?: unknown };
      const name = param?.toLowerCase();
      // The first value is the one that counts.
      if (name !== undefined && !settings.has(name)) settings.set(name, wordsOf(value)[0] ?? '');
    }
    return settings;
  };
  const loose: unknown[] = [];
  const included = (words: readonly string[]): void =>
    void problems.push({
      where: `Include ${words.join(' ')}`,
      message: 'is another file; import that one too',
    });
  for (const line of linesOf(text)) {
    if (!('param' in line)) continue;
    const words = wordsOf(line.value);
    const param = line.param.toLowerCase();
    if (param === 'host') {
      aliases.push(...words.filter((name) => !/[*?!]/.test(name)));
      const inside = 'config' in line ? line.config : [];
      for (const each of inside)
        if ('param' in each && each.param.toLowerCase() === 'include') included(wordsOf(each.value));
      blocks.push({ patterns: words, settings: settingsOf(inside) });
    } else if (param === 'include') included(words);
    else if (param === 'match')
      problems.push({ where: 'Match', message: 'is left out: when it holds is not known here' });
    else loose.push(line);
  }
  blocks[0] = { patterns: ['*'], settings: settingsOf(loose) };

  const compute = (alias: string): Settings => {
    const found = new Map<string, string>();
    for (const { patterns, settings } of blocks) {
      if (!isAbout(patterns, alias)) continue;
      for (const [name, value] of settings) if (!found.has(name)) found.set(name, value);
    }
    return found;
  };

  const hopOf = (alias: string): { hop: FoundHop; jumps: string[]; notes: string[] } => {
    const found = compute(alias);
    const notes: string[] = [];
    const told = found.get('identityfile');
    // “none” is no file, and a public key means: that key of the agent.
    const key = told === undefined || told.toLowerCase() === 'none' || told.endsWith('.pub') ? null : told;
    if (told?.endsWith('.pub')) notes.push(`Any key of the agent is used, not only that of ${told}.`);
    const agent = found.get('identityagent');
    if (agent !== undefined && agent !== 'SSH_AUTH_SOCK')
      notes.push(`Its IdentityAgent (${agent}) was left out; the agent of this computer is asked.`);
    const left = unkept.filter(([name]) => found.has(name)).map(([, shown]) => shown);
    if (left.length > 0) notes.push(`Left out: ${left.join(', ')}.`);
    const port = portOf(found.get('port')?.replace(/^\+/, ''));
    if (found.has('port') && port === undefined) notes.push('Its port is no number; 22 was taken.');
    const command = found.get('proxycommand');
    if (command !== undefined && command.toLowerCase() !== 'none')
      notes.push('It has a ProxyCommand, which is not run here.');
    const jump = found.get('proxyjump') ?? 'none';
    return {
      hop: {
        host: found.get('hostname')?.replaceAll('%h', alias) ?? alias,
        port: port ?? 22,
        user: found.get('user') ?? user,
        auth: key === null ? 'agent' : 'key',
        keyFile: key,
      },
      jumps: jump.toLowerCase() === 'none' ? [] : jump.split(',').map((each) => each.trim()),
      notes,
    };
  };

  /** `[user@]host[:port]`, where host may be an alias with jumps of its own. Null: too long, or in a circle. */
  const chainTo = (spec: string, seen: readonly string[]): { chain: FoundHop[]; notes: string[] } | null => {
    const match = /^(?:ssh:\/\/)?(?:([^@]+)@)?(\[[^\]]+\]|[^:]+)(?::(\d+))?$/.exec(spec);
    const alias = (match?.[2] ?? spec).replace(/^\[|\]$/g, '');
    if (seen.includes(alias) || seen.length > mostHops) return null;
    const { hop, jumps, notes } = hopOf(alias);
    const chain: FoundHop[] = [];
    for (const jump of jumps) {
      const before = chainTo(jump, [...seen, alias]);
      if (!before) return null;
      chain.push(...before.chain);
      notes.push(...before.notes);
    }
    chain.push({ ...hop, user: match?.[1] ?? hop.user, port: portOf(match?.[3]) ?? hop.port });
    return chain.length > mostHops ? null : { chain, notes };
  };

  const hosts: FoundHost[] = [];
  for (const alias of new Set(aliases)) {
    const found = chainTo(alias, []);
    if (found) hosts.push({ alias, ...found });
    else problems.push({ where: alias, message: `is behind more than ${mostHops} hosts, or behind itself` });
  }
  return { connections: [], hosts, projects: [], problems };
}
