import { readFileSync } from 'node:fs';
import { build } from 'rolldown';
import { expect, it } from 'vitest';
import { licences, licencesFile } from '../../main/licences.config.ts';
import config from '../../main/rolldown.config.ts';
import rendererConfig from '../../renderer/vite.config.ts';

/* What is bundled of others is passed on with its licence. */

it('lists each package of a bundle with its version and the text of its licence', async () => {
  const { output } = await build({
    input: 'main/headless/mcp/server.ts',
    platform: 'node',
    plugins: [licences],
    logLevel: 'silent',
    write: false,
  });
  const file = output.find(({ fileName }) => fileName === licencesFile);
  const text = file?.type === 'asset' ? String(file.source) : '';
  const bundled = new Set(
    output.flatMap((each) =>
      each.type === 'chunk'
        ? each.moduleIds.flatMap((id) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(id)?.[1] ?? [])
        : [],
    ),
  );
  expect([...bundled]).toEqual(expect.arrayContaining(['@modelcontextprotocol/sdk', 'ajv', 'zod']));
  for (const name of bundled) expect(text).toMatch(new RegExp(`(^|\\n)${name} \\d+\\.\\d+\\.\\d+\\S* \\(`));
  expect(text).toContain(readFileSync('node_modules/@modelcontextprotocol/sdk/LICENSE', 'utf8').trim());
});

it('is part of the builds of main and of the page', () => {
  const [main] = config as { plugins?: unknown }[];
  expect([main?.plugins].flat()).toContain(licences);
  expect([rendererConfig.plugins].flat(2)).toContain(licences);
});

it('takes no package that names no licence', () => {
  const folder = 'test/support/no-such/node_modules/nameless';
  const bundle = { 'a.js': { moduleIds: [`${folder}/index.js`, 'main/app.ts'] } };
  expect(() => licences.generateBundle.call({ emitFile: () => undefined }, null, bundle)).toThrow();
});
