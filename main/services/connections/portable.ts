import type { Input } from '../../../preload/contract/methods.ts';
import {
  bundlePassphrase,
  type ConnectionInput,
  type PortableProject,
  type PortableSource,
  type SshHop,
} from '../../../preload/contract/models.ts';
import { shortestBundlePassphrase } from '../../../preload/contract/typed.ts';
import { say } from '../../../preload/messages/said.ts';
import { inOneWord } from '../../access/entry.ts';
import { AppError } from '../../errors.ts';
import type { Desk } from '../../host.ts';
import { exportFormat, exportVersion, versionWithProjects } from '../../imports/own.ts';
import type { StoredDetail } from '../../store/connections/connections.ts';
import { type BundleSeal, insistReadable, sealBundle } from '../../vault/bundle/bundle.ts';
import { parsePublicKey } from '../../vault/bundle/public-key.ts';
import { fingerprintOf } from '../../vault/bundle/x25519.ts';
import type { OpenSecrets } from '../../vault/vault.ts';
import { insistConfirmed, paragraphs, someOf } from '../confirmed.ts';
import type { Caller, Handlers, Services } from '../context.ts';
import { describedFields } from './described-fields.ts';
import { type PortableProjects, portableProjects, toldOf } from './portable-projects.ts';
import { hopFields } from './targets.ts';

type Hop = Omit<SshHop, 'id'> & { key?: string; keyPassphrase?: string; password?: string };
/** A connection in a file: what `connections.create` takes; the secrets only in a sealed bundle. */
export type PortableConnection = Omit<ConnectionInput, 'ssh' | 'user' | 'password'> & {
  readonly ssh: readonly Hop[];
  readonly user?: string;
  readonly password?: string;
};

export interface PortableFile {
  readonly format: typeof exportFormat;
  /** Without projects one that a Headgate of before reads too. */
  readonly version: typeof exportVersion | typeof versionWithProjects;
  readonly exportedAt: string;
  readonly connections: readonly PortableConnection[];
  readonly sources?: readonly PortableSource[];
  readonly projects?: readonly PortableProject[];
}

function portable(stored: StoredDetail, secrets: OpenSecrets | null): PortableConnection {
  const text = (field: string): string | undefined => secrets?.text(field) ?? undefined;
  const only = <T extends Record<string, string | undefined>>(fields: T) =>
    Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
  const { engine, settings, ...fields } = describedFields(stored);
  return {
    // An older Headgate knows no other engine, and no word for it.
    ...(engine === 'postgres' ? {} : { engine, settings }),
    ...fields,
    ssh: stored.ssh.map(({ id, ...hop }) => {
      const { key, passphrase, password } = hopFields(id);
      return {
        ...hop,
        ...only({ key: text(key), keyPassphrase: text(passphrase), password: text(password) }),
      };
    }),
    ...only({
      user: text('user'),
      password: text('password'),
      tlsKey: text('tlsKey'),
      tlsKeyPassphrase: text('tlsKeyPassphrase'),
      keyPassphrase: text('keyPassphrase'),
    }),
  };
}

/** Which connections' logins went out, for the log: as many as it keeps, then how many more. */
function namesOf(all: readonly { readonly name: string }[]): string {
  const named = all.slice(0, namedInLog).map(({ name }) => name.slice(0, 80));
  const more = all.length - named.length;
  return `connections=${inOneWord(named.join(', '))}${more > 0 ? ` more=${more}` : ''}`;
}
/** How many of them are named there. */
const namedInLog = 50;

/** Projects, sources and sign-ins that the question names: a sign-in must not go unseen among many. */
const mostTold = 40;

/** The day as file names have it. */
const dayOf = (instant: string): string => instant.slice(0, 10);

/** How connections leave: without their secrets, or sealed with them. */
export function portableService(
  services: Services,
): Pick<Handlers<'connections'>, 'connections.export' | 'connections.seal'> {
  const { store, vault, host } = services;
  const fileOf = (
    connections: readonly PortableConnection[],
    { projects, sources }: PortableProjects,
  ): PortableFile => ({
    format: exportFormat,
    version: projects.length > 0 ? versionWithProjects : exportVersion,
    exportedAt: services.now(),
    connections,
    ...(projects.length > 0 ? { sources, projects } : {}),
  });
  const handOver = async (desk: Desk, name: string, text: string, count: number, save: boolean) =>
    save ? { text: null, path: await desk.save(name, text), count } : { text, path: null, count };

  /** Whom it is sealed for; where that is whoever knows a passphrase, the person chooses that. */
  const sealOf = async (
    whom: Input<'connections.seal'>['for'],
    count: number,
    caller: Caller,
  ): Promise<BundleSeal> => {
    if (whom !== 'passphrase' && 'publicKey' in whom) return whom;
    const passphrase = await services.access.typed.made(
      caller,
      whom === 'passphrase' ? undefined : whom.passphrase,
      {
        title: say('asks.bundleNew.title'),
        what: say('asks.bundleNew.what', { count }),
        label: say('asks.bundlePassphrase'),
        ...{ shortest: shortestBundlePassphrase, rule: bundlePassphrase },
      },
    );
    return { passphrase };
  };

  return {
    async 'connections.export'({ ids, projects, save }, { person, tell, seat }) {
      const all = (ids ?? store.connections.all().map(({ id }) => id)).map((id) => store.connections.get(id));
      tell(namesOf(all));
      const wanted = projects.map((id) => ({ id, signIns: false }));
      const along = await portableProjects(
        services,
        wanted,
        all.map(({ id }) => id),
        person,
        false,
      );
      for (const each of toldOf(along)) tell(each);
      const file = fileOf(
        all.map((each) => portable(each, null)),
        along,
      );
      const text = insistReadable(`${JSON.stringify(file, null, 2)}\n`);
      return handOver(
        seat.desk,
        `headgate-connections-${dayOf(file.exportedAt)}.json`,
        text,
        all.length,
        save,
      );
    },
    async 'connections.seal'({ ids, projects, for: whom, passphrase, save }, caller) {
      if (services.access.policy().reveal === 'forbid') {
        throw new AppError('POLICY_FORBIDS', say('connections.storedSecretsDoNot'));
      }
      await services.access.reauthenticate(caller, passphrase, {
        title: say('asks.sealOwn.title'),
        what: say('asks.sealOwn.what', { count: ids.length }),
      });
      const along = await portableProjects(services, projects, ids, caller.person, true);
      const seal = await sealOf(whom, ids.length, caller);
      const connections: PortableConnection[] = [];
      for (const id of ids) {
        using secrets = await vault.open(id);
        connections.push(portable(store.connections.get(id), secrets));
      }
      const file = fileOf(connections, along);
      const plain = Buffer.from(JSON.stringify(file));
      try {
        const text =
          'passphrase' in seal
            ? await services.access.typed.hidden(seal.passphrase, () => sealBundle(plain, seal, host.random))
            : await sealBundle(plain, seal, host.random);
        caller.signal.throwIfAborted();
        const fingerprint = 'publicKey' in seal ? fingerprintOf(parsePublicKey(seal.publicKey)) : null;
        // Sealing takes its time, in which the session may have been locked; that is looked at behind it.
        await insistConfirmed(services, caller, {
          title: say('asks.seal.title', { count: ids.length }),
          what: paragraphs([
            fingerprint === null ? say('asks.seal.forPassphrase') : say('asks.seal.forKey', { fingerprint }),
            someOf(connections.map(({ name }) => name)),
            ...(along.told.length > 0
              ? [say('asks.seal.along', { told: someOf(along.told, mostTold) })]
              : []),
            ...(along.sharing.length > 0 ? [say('asks.seal.shared')] : []),
          ]),
          agree: say('asks.seal.agree'),
        });
        for (const { credentialId, ticket, connectionId } of along.sharing)
          await services.tokens.share(credentialId, ticket, connectionId);
        // Written down before it leaves: what is out can't be called back.
        caller.tell(namesOf(connections));
        caller.tell(`for=${fingerprint?.replaceAll(' ', '-') ?? 'passphrase'}`);
        for (const each of toldOf(along)) caller.tell(each);
        caller.record();
        return await handOver(
          caller.seat.desk,
          `headgate-${dayOf(file.exportedAt)}.age`,
          text,
          ids.length,
          // A page gets no text that opens to secrets, however it asks.
          save || caller.seat.kind === 'window',
        );
      } finally {
        plain.fill(0);
      }
    },
  };
}
