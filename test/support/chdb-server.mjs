/**
 * ClickHouse's engine (chdb) behind the HTTP interface that its server has: users, settings, query ids and errors as there. A process of its
 * own: `node chdb-server.mjs CHDB_FOLDER DATA_FOLDER`, told on stdin by JSON lines, tells its port on stdout.
 */

import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const [chdbFolder = '', dataFolder = ''] = process.argv.slice(2);
const { Session } = createRequire(join(chdbFolder, 'package.json'))('chdb');
const session = new Session(dataFolder);
const users = {
  admin: { key: 'canary-admin', readonly: 0 },
  reader: { key: 'canary-réader', readonly: 0 },
  locked: { key: 'canary-locked', readonly: 1 },
};
/** Statements that run, by their name. */
const running = new Map();
let turn = Promise.resolve();

const fail = (answer, number, text) => {
  answer.writeHead(number === 516 ? 403 : 500, {
    'X-ClickHouse-Exception-Code': String(number),
    'Content-Type': 'text/plain',
  });
  answer.end(`Code: ${number}. DB::Exception: ${text}. (version 26.7.2.1 (official build))\n`);
};
const numberOf = (error) => Number(/Code: (\d+)/.exec(String(error.message))?.[1] ?? 1002);
const textOf = (error) =>
  String(error.message)
    .replace(/^[\s\S]*?DB::Exception:\s*/, '')
    .split('. (')[0];

const server = createServer(async (request, answer) => {
  let sql = '';
  for await (const piece of request.setEncoding('utf8')) sql += piece;
  const url = new URL(request.url ?? '/', 'http://localhost');
  const header = (name) => Buffer.from(String(request.headers[name] ?? ''), 'latin1').toString('utf8');
  const user = users[header('x-clickhouse-user')];
  const name = header('x-clickhouse-user');
  if (!user || user.key !== header('x-clickhouse-key'))
    return fail(
      answer,
      516,
      `${name}: Authentication failed: password is incorrect, or there is no user with such name`,
    );
  const {
    database,
    query_id: queryId = '',
    default_format: format = 'TabSeparated',
    ...settings
  } = Object.fromEntries(url.searchParams);
  if (user.readonly === 1 && Object.keys(settings).length > 0)
    return fail(answer, 164, `Cannot modify '${Object.keys(settings)[0]}' setting in readonly mode`);
  const kill = /^KILL QUERY WHERE query_id = '([^']+)'/.exec(sql);
  if (kill) {
    running.get(kill[1])?.stop();
    answer.writeHead(200, { 'X-ClickHouse-Query-Id': queryId });
    return answer.end('');
  }
  let stopped = false;
  const work = async () => {
    try {
      const known = await session.queryAsync(
        `SELECT count() FROM system.databases WHERE name = '${(database ?? '').replaceAll("'", "\\'")}'`,
        { format: 'TabSeparated' },
      );
      if (known.text().trim() !== '1') return fail(answer, 81, `Database ${database} does not exist`);
      await session.queryAsync(`USE \`${database}\``);
      if (user.readonly === 1 || settings.readonly === '2') {
        // What the server's own reader makes of it, as the server judges it.
        const tree = await session.queryAsync(`EXPLAIN AST ${sql}`, { format: 'TabSeparated' }).then(
          (found) => found.text(),
          (error) => {
            if (/^(SHOW|DESCRIBE|DESC|EXPLAIN|EXISTS)\b/i.test(sql.trim())) return 'Select';
            throw error;
          },
        );
        if (!/^(Select|Show|Describe|Explain|Exists)/.test(tree))
          return fail(answer, 164, `${name}: Cannot execute query in readonly mode`);
      }
      const known2 = ['max_execution_time', 'max_result_rows', 'result_overflow_mode'].filter(
        (each) => settings[each] !== undefined,
      );
      const isSelect = /^\s*\(?\s*(SELECT|WITH)\b/i.test(sql);
      const with_ =
        isSelect && known2.length > 0
          ? `${sql}\nSETTINGS ${known2.map((each) => `${each} = ${/^\d+$/.test(settings[each]) ? settings[each] : `'${settings[each]}'`}`).join(', ')}`
          : sql;
      // The engine ends no statement that runs; a long one is cut into short ones here, so that it can be.
      const sleeps = /sleepEachRow\(1\) FROM numbers\((\d+)\)/.exec(sql);
      if (sleeps) {
        const most = Number(settings.max_execution_time ?? 3600);
        for (let second = 0; second < Number(sleeps[1]) * 20; second += 1) {
          if (stopped) return fail(answer, 394, 'Query was cancelled');
          if (second / 20 > most) return fail(answer, 159, 'Timeout exceeded');
          await new Promise((done) => setTimeout(done, 50));
        }
      }
      const result = await session.queryAsync(with_.replaceAll('currentUser()', `'${name}'`), { format });
      const bytes = Buffer.from(result.bytes());
      const tag = randomBytes(8).toString('hex');
      answer.writeHead(200, {
        'X-ClickHouse-Query-Id': queryId,
        'X-ClickHouse-Exception-Tag': tag,
        'Transfer-Encoding': 'chunked',
      });
      const fault = /break_after_(\d+)/.exec(sql);
      if (!fault) return answer.end(bytes);
      // As a server that fails in the midst of an answer, from 25.11 on.
      const lines = bytes
        .toString('utf8')
        .split('\n')
        .slice(0, 2 + Number(fault[1]));
      answer.end(
        `${lines.join('\n')}\n__exception__\r\n${tag}\r\nCode: 395. DB::Exception: It broke in the midst. (FUNCTION_THROW_IF_VALUE_IS_NON_ZERO)\n60 ${tag}\r\n__exception__\r\n`,
      );
    } catch (error) {
      fail(answer, numberOf(error), textOf(error));
    }
  };
  running.set(queryId, {
    stop: () => {
      stopped = true;
    },
  });
  request.socket.once('close', () => {
    if (settings.cancel_http_readonly_queries_on_client_close === '1') stopped = true;
  });
  turn = turn.then(work).finally(() => running.delete(queryId));
});

process.stdin.setEncoding('utf8').on('data', async (text) => {
  for (const line of text.split('\n').filter((each) => each !== '')) {
    const { id, sql } = JSON.parse(line);
    try {
      const result =
        sql === 'running'
          ? String(running.size)
          : (await session.queryAsync(sql, { format: 'TabSeparated' })).text();
      process.stdout.write(`${JSON.stringify({ id, result })}\n`);
    } catch (error) {
      process.stdout.write(`${JSON.stringify({ id, error: String(error.message) })}\n`);
    }
  }
});
process.stdin.on('end', () => process.exit(0));
server.listen(0, '127.0.0.1', () =>
  process.stdout.write(`${JSON.stringify({ port: server.address().port })}\n`),
);
