import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { WireError } from '../../../preload/contract/errors.ts';
import {
  type Connection,
  type ConnectionTest,
  type ImportKind,
  type ImportPlan,
  importKinds,
} from '../../../preload/contract/models.ts';
import { recognisedBy, recogniseImport } from '../../../preload/contract/recognise-import.ts';
import { plain, type Said } from '../../../preload/contract/said.ts';
import { say } from '../../../preload/messages/said.ts';
import { AppError } from '../../errors.ts';
import { writeOwn } from '../../own-file.ts';
import type { Words } from '../../words.ts';
import { table } from '../terminal/terminal.ts';
import { type Console, exits, headsOf, print, type Session, tell } from './commands.ts';

/* What a DBA does without a window: look at connections, test them, bring them in, prove what was done. */

/** A page of the list; more are read until all are there. */
const pageSize = 500;

/** Every connection that a search finds, or all. */
export async function allConnections(session: Session, search: string | undefined): Promise<Connection[]> {
  const all: Connection[] = [];
  for (;;) {
    const filter = { offset: all.length, limit: pageSize, ...(search === undefined ? {} : { search }) };
    const { items, total } = await session.api.connections.list(filter);
    all.push(...items);
    if (items.length === 0 || all.length >= total) return all;
  }
}

/** `connections [search]`: what is there and how it is. */
export async function connectionsCommand(
  session: Session,
  search: string | undefined,
  to: Console,
): Promise<number> {
  const all = await allConnections(session, search);
  print(to, all, () =>
    all.length === 0
      ? say('console.noConnections')
      : table(
          [
            ...headsOf(to, ['name', 'environment', 'address', 'state', 'firstTest']),
            ...['ms', ...headsOf(to, ['usedBy'])],
          ],
          all.map(({ name, environment, host, port, database, state, health, usedBy, ...rest }) => [
            name,
            environment,
            `${host}:${port}/${database}`,
            state !== 'active'
              ? state
              : to.words.text(rest.hasSecret ? say(`console.${health.state}`) : say('console.needsSecret')),
            to.words.text(say(`console.first.${rest.onboarding}`)),
            health.latencyMs === null ? '' : String(Math.round(health.latencyMs)),
            usedBy.length === 0 ? '–' : usedBy.map((project) => project.name).join(', '),
          ]),
        ),
  );
  return 0;
}

/** `connections --deleted`: what can be restored with `call connections.restore`. */
export async function deletedCommand(session: Session, to: Console): Promise<number> {
  const all = await session.api.connections.deleted();
  print(to, all, () =>
    all.length === 0
      ? say('console.noneDeleted')
      : table(
          [...headsOf(to, ['name', 'environment', 'address', 'deleted', 'until']), 'id'],
          all.map(({ id, name, environment, host, port, database, deletedAt, removedAt }) => [
            ...[name, environment, `${host}:${port}/${database}`, deletedAt, removedAt, id],
          ]),
        ),
  );
  return 0;
}

const rungMarks: Readonly<Record<ConnectionTest['rungs'][number]['state'], string>> = {
  ok: '✓',
  warns: '!',
  failed: '✗',
  skipped: '–',
  not_reached: ' ',
};

function ladderText(name: string, test: ConnectionTest, words: Words): string {
  const lines = test.rungs.map(({ name: rung, state, ms, detail, said }) => {
    const time = ms === null ? '' : ` (${Math.round(ms)} ms)`;
    return `  ${rungMarks[state]} ${rung.padEnd(9)} ${said ? words.text(said) : detail}${time}`;
  });
  const after = [
    ...(test.warned?.map(words.text) ?? test.warnings).map((warning) => `  ! ${warning}`),
    ...(test.error ? errorLines(test.error, words).map((line) => `  ${line}`) : []),
    ...(test.fixSql === null ? [] : [`  ${test.fixSql}`]),
    ...(test.hostKey ? [`  ${words.text(shownBy(test.hostKey))}`] : []),
  ];
  return [
    words.text(
      test.ok
        ? say('console.testWorks', { name, version: test.serverVersion ?? '' })
        : say('console.testFails', { name }),
    ),
    ...lines.map((line) => line.trimEnd()),
    ...after,
  ].join('\n');
}

const errorLines = (error: WireError, words: Words): string[] => [
  words.text(error.said ?? plain(error.message)),
  words.text(error.advised ?? plain(error.advice)),
  `(${error.code})`,
];
const shownBy = ({ host, port, type, fingerprint }: NonNullable<ConnectionTest['hostKey']>): Said =>
  say('console.hostShows', { host: `${host}:${port}`, type, fingerprint });

/** `test [name …]`: climbs the ladder of each, or of every active one; exit code 3 when one fails. */
export async function testCommand(session: Session, names: readonly string[], to: Console): Promise<number> {
  const all = await allConnections(session, undefined);
  const wanted =
    names.length === 0
      ? all.filter(({ state }) => state === 'active')
      : names.flatMap((name) => {
          const found = all.filter(
            (each) => each.id === name || each.name.toLowerCase() === name.toLowerCase(),
          );
          if (found.length === 0) throw new AppError('NOT_FOUND', say('command.noConnection', { name }));
          return found;
        });
  let failed = 0;
  for (const { id, name } of wanted) {
    const test = await session.api.connections.test({ id }, { signal: to.signal });
    if (!test.ok) failed += 1;
    print(to, { id, name, ...test }, () => ladderText(name, test, to.words));
  }
  if (wanted.length === 0 && !to.json) tell(to, say('console.nothingToTest'));
  return failed === 0 ? 0 : exits.config;
}

function planText(plan: ImportPlan, to: Console): string {
  const { text } = to.words;
  const yesOrNo = (is: boolean): string => text(is ? say('console.yes') : say('console.no'));
  const parts: string[] = [];
  if (plan.connections.length > 0) {
    const rows = plan.connections.map((each) => [
      each.status,
      each.name,
      each.environment,
      `${each.user === '' ? '' : `${each.user}@`}${each.host}:${each.port}/${each.database}`,
      each.tlsMode,
      yesOrNo(each.hasPassword),
      each.projects.join(', '),
    ]);
    parts.push(
      table(
        [
          ...headsOf(to, ['status', 'name', 'environment', 'address']),
          ...['tls', ...headsOf(to, ['password', 'projects'])],
        ],
        rows,
      ),
    );
    for (const { name, notes } of plan.connections)
      for (const note of notes) parts.push(`  ${name}: ${note}`);
  }
  if (plan.hosts.length > 0) {
    const rows = plan.hosts.map(({ alias, chain }) => [alias, chain.join(' → ')]);
    parts.push(table(headsOf(to, ['host', 'through']), rows));
  }
  if (plan.projects.length > 0) {
    const shared = new Map(plan.connections.map(({ key, name }) => [key, name]));
    const rows = plan.projects.map(({ name, schema, connectionKey, status }) => [
      status,
      name,
      schema,
      shared.get(connectionKey) ?? '',
    ]);
    parts.push(table(headsOf(to, ['status', 'project', 'schema', 'connection']), rows));
    const links = plan.projects.flatMap(({ name, links: all }) =>
      all.map((each) => [
        each.status,
        name,
        each.source,
        each.baseUrl,
        yesOrNo(each.hasClientSecret),
        each.signIn === null || !each.isShared
          ? (each.signIn ?? '')
          : text(say('console.shared', { account: each.signIn })),
      ]),
    );
    if (links.length > 0)
      parts.push(
        table(headsOf(to, ['status', 'project', 'source', 'address', 'clientSecret', 'signInAs']), links),
      );
    for (const { name, notes } of plan.projects) for (const note of notes) parts.push(`  ${name}: ${note}`);
  }
  for (const { where, message } of plan.problems)
    parts.push(`  ${text(say('console.leftOut', { where, what: message }))}`);
  return parts.length === 0 ? text(say('console.nothingToImport')) : parts.join('\n');
}

export interface ImportOptions {
  readonly yes: boolean;
  /** Where to write a legacy file without its credentials. */
  readonly out: string | undefined;
  /** Opens a sealed bundle. */
  readonly passphrase: string | undefined;
}

/** What is to be imported: a kind with its file, or a file alone whose kind is seen in it. Null where there is no such kind. */
async function importOf(
  kind: string,
  file: string | undefined,
): Promise<{ readonly kind: ImportKind; readonly text: string | undefined } | null> {
  const named = importKinds.find((each) => each === kind);
  if (named !== undefined && file === undefined) return { kind: named, text: undefined };
  const path = named === undefined ? kind : (file ?? '');
  if (named === undefined && file !== undefined) return null;
  let bytes: Buffer;
  try {
    bytes = await readFile(path === '-' ? '/dev/stdin' : path);
  } catch (cause) {
    // A word that is no file was meant as a kind.
    if (named === undefined && !/[./\\]/.test(path)) return null;
    throw new AppError('IMPORT_UNREADABLE', say('command.fileCanNotRead', { file: path }), { cause });
  }
  const seen = named ?? recogniseImport(path, bytes.subarray(0, recognisedBy).toString('utf8'));
  if (seen === undefined) throw new AppError('IMPORT_UNREADABLE', say('command.kindNotSeen', { file: path }));
  // A database is no text.
  return { kind: seen, text: bytes.toString(seen === 'beekeeper' ? 'base64' : 'utf8') };
}

/**
 * `import <kind> [file] [--yes]`, or `import <file>`: shows the plan; only with `--yes` what is new is taken. Names that are
 * taken by another connection are left alone. Without a file the tool's usual place is read.
 */
export async function importCommand(
  session: Session,
  kind: string,
  file: string | undefined,
  options: ImportOptions,
  to: Console,
): Promise<number> {
  const from = await importOf(kind, file);
  if (from === null) {
    tell(to, say('console.noImportKind', { kind }));
    to.err.write(`  ${importKinds.join('\n  ')}\n`);
    return exits.usage;
  }
  const { text } = from;
  const plan = await session.api.imports.preview({
    kind: from.kind,
    ...(text === undefined ? {} : { text }),
    ...(options.passphrase === undefined ? {} : { passphrase: options.passphrase }),
  });
  if (!options.yes) {
    await session.api.imports.discard({ planId: plan.planId });
    print(to, plan, () => planText(plan, to));
    if (!to.json) tell(to, say('console.nothingChanged'));
    return 0;
  }
  if (!to.json) to.err.write(`${planText(plan, to)}\n`);
  const result = await session.api.imports.apply({
    planId: plan.planId,
    connections: plan.connections
      .filter(({ status }) => status === 'new' || status === 'incomplete')
      .map(({ key }) => ({ key, action: 'create' as const })),
    projects: plan.projects.filter(({ status }) => status !== 'same').map(({ name }) => name),
  });
  const { cleaned, ...rest } = result;
  if (options.out !== undefined && cleaned !== null) await writeOwn(resolve(options.out), cleaned);
  print(to, rest, () => {
    const { text } = to.words;
    const problems = result.problems.map(
      ({ where, message }) => `  ${text(say('console.notDone', { where, what: message }))}`,
    );
    const next =
      cleaned === null
        ? plan.kind === 'legacy'
          ? [say('console.keepFile')]
          : []
        : [
            options.out === undefined
              ? say('console.withOut')
              : say('console.cleaned', { file: options.out }),
          ];
    const imported = say('console.imported', {
      connections: say('console.connections', { count: result.created.length }),
      projects: say('console.projects', { count: result.projects.length }),
      skipped: result.skipped,
    });
    return [text(imported), ...problems, ...next.map(text)].join('\n');
  });
  return result.problems.length === 0 ? 0 : exits.config;
}

/** `diagnostics`: what somebody who helps has to know, to be sent to them as a file. */
export async function diagnosticsCommand(session: Session, to: Console): Promise<number> {
  const { text } = await session.api.app.diagnostics({}, { signal: to.signal });
  to.out.write(text ?? '');
  return 0;
}
