import type { PgGrammar } from 'libpg-query/wasm/libpg-query.js';
import { say } from '../../../preload/messages/said.ts';
import { AppError } from '../../errors.ts';
import { refused, syntaxError } from './refused.ts';

/** What a statement is made of, as the parser prints it: objects of one key, which names the kind of node. */
export type Node = { readonly [key: string]: unknown };

export interface Token {
  /** Offsets in bytes of UTF-8. */
  readonly start: number;
  readonly end: number;
  readonly text: string;
  /** `IDENT`, `SCONST`, `ASCII_58` … */
  readonly kind: string;
}

export interface Grammar {
  /** The statements of a text. Fails with QUERY_FAILED (a syntax error, with its place) or QUERY_REFUSED. */
  parse(sql: string): readonly Node[];
  tokens(sql: string): readonly Token[];
  /** The text with every literal as `$n`; null where the parser can't tell. */
  withoutLiterals(sql: string): string | null;
}

/** Tokens of a statement, and brackets within brackets: beyond them a parser runs out of stack, and so would the server's. */
const mostTokens = 20_000;
const mostNested = 200;

/** Where a byte of the text's UTF-8 stands, counted in characters from 1. */
export function positionOf(sql: string, byte: number): number {
  return [...Buffer.from(sql).subarray(0, byte).toString()].length + 1;
}

/**
 * PostgreSQL's own grammar (libpg-query: the server's parser of version 18, compiled to WebAssembly). `create` makes the
 * module; one that an input has left in an unknown state is thrown away and made anew.
 */
export async function loadGrammar(create: () => Promise<PgGrammar>): Promise<Grammar> {
  let module = await create();
  /** A new module is being made. */
  let renewing = false;

  const give = <T>(text: string, work: (at: number) => T): T => {
    const bytes = module.lengthBytesUTF8(text) + 1;
    const at = module._malloc(bytes);
    try {
      module.stringToUTF8(text, at, bytes);
      return work(at);
    } finally {
      module._free(at);
    }
  };
  /** What fails in here is not the statement's syntax: the module may be broken after it. */
  const guarded = <T>(work: () => T): T => {
    if (renewing) throw refused('too_long', say('query.headgateGettingParserReady'));
    try {
      return work();
    } catch (cause) {
      if (cause instanceof AppError) throw cause;
      renewing = true;
      create()
        .then((made) => {
          module = made;
        })
        .finally(() => {
          renewing = false;
        })
        // The next statement finds the old one, and tries again.
        .catch(() => {});
      throw refused('too_long', say('query.statementTooMuchParser'), { cause });
    }
  };
  const textOf = (sql: string, ask: (at: number) => number): string =>
    give(sql, (at) => {
      const result = ask(at);
      try {
        return module.UTF8ToString(result);
      } finally {
        module._wasm_free_string(result);
      }
    });

  const tokens = (sql: string): Token[] =>
    guarded(() => {
      const text = textOf(sql, (at) => module._wasm_scan(at));
      // Of what is no token the parser tells more.
      if (!text.startsWith('{')) return [];
      const { tokens: found } = JSON.parse(text) as {
        tokens: { start: number; end: number; text: string; tokenName: string }[];
      };
      return found.map(({ tokenName, start, end, text: own }) => ({
        kind: tokenName,
        start,
        end,
        text: own,
      }));
    });

  const insistSize = (sql: string): void => {
    if (sql.includes('\0') || !sql.isWellFormed())
      throw refused('unknown_syntax', say('query.statementCharacterPostgresqlDoes'));
    const found = tokens(sql);
    if (found.length > mostTokens)
      throw refused(
        'too_long',
        say('query.statementMoreThanWords', { toLocaleString: mostTokens.toLocaleString('en') }),
      );
    let deep = 0;
    for (const { text, start } of found) {
      if (text === '(' || text === '[') deep += 1;
      else if (text === ')' || text === ']') deep -= 1;
      if (deep > mostNested)
        throw refused('too_long', say('query.statementBracketsWithinMore', { mostNested }), {
          position: positionOf(sql, start),
        });
    }
  };

  return {
    tokens,
    parse(sql) {
      insistSize(sql);
      return guarded(() =>
        give(sql, (at) => {
          const result = module._wasm_parse_query_raw(at);
          if (result === 0) throw new Error('no memory');
          try {
            const tree = module.getValue(result, 'i32');
            const error = module.getValue(result + 8, 'i32');
            if (error !== 0) {
              const message = module.UTF8ToString(module.getValue(error, 'i32'));
              const cursor = module.getValue(error + 16, 'i32');
              throw syntaxError(message, cursor > 0 ? cursor : null);
            }
            return (JSON.parse(module.UTF8ToString(tree)) as { stmts?: Node[] }).stmts ?? [];
          } finally {
            module._wasm_free_parse_result(result);
          }
        }),
      );
    },
    withoutLiterals(sql) {
      const text = guarded(() => textOf(sql, (at) => module._wasm_normalize_query(at)));
      return /^(syntax error|deparse error|ERROR)/.test(text) ? null : text;
    },
  };
}
