import type { Person } from '../../../preload/contract/models.ts';
import { say } from '../../../preload/messages/said.ts';
import { AppError, badField } from '../../errors.ts';
import { oneLine } from '../../one-line.ts';
import type { StoredDetail } from '../../store/connections/connections.ts';
import { insistConfirmed } from '../confirmed.ts';
import { emitChanged, type Handlers, type Services } from '../context.ts';
import type { OtherLogin } from '../parts.ts';
import { loginFields, loginOf, type Rotations } from './rotation-work.ts';

/** 192 bits in 32 letters that need no escaping in a URL or a shell. */
const madeUpBytes = 24;

/** Passwords of connections, and who else would be switched with one. */
export function rotationService(
  services: Services,
  rotations: Rotations,
): Pick<Handlers<'connections'>, 'connections.rotate' | 'connections.undoRotation' | 'connections.usage'> {
  const { store, vault, host } = services;

  /** The connections that sign in to the same server as the same user. */
  const sameLogin = async (id: string): Promise<StoredDetail[]> => {
    const { host: server, port } = store.connections.get(id);
    const userOf = async (of: string): Promise<string | null> => {
      using secrets = await vault.open(of);
      return secrets?.text('user') ?? null;
    };
    const user = await userOf(id);
    const found: StoredDetail[] = [];
    for (const each of store.connections.all()) {
      if (each.id === id || each.host !== server || each.port !== port || user === null) continue;
      if ((await userOf(each.id)) === user) found.push(store.connections.get(each.id));
    }
    return found;
  };

  const mayManage = (person: Person, all: readonly StoredDetail[]): void => {
    const may = services.access.grants.mayOfEach(person);
    for (const each of all)
      if (may(each) !== 'manage')
        throw new AppError(
          'PERMISSION_DENIED',
          say('connections.youMayNotChangeConnection', { connection: each.name }),
        );
  };

  return {
    'connections.rotate': ({ id, user, password, onServer, also }, caller) =>
      rotations.alone(async () => {
        const { person, signal } = caller;
        // Whoever chose the password has it: at the server it is not set because a page says so.
        if (onServer && password !== undefined) {
          const { name, host: server } = store.connections.get(id);
          await insistConfirmed(services, caller, {
            title: say('asks.rotate.title'),
            what: say('asks.rotate.what', { name: oneLine(name), server: oneLine(server) }),
            agree: say('asks.rotate.agree'),
          });
        }
        await rotations.settle(store.connections.get(id), signal);
        const stored = store.connections.get(id);
        if (onServer && rotations.isOpen(id)) {
          const text = say('connections.whetherServerTookPassword', { connection: stored.name });
          throw new AppError('ROTATION_FAILED', text, {
            advice: say('connections.tryAgainWhenDatabase'),
          });
        }
        if (password === undefined && !onServer) {
          throw badField('password', say('connections.passwordMissingOnlyOne'));
        }
        const from = await loginOf(services, id, loginFields.present);
        const to: OtherLogin = {
          user: user ?? from.user,
          password: Buffer.from(password ?? host.random(madeUpBytes).toString('base64url')),
        };
        const forget = host.redactor.add(Buffer.from(to.password).toString());
        try {
          if (onServer && to.user !== from.user) throw badField('user', say('connections.serverCanToldNew'));
          const same = also.length === 0 ? [] : await sameLogin(id);
          const others = also.map((other) => {
            const found = same.find((each) => each.id === other);
            if (!found) throw badField('also', say('connections.oneThemSignsSomebody'));
            return found;
          });
          mayManage(person, [stored, ...others]);
          return await rotations.change([stored, ...others], from, to, { onServer, signal });
        } finally {
          forget();
          from.password.fill(0);
          to.password.fill(0);
          emitChanged(services, 'connections');
        }
      }),
    'connections.undoRotation': ({ id }, { person, signal }) =>
      rotations.alone(async () => {
        const stored = store.connections.get(id);
        const { rotation } = stored;
        if (!rotation || rotation.until <= services.now()) {
          throw new AppError('NOT_FOUND', say('connections.noRotationCouldUndone'), {
            advice: say('connections.noRotationCouldUndone.advice'),
          });
        }
        // One that has got another login since keeps it.
        const all = await rotations.stillAlike(stored);
        mayManage(person, all);
        const from = await loginOf(services, id, loginFields.present);
        const to = await loginOf(services, id, loginFields.previous);
        try {
          const result = await rotations.change(all, from, to, {
            ...{ onServer: rotation.onServer, asManyAs: true, signal },
          });
          if (!result.done) return result;
          for (const each of result.switched) await rotations.forgetPrevious(each.id);
          return { ...result, undoableUntil: null };
        } finally {
          from.password.fill(0);
          to.password.fill(0);
          emitChanged(services, 'connections');
        }
      }),
    async 'connections.usage'({ id }) {
      store.connections.get(id);
      const same = vault.status().state === 'locked' ? [] : await sameLogin(id);
      return {
        projects: store.projects.usageOf(id),
        sources: store.sources.readOver(id),
        sameLogin: same.map((each) => ({ id: each.id, name: each.name })),
        leases: store.leases.list(id).filter(({ state }) => state !== 'ended').length,
      };
    },
  };
}
