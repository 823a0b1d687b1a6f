import { isListed } from '../../engines/ssh/known-hosts.ts';
import type { Found, FoundHop, FoundHost, Problem } from '../found.ts';
import { leftOut, portOf } from '../found.ts';
import { unkeptOf } from './ssh-config-keywords.ts';
import { type SshLine, sshLines } from './ssh-config-lines.ts';

/** Ports may be named by their service (services(5)); these are what anybody reaches SSH by. */
const services: Readonly<Record<string, number>> = { ssh: 22, http: 80, https: 443 };

/** As many as a connection can have. */
const mostHops = 3;

interface Settings {
  /** The first value of each keyword, which is the one that counts. */
  readonly first: ReadonlyMap<string, string>;
  /** Key files add up, in their order. */
  readonly keys: readonly string[];
  /** Whether a Host line names it, or only lines for everybody are about it. */
  readonly isNamed: boolean;
}
interface Block {
  readonly title: string;
  readonly kind: 'host' | 'match';
  readonly words: readonly string[];
  readonly lines: SshLine[];
}

/** HostName with its tokens, or the name that was asked for. */
const named = (hostName: string | undefined, alias: string): string =>
  hostName?.replace(/%([%h])/g, (_, token: string) => (token === 'h' ? alias : '%')) ?? alias;

/**
 * Whether a Match line holds; null where that is not known here (a command would run, or a second pass be needed). The host
 * is the one that is set so far, as OpenSSH looks at it.
 */
function holds(
  words: readonly string[],
  known: Readonly<Record<'host' | 'originalhost' | 'user' | 'localuser', string>>,
): boolean | null {
  let result = true;
  for (let at = 0; at < words.length; at += 1) {
    const [, negated, name = '', value] = /^(!?)([^=]*)(?:=(.*))?$/s.exec(words[at] as string) ?? [];
    const what = name.toLowerCase();
    if (what === 'all') return words.length === 1 && negated === '';
    if (what !== 'host' && what !== 'originalhost' && what !== 'user' && what !== 'localuser') return null;
    const list = value ?? words[++at];
    if (list === undefined) return null;
    if (isListed(list.split(','), known[what]) === (negated === '!')) result = false;
  }
  return result;
}

const nobody = { host: '', originalhost: '', user: '', localuser: '' } as const;

/** A path with a part that only SSH itself knows. */
const isUnclear = (path: string): boolean => /\$|%|^~[^/]/.test(path);

/** Where an IdentityAgent listens, `none` where there is none; undefined for the usual one, null for what is no path. */
function agentOf(told: string | undefined, expanded: (path: string) => string): string | null | undefined {
  if (told === undefined || told === 'SSH_AUTH_SOCK') return undefined;
  if (told.toLowerCase() === 'none') return 'none';
  const path = expanded(told);
  return /^~?\/(?!\/)/.test(path) && !isUnclear(path) ? path : null;
}

interface Jump {
  readonly host: string;
  readonly user?: string | undefined;
  readonly port?: number | undefined;
}

/** `[user@]host[:port]` or `ssh://…`, as ProxyJump has them. */
function jumpOf(spec: string): Jump {
  const isUrl = spec.startsWith('ssh://');
  const text = isUrl ? spec.slice('ssh://'.length).replace(/\/$/, '') : spec;
  const at = text.lastIndexOf('@');
  const match = /^(\[[^\]]+\]|[^:]+)(?::(\d+))?$/.exec(text.slice(at + 1));
  const name = at > 0 ? text.slice(0, at) : undefined;
  let user = name;
  try {
    if (isUrl && name !== undefined) user = decodeURIComponent(name);
  } catch {
    // A name that is not encoded is taken as it is.
  }
  const host = (match?.[1] ?? text.slice(at + 1)).replace(/^\[|\]$/g, '');
  return { host, user, port: portOf(match?.[2]) };
}

/**
 * Hosts of an OpenSSH configuration (ssh_config(5)) with the jump hosts before them; `user` where none is told. The file
 * is only read: what would run commands or ask the network (Match exec, CanonicalizeHostname, ProxyCommand) is left out.
 */
export function parseSshConfig(text: string, user: string): Found {
  const problems: Problem[] = [];
  const aliases: string[] = [];
  const blocks: Block[] = [{ title: '', kind: 'host', words: ['*'], lines: [] }];
  let hasIncludes = false;
  for (const line of sshLines(text)) {
    if (line.name === 'host' || line.name === 'match') {
      const title = `${line.name === 'host' ? 'Host' : 'Match'} ${line.words.join(' ')}`;
      blocks.push({ title, kind: line.name, words: line.words, lines: [] });
      if (line.name === 'host') aliases.push(...line.words.filter((name) => !/[*?!]/.test(name)));
      else if (holds(line.words, nobody) === null)
        problems.push({ where: 'Match', message: 'is left out: when it holds is not known here' });
    } else if (line.name === 'include') {
      hasIncludes = true;
      problems.push({
        where: `Include ${line.words.join(' ')}`,
        message: 'is another file; import that one too',
      });
    } else blocks.at(-1)?.lines.push(line);
  }

  const isUnknown = ({ kind, words }: Block): boolean => kind === 'match' && holds(words, nobody) === null;
  /** Blocks that are about a host of this file. */
  const used = new Set<Block>();
  const compute = (alias: string, as: string | undefined): Settings => {
    const first = new Map<string, string>(as === undefined ? [] : [['user', as]]);
    const keys: string[] = [];
    let isNamed = false;
    for (const block of blocks) {
      const { kind, words, lines } = block;
      if (kind === 'host' && !isListed(words, alias)) continue;
      if (kind === 'host' && words.includes(alias)) isNamed = true;
      const host = named(first.get('hostname'), alias);
      const known = { host, originalhost: alias, user: first.get('user') ?? user, localuser: user };
      if (kind === 'match' && holds(words, known) !== true) continue;
      used.add(block);
      for (const { name, words: values } of lines) {
        const value = values[0] ?? '';
        // Of a jump and a command the one that stands first counts, also when it says “none”.
        const other = { proxyjump: 'proxycommand', proxycommand: 'proxyjump' }[name];
        if (name === 'identityfile') {
          if (!keys.includes(value)) keys.push(value);
        } else if (!first.has(name) && (other === undefined || !first.has(other))) first.set(name, value);
      }
    }
    return { first, keys, isNamed };
  };

  const hopOf = (alias: string, as?: string): { hop: FoundHop; jumps: string[]; notes: string[] } => {
    const { first: found, keys, isNamed } = compute(alias, as);
    const notes: string[] = [];
    if (hasIncludes && !isNamed)
      notes.push(`“${alias}” is in no Host line of this file; check its address, port and user.`);
    const host = named(found.get('hostname'), alias);
    const tokens: Readonly<Record<string, string>> = {
      ...{ '%': '%', d: '~', h: host, n: alias, u: user, r: found.get('user') ?? user },
    };
    const expanded = (path: string): string =>
      path.replace(/\$\{HOME\}/g, '~').replace(/%(.)/gs, (whole, token: string) => tokens[token] ?? whole);
    const paths = keys.filter((each) => each.toLowerCase() !== 'none').map(expanded);
    // “none” is no file, and a public key means: that key of the agent.
    const told = paths[0];
    const isPublic = told?.endsWith('.pub') === true;
    const key = told === undefined || isPublic ? null : told;
    if (paths.length > 1)
      notes.push(`Only its first key file is used; left out: ${paths.slice(1).join(', ')}.`);
    if (told !== undefined && isUnclear(told))
      notes.push(`The path ${told} has a part that is not known here; choose the key file.`);
    const agent = agentOf(found.get('identityagent'), expanded);
    if (agent === null)
      notes.push('Its IdentityAgent was left out: it is no path; the agent of this computer is asked.');
    else if (agent !== undefined && key !== null)
      notes.push(`Its IdentityAgent (${agent}) was left out; its key file is used.`);
    const { left, stricter } = unkeptOf(found);
    // The agent's other keys would be shown too.
    if (key === null && !isPublic && found.get('identitiesonly')?.toLowerCase() === 'yes')
      left.push('IdentitiesOnly');
    notes.push(...leftOut(left));
    if (stricter.length > 0)
      notes.push(`Not kept to, though it may forbid what is allowed here: ${stricter.join(', ')}.`);
    const written = found.get('port');
    const port = services[written ?? ''] ?? portOf(written?.replace(/^\+/, ''));
    if (found.has('port') && port === undefined) notes.push('Its port is no number; 22 was taken.');
    const command = found.get('proxycommand');
    if (command !== undefined && command.toLowerCase() !== 'none')
      notes.push('It has a ProxyCommand, which is not run here.');
    const jump = found.get('proxyjump') ?? 'none';
    return {
      hop: {
        // As ssh, which looks names up in small letters.
        host: host.toLowerCase(),
        port: port ?? 22,
        user: found.get('user') ?? user,
        auth: key === null ? 'agent' : 'key',
        keyFile: key,
        ...(key === null && agent ? { agentSocket: agent } : {}),
        ...(isPublic ? { agentKeyFile: told } : {}),
      },
      jumps: jump.toLowerCase() === 'none' ? [] : jump.split(',').map((each) => each.trim()),
      notes,
    };
  };

  /** The hosts up to one, which may have jumps of its own. Null: too long, or in a circle. */
  const chainTo = (
    { host: alias, user: as, port }: Jump,
    seen: readonly string[],
    isBehind = false,
  ): { chain: FoundHop[]; notes: string[] } | null => {
    if (seen.includes(alias) || seen.length > mostHops) return null;
    const { hop, jumps, notes } = hopOf(alias, as);
    const chain: FoundHop[] = [];
    // Only the first of a list goes its own way: each of the others is reached through the one before it.
    for (const [index, jump] of (isBehind ? [] : jumps).entries()) {
      const before = chainTo(jumpOf(jump), [...seen, alias], index > 0);
      if (!before) return null;
      chain.push(...before.chain);
      notes.push(...before.notes);
    }
    chain.push({ ...hop, port: port ?? hop.port });
    return chain.length > mostHops ? null : { chain, notes };
  };

  const hosts: FoundHost[] = [];
  for (const alias of new Set(aliases)) {
    const found = chainTo({ host: alias }, []);
    if (found) hosts.push({ alias, ...found });
    else problems.push({ where: alias, message: `is behind more than ${mostHops} hosts, or behind itself` });
  }
  for (const block of blocks)
    if (block.lines.length > 0 && !used.has(block) && !isUnknown(block))
      problems.push({
        where: block.title || 'The lines before the first Host',
        message: 'is for no host that is named in this file',
      });
  return { connections: [], hosts, projects: [], problems };
}
