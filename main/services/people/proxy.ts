import type { ProxyView } from '../../../preload/contract/models.ts';
import { plain, type Said } from '../../../preload/contract/said.ts';
import { say } from '../../../preload/messages/said.ts';
import { differences, plainly, type Shown } from '../../access/differences.ts';
import { type AppError, badField } from '../../errors.ts';
import { authorityOf, wayOf } from '../../net/proxy.ts';
import { insistConfirmed } from '../confirmed.ts';
import { emitChanged, type Handlers, type Services } from '../context.ts';
import { type ProxySetting, sealedProxy } from '../proxy-setting.ts';

/** An address as it is kept: `http://host:port`, so that equal ones are equal. Fails with INPUT_INVALID. */
function normal(address: string): string {
  const refused = (why: Said): AppError => badField('address', why);
  const way = wayOf(address.trim());
  if (way?.kind === 'unsupported')
    throw refused(say('people.proxyKindHeadgateKnows', { scheme: way.scheme }));
  if (way === null || /[/?#]./.test(address.trim().replace(/^[a-z]+:\/\//i, '')))
    throw refused(say('people.noAddressProxySuch'));
  if (way.kind !== 'proxy' || way.login !== null) throw refused(say('people.mustNotHoldUser'));
  return `${way.secure ? 'https' : 'http'}://${authorityOf(way.host, way.port)}`;
}

const inWords = ({ mode, address, exceptions }: ProxySetting): Said => {
  if (mode !== 'manual') return say(`asks.proxy.${mode}`);
  if (exceptions === '') return plain(address ?? '');
  return say('asks.proxy.manualBut', { address: address ?? '', exceptions: exceptions.slice(0, 300) });
};

const told: Shown<ProxySetting> = {
  ...{ mode: plainly, address: plainly, user: plainly },
  exceptions: (exceptions) => exceptions || 'none',
};

/** The proxy for sources. */
export function proxyService(
  services: Services,
): Pick<Handlers<'policy'>, 'policy.proxy' | 'policy.setProxy'> {
  const { proxy, vault } = services;
  const view = ({ secretId, ...setting }: ProxySetting): ProxyView => ({
    ...setting,
    hasPassword: secretId !== null && vault.has(secretId, 'password'),
  });
  return {
    'policy.proxy': () => view(proxy.current()),
    async 'policy.setProxy'({ mode, address, user, password, exceptions }, caller) {
      const before = proxy.current();
      const manual = mode === 'manual';
      if (manual && address === undefined) throw badField('address', say('people.mustNotEmpty'));
      const wanted: ProxySetting = {
        mode,
        address: manual ? normal(address ?? '') : null,
        user: manual ? (user ?? null) : null,
        exceptions: manual ? exceptions : '',
        secretId: null,
      };
      const same = wanted.address === before.address && wanted.user === before.user;
      if (password !== undefined && wanted.user === null)
        throw badField('user', say('people.mustNotEmptyWhere'));
      // A password that is stored goes only to the proxy that it was entered for.
      if (wanted.user !== null && password === undefined && !(same && before.secretId !== null)) {
        throw badField(
          'password',
          before.secretId === null ? say('people.mustNotEmpty') : say('people.enterAgainStoredOne'),
        );
      }
      const changes = differences(before, wanted, told);
      caller.tell([changes, ...(password === undefined ? [] : ['secrets=password'])].join(' ').trim());
      if (changes !== '') {
        await insistConfirmed(services, caller, {
          title: say('asks.proxy.title'),
          what: say('asks.proxy.what', { wanted: inWords(wanted), before: inWords(before) }),
          agree: say('asks.useIt'),
        });
      }
      let { secretId } = before;
      if (wanted.user === null) secretId = null;
      else if (password !== undefined) {
        secretId = services.newId();
        await vault.put(secretId, sealedProxy(password, wanted.address ?? ''));
      }
      const after = { ...wanted, secretId };
      proxy.put(after);
      if (before.secretId !== null && before.secretId !== secretId) vault.delete(before.secretId);
      emitChanged(services, 'policy');
      return view(after);
    },
  };
}
