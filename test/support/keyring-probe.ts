import { randomBytes } from 'node:crypto';
import { openOsKeyring, osKeyringProtector, probeOsKeyring } from '../../main/headless/os-keyring.ts';

/**
 * Runs inside a session bus of its own: does one thing with the real keyring and prints one line of JSON. Steps: `probe`,
 * `seal <hex>`, `open <base64>`.
 */
const [step = '', argument = ''] = process.argv.slice(2);
const random = (bytes: number): Buffer => randomBytes(bytes);

async function run(): Promise<unknown> {
  const open = await openOsKeyring();
  const protector = osKeyringProtector(open, random);
  switch (step) {
    case 'probe':
      return { problem: probeOsKeyring(open, random) };
    case 'seal': {
      const sealed = await protector.seal(Buffer.from(argument, 'hex'));
      const opened = await protector.open(sealed);
      return { sealed: Buffer.from(sealed).toString('base64'), opened: Buffer.from(opened).toString('hex') };
    }
    case 'open':
      return { opened: Buffer.from(await protector.open(Buffer.from(argument, 'base64'))).toString('hex') };
    default:
      throw new Error(`unknown step ${step}`);
  }
}

try {
  process.stdout.write(`${JSON.stringify(await run())}\n`);
} catch (error) {
  const { code, message } = error as { code?: string; message?: string };
  process.stdout.write(`${JSON.stringify({ code: code ?? 'none', message })}\n`);
}
