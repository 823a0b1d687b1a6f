import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, inject, it } from 'vitest';
import { openWorkspace } from '../support/workspace.ts';

/* Every workspace of every test is searched for the database's password when it is closed: the search is shown to bite. */

it.each([
  ['the log', (ws: { logs: string[] }, secret: string) => void ws.logs.push(JSON.stringify({ at: secret }))],
  [
    'notes.txt',
    (ws: { folder: string }, secret: string) =>
      writeFileSync(join(ws.folder, 'notes.txt'), Buffer.from(secret).toString('base64')),
  ],
])('a workspace with the password in %s does not close in silence', async (where, leak) => {
  const workspace = await openWorkspace();
  leak(workspace, inject('postgres').password);
  await expect(workspace[Symbol.asyncDispose]()).rejects.toThrow(where);
});
