import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'rolldown';
import { expect, it } from 'vitest';
import { licences, licencesFile } from '../../main/licences.config.ts';
import config from '../../main/rolldown.config.ts';
import rendererConfig from '../../renderer/vite.config.ts';
import { temporaryFolder } from '../support/parts.ts';

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
  using folder = temporaryFolder();
  const nameless = join(folder.path, 'node_modules', 'nameless');
  mkdirSync(nameless, { recursive: true });
  writeFileSync(join(nameless, 'package.json'), '{"name":"nameless","version":"1.0.0"}');
  const bundle = { 'a.js': { moduleIds: [join(nameless, 'index.js'), 'main/app.ts'] } };
  const made = () => licences.generateBundle.call({ emitFile: () => undefined }, null, bundle);
  expect(made).toThrow('nameless names no licence.');
  writeFileSync(join(nameless, 'LICENSE'), 'do as you like');
  expect(made).not.toThrow();
});
