import { sampleServers } from './sample.ts';
import { openWorkspace } from './workspace.ts';

/**
 * A Headgate that makes a sample in the folder it is given and tells each step on a line of its own, to be killed by whoever
 * started it: `node test/support/sample-child.ts FOLDER`.
 */
const workspace = await openWorkspace({ folder: process.argv[2] as string, sample: sampleServers() });
const tell = (line: string): void => void process.stdout.write(`${line}\n`);
workspace.app.onEvent((name, payload) => {
  if (name !== 'store.changed' || (payload as { entity: string }).entity !== 'sample') return;
  void workspace.api.demo.state({}).then(({ phase, step }) => tell(step ?? phase));
});
const made = await workspace.api.demo.start({});
tell(`done ${JSON.stringify(made)}`);
setInterval(() => {}, 1000);
