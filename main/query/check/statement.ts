import { say } from '../../../preload/messages/said.ts';
import type { AppError } from '../../errors.ts';
import type { Grammar, Node } from './grammar.ts';
import { positionOf } from './grammar.ts';
import { kindsOfFields, knownKinds } from './nodes.ts';
import { refused } from './refused.ts';

/** A name in a statement; `schema` is null where it has none. */
export interface Named {
  readonly schema: string | null;
  readonly name: string;
  /** In characters from 1. */
  readonly position: number;
}

/** What a statement that reads is about, as far as its text tells. */
export interface Reading {
  readonly kind: 'select' | 'explain' | 'show';
  /** The one statement, without what stands around it. */
  readonly text: string;
  readonly tables: readonly Named[];
  readonly functions: readonly Named[];
  readonly operators: readonly Named[];
  readonly types: readonly Named[];
  /** Names behind a dot: columns, or functions over a row that are written like columns. */
  readonly fields: readonly Named[];
  /** The highest `$n`. */
  readonly parameters: number;
}

/** Settings that may be shown: they say nothing of the server's inside. */
const shownSettings: ReadonlySet<string> = new Set([
  ...['server_version', 'server_version_num', 'server_encoding', 'client_encoding', 'timezone', 'datestyle'],
  ...['intervalstyle', 'search_path', 'statement_timeout', 'transaction_read_only', 'transaction_isolation'],
  ...['lc_collate', 'lc_ctype', 'is_superuser', 'standard_conforming_strings'],
]);
/** Options of EXPLAIN; `settings` would print the server's. */
const explainOptions: ReadonlySet<string> = new Set([
  ...[
    'analyze',
    'verbose',
    'costs',
    'buffers',
    'timing',
    'summary',
    'format',
    'generic_plan',
    'wal',
    'memory',
  ],
  ...['serialize'],
]);

/**
 * The first layer: one statement that only reads, told by PostgreSQL's own grammar. Fails with QUERY_FAILED for a syntax
 * error, QUERY_REFUSED with the reason otherwise. What its names stand for the server knows: see `insistHarmless`.
 */
export function readStatement(grammar: Grammar, sql: string): Reading {
  if (sql.trim() === '') throw refused('empty', say('query.noStatement'));
  const all = grammar.parse(sql);
  const [raw, second] = all;
  if (!raw) throw refused('empty', say('query.noStatementOnlyComment'));
  if (second) {
    throw refused('several_statements', say('query.theseSeveralStatementsOne'), {
      position: placeOf(sql, second['stmt_location']),
    });
  }
  const text = sliceOf(sql, raw);
  const statement = raw['stmt'] as Node;
  const [kind] = Object.keys(statement);
  const body = statement[kind as string] as Node;
  if (kind === 'SelectStmt') return { kind: 'select', text, ...walk(sql, statement) };
  if (kind === 'ExplainStmt') return { kind: 'explain', text, ...explained(sql, body) };
  if (kind === 'VariableShowStmt') {
    const name = String(body['name']);
    if (!shownSettings.has(name.toLowerCase())) {
      throw refused('setting', say('query.settingNotShownHere', { name }), { position: 1 });
    }
    return { kind: 'show', text, ...nothing };
  }
  throw refused('not_reading', say('query.notStatementReads', { nameOfStatement: nameOfStatement(kind) }), {
    position: 1,
  });
}

const nothing = { tables: [], functions: [], operators: [], types: [], fields: [], parameters: 0 };

/** `InsertStmt` as people call it. */
const nameOfStatement = (kind: string | undefined): string =>
  (kind ?? '')
    .replace(/Stmt$/, '')
    .replace(/(?<=[a-z])(?=[A-Z])/g, ' ')
    .toUpperCase();

/** A place that the parser left out is the first. */
const placeOf = (sql: string, location: unknown): number =>
  positionOf(sql, typeof location === 'number' && location > 0 ? location : 0);

function sliceOf(sql: string, raw: Node): string {
  const start = typeof raw['stmt_location'] === 'number' ? raw['stmt_location'] : 0;
  const length = typeof raw['stmt_len'] === 'number' ? raw['stmt_len'] : 0;
  const bytes = Buffer.from(sql);
  return bytes
    .subarray(start, length === 0 ? bytes.length : start + length)
    .toString()
    .trim();
}

function explained(sql: string, body: Node): Omit<Reading, 'kind' | 'text'> {
  for (const option of (body['options'] as { DefElem: Node }[] | undefined) ?? []) {
    const name = String(option.DefElem['defname']).toLowerCase();
    if (!explainOptions.has(name)) {
      throw refused('setting', say('query.explainNoOptionHere', { name }), {
        position: placeOf(sql, option.DefElem['location']),
      });
    }
  }
  const query = body['query'] as Node;
  if (!('SelectStmt' in query)) {
    throw refused(
      'not_reading',
      say('query.explainNotRunMay', { nameOfStatement: nameOfStatement(Object.keys(query)[0]) }),
      {
        position: 1,
      },
    );
  }
  return walk(sql, query);
}

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null;
const textsOf = (names: unknown): string[] =>
  ((names as Node[] | undefined) ?? []).flatMap((one) => {
    const text = (one['String'] as { sval?: string } | undefined)?.sval;
    return text === undefined ? [] : [text];
  });

/** Nodes within nodes; nobody writes so deep, and whoever goes through them needs a stack for it. */
const deepest = 2000;

/** Goes through all of a statement. Names of a WITH are known where they hold, and nowhere else. */
function walk(sql: string, root: Node): Omit<Reading, 'kind' | 'text'> {
  const tables: Named[] = [];
  const functions: Named[] = [];
  const operators: Named[] = [];
  const types: Named[] = [];
  const fields: Named[] = [];
  let parameters = 0;

  const named = (names: readonly string[], location: unknown): Named => ({
    schema: names.length > 1 ? (names[names.length - 2] as string) : null,
    name: names.at(-1) ?? '',
    position: placeOf(sql, location),
  });
  const unknown = (what: string, location: unknown): AppError =>
    refused('unknown_syntax', say('query.notKnownHarmless', { what }), { position: placeOf(sql, location) });

  type Scope = ReadonlySet<string>;
  const visit = (value: unknown, scope: Scope): void => {
    if (Array.isArray(value)) {
      for (const one of value) visit(one, scope);
      return;
    }
    if (!isNode(value)) return;
    const keys = Object.keys(value);
    // A list may have empty places.
    if (keys.length === 0) return;
    const [kind] = keys;
    if (keys.length !== 1 || kind === undefined || !/^[A-Z]/.test(kind))
      throw unknown(keys[0] ?? '', undefined);
    take(kind, value[kind] as Node, scope);
  };
  let depth = 0;
  const take = (kind: string, body: Node, scope: Scope): void => {
    depth += 1;
    if (depth > deepest) throw refused('too_long', say('query.statementNestedTooDeeply'));
    if (kind.endsWith('Stmt') && kind !== 'SelectStmt') {
      throw refused(
        'not_reading',
        say('query.withinStatementNotReading', { nameOfStatement: nameOfStatement(kind) }),
        {
          position: placeOf(sql, body['location']),
        },
      );
    }
    if (!knownKinds.has(kind) && !bareKinds.has(kind)) throw unknown(kind, body['location']);
    const inner = kind === 'SelectStmt' ? select(body, scope) : scope;
    note(kind, body, inner);
    for (const [field, value] of Object.entries(body)) {
      if (!isNode(value) || field === 'withClause') continue;
      if (Array.isArray(value)) visit(value, inner);
      else bare(field, value, inner);
    }
    depth -= 1;
  };
  /** A node in a field: wrapped in its kind, or bare where the field has only one. */
  const bare = (field: string, value: Node, scope: Scope): void => {
    const keys = Object.keys(value);
    if (keys.length === 1 && /^[A-Z]/.test(keys[0] as string)) {
      visit(value, scope);
      return;
    }
    const kind = Object.hasOwn(kindsOfFields, field) ? kindsOfFields[field] : undefined;
    if (kind === undefined) throw unknown(field, value['location']);
    take(kind, value, scope);
  };
  /** What a SELECT must not do, and which names its WITH makes. */
  const select = (body: Node, scope: Scope): Scope => {
    if (body['intoClause'] !== undefined)
      throw refused('makes_table', say('query.selectIntoWouldMake'), { position: 1 });
    const [lock] = (body['lockingClause'] as Node[] | undefined) ?? [];
    if (lock)
      throw refused('locks_rows', say('query.updateShareLockRows'), {
        position: 1,
      });
    const clause = body['withClause'] as
      | { ctes?: { CommonTableExpr: Node }[]; recursive?: boolean }
      | undefined;
    if (!clause) return scope;
    const ctes = (clause.ctes ?? []).map((cte) => cte.CommonTableExpr);
    const names = ctes.map((cte) => String(cte['ctename']));
    const after = new Set([...scope, ...names]);
    // A table of the database may have the name of one that comes later, or of itself.
    for (const [at, cte] of ctes.entries())
      take('CommonTableExpr', cte, clause.recursive ? after : new Set([...scope, ...names.slice(0, at)]));
    return after;
  };
  const note = (kind: string, body: Node, scope: Scope): void => {
    const { location } = body;
    switch (kind) {
      case 'RangeVar': {
        const { catalogname, schemaname, relname } = body as Record<string, string | undefined>;
        if (catalogname !== undefined)
          throw refused('schema', say('query.databaseLeaveOut', { catalogname }), {
            position: placeOf(sql, location),
          });
        if (schemaname === undefined && scope.has(relname ?? '')) return;
        tables.push({ schema: schemaname ?? null, name: relname ?? '', position: placeOf(sql, location) });
        return;
      }
      case 'FuncCall':
        functions.push(named(textsOf(body['funcname']), location));
        return;
      case 'A_Expr':
        // BETWEEN and the like have their own name where the operator is told.
        if (/[^A-Za-z ]/.test(textsOf(body['name']).at(-1) ?? ''))
          operators.push(named(textsOf(body['name']), location));
        return;
      case 'SubLink':
        if (body['operName'] !== undefined) operators.push(named(textsOf(body['operName']), location));
        return;
      case 'SortBy':
        if (body['useOp'] !== undefined) operators.push(named(textsOf(body['useOp']), location));
        return;
      case 'TypeName':
        if (body['pct_type'] === true) throw unknown('%TYPE', location);
        types.push(named(textsOf(body['names']), location));
        return;
      case 'RangeTableSample': {
        const method = named(textsOf(body['method']), location);
        if (method.schema !== null || !['system', 'bernoulli'].includes(method.name))
          throw unknown(method.name, location);
        return;
      }
      case 'ColumnRef': {
        const names = textsOf(body['fields']);
        if (names.length > 1) fields.push({ ...named(names, location), schema: null });
        return;
      }
      case 'A_Indirection':
        for (const name of textsOf(body['indirection']))
          fields.push({ schema: null, name, position: placeOf(sql, location) });
        return;
      case 'ParamRef':
        parameters = Math.max(parameters, Number(body['number'] ?? 0));
        return;
      default:
    }
  };
  visit(root, new Set());
  return { tables, functions, operators, types, fields, parameters };
}

const bareKinds: ReadonlySet<string> = new Set([
  ...Object.values(kindsOfFields),
  'WithClause',
  'JsonAggConstructor',
]);
