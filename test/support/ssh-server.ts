import { connect } from 'node:net';
import ssh2 from 'ssh2';
import { type KeyPair, makeKey } from './sshd.ts';

/* A small SSH server in this process, for what OpenSSH can't be made to do here: passwords, questions, odd refusals. */

export interface SshServerOptions {
  readonly password?: string;
  /** Asks by these ways only; of what is not in it nothing is accepted. */
  readonly methods: readonly ('password' | 'keyboard-interactive' | 'publickey')[];
  /** What is asked in turn by `keyboard-interactive`, and whether what is typed shows. */
  readonly questions?: readonly { prompt: string; echo: boolean }[];
  /** Accepts any key, and then wants more. */
  readonly wantsMore?: boolean;
}

export interface SshServer {
  readonly host: '127.0.0.1';
  readonly port: number;
  readonly known: string;
  /** What was tried to get in, in order. */
  readonly tried: string[];
  readonly answers: string[][];
  close(): void;
}

export async function startSshServer(options: SshServerOptions): Promise<SshServer> {
  const key: KeyPair = makeKey();
  const tried: string[] = [];
  const answers: string[][] = [];
  const clients = new Set<ssh2.Connection>();
  const server = new ssh2.Server({ hostKeys: [key.private] }, (client) => {
    clients.add(client);
    client.on('error', () => {});
    client.on('close', () => clients.delete(client));
    client.on('authentication', (context) => {
      tried.push(context.method);
      const refuse = (): void => context.reject([...options.methods], false);
      if (!options.methods.includes(context.method as never)) refuse();
      else if (context.method === 'password') {
        if (context.password === options.password) context.accept();
        else refuse();
      } else if (context.method === 'keyboard-interactive') {
        context.prompt([...(options.questions ?? [])], (given) => {
          answers.push(given);
          if (given[0] === options.password) context.accept();
          else refuse();
        });
      } else if (options.wantsMore) context.reject(['keyboard-interactive'], true);
      else refuse();
    });
    client.on('request', (accept) => accept?.());
    client.on('ready', () => {
      client.on('tcpip', (accept, reject, { destIP, destPort }) => {
        const through = connect(destPort, destIP);
        through.on('error', () => reject());
        through.once('connect', () => {
          const channel = accept();
          channel.on('error', () => {});
          through.on('error', () => channel.close());
          channel.pipe(through).pipe(channel);
        });
      });
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as { port: number };
  return {
    host: '127.0.0.1',
    port,
    known: `[127.0.0.1]:${port} ${key.public}\n`,
    tried,
    answers,
    close() {
      for (const client of clients) client.end();
      server.close();
    },
  };
}
