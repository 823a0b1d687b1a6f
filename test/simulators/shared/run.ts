import type { Listening } from './server.ts';

/** Prints one line of JSON with the URL of a server; ends it with its parent (stdin closes) or on a signal. */
export function runUntilTold(simulator: Listening): void {
  process.stdout.write(`${JSON.stringify({ url: simulator.url })}\n`);
  const stop = (): void => {
    simulator.close().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.stdin.on('end', stop).on('close', stop).on('error', stop).resume();
  process.once('SIGTERM', stop).once('SIGINT', stop);
}
