import type { Said } from '../../../preload/contract/said.ts';
import { say } from '../../../preload/messages/said.ts';
import { differences, plainly, type Shown } from '../../access/differences.ts';
import { AppError, badField } from '../../errors.ts';
import { readCertificates } from '../../net/authorities.ts';
import { isOwnComputer } from '../../net/proxy.ts';
import { webhookUrl } from '../../notices/reach.ts';
import { usualPreferences } from '../../notices/way.ts';
import { oneLine } from '../../one-line.ts';
import { insistConfirmed } from '../confirmed.ts';
import { emitChanged, given, type Handlers, type Services } from '../context.ts';
import { type Channels, type EmailSetting, mailPlace, type WebhookSetting } from './channels.ts';

const certificate = (pem: string | null): string => (pem === null ? 'none' : 'own');
const webhookTold: Shown<WebhookSetting> = {
  ...{ on: plainly, origin: plainly, ownNetwork: plainly, tlsCa: certificate, language: plainly },
};
const emailTold: Shown<EmailSetting> = {
  ...{ on: plainly, host: plainly, port: plainly, security: plainly, user: plainly, from: plainly },
  tlsCa: certificate,
};

const toOf = ({ origin, ownNetwork }: Pick<WebhookSetting, 'origin' | 'ownNetwork'>): Said => {
  if (origin === null) return say('asks.webhook.toNowhere');
  const to = { origin: oneLine(origin) };
  return ownNetwork ? say('asks.webhook.toPrivate', to) : say('asks.webhook.to', to);
};

/** People's inboxes, and over what else messages go. */
export function noticeService(services: Services, channels: Channels): Handlers<'notices'> {
  const { store, vault } = services;
  const preferencesOf = (personId: string) => ({
    ...usualPreferences,
    ...store.notices.preferences(personId),
  });
  const unread = (personId: string) => ({ unread: store.notices.unread(personId) });
  return {
    'notices.list': ({ limit, onlyOpen }, { person }) => ({
      ...unread(person.id),
      items: store.notices.list(person.id, limit, onlyOpen),
    }),
    'notices.read'({ ids }, { person }) {
      store.notices.read(person.id, ids, services.now());
      emitChanged(services, 'notices');
      return unread(person.id);
    },
    'notices.readAll'(_, { person }) {
      store.notices.readAll(person.id, services.now());
      emitChanged(services, 'notices');
      return unread(person.id);
    },
    'notices.preferences': (_, { person }) => preferencesOf(person.id),
    'notices.setPreferences'(change, { person }) {
      const next = { ...preferencesOf(person.id), ...given(change) };
      if (next.email === null && Object.values(next.channels).some((ways) => ways.includes('email')))
        throw badField('email', say('notices.mustNotEmptyWhere'));
      store.notices.putPreferences(person.id, next);
      emitChanged(services, 'notices');
      return next;
    },
    'notices.channels': () => channels.view(),
    async 'notices.setWebhook'({ on, url, secret, ownNetwork, tlsCa, language }, caller) {
      const before = channels.webhook();
      if (tlsCa !== null) readCertificates(tlsCa);
      if ((url === undefined) !== (secret === undefined))
        throw badField('secret', say('notices.enteredTogetherAddress'));
      if (url === undefined && before.secretId === null && on)
        throw badField('url', say('notices.mustNotEmpty'));
      const address = url === undefined ? null : webhookUrl(url, ownNetwork);
      // What is stored is sent as it was agreed to, or not at all.
      if (address === null && (ownNetwork !== before.ownNetwork || tlsCa !== before.tlsCa))
        throw badField('url', say('notices.enterAddressAgainStored'));
      const wanted = { on, origin: address?.origin ?? before.origin, ownNetwork, tlsCa, language };
      const changes = differences({ ...before, secretId: null }, { ...wanted, secretId: null }, webhookTold);
      caller.tell([changes, ...(secret === undefined ? [] : ['secrets=url,secret'])].join(' ').trim());
      if (changes !== '' || secret !== undefined) {
        await insistConfirmed(services, caller, {
          title: on ? say('asks.webhookOn.title') : say('asks.webhookOff.title'),
          what: say('asks.webhook.what', { to: toOf(wanted) }),
          agree: on ? say('asks.sendThem') : say('asks.turnOff'),
        });
      }
      let { secretId } = before;
      if (address !== null && secret !== undefined) {
        secretId = services.newId();
        await vault.put(secretId, { url: address.href, secret });
      }
      channels.putWebhook({ ...wanted, secretId });
      if (before.secretId !== null && before.secretId !== secretId) vault.delete(before.secretId);
      emitChanged(services, 'notices');
      return channels.view();
    },
    async 'notices.setEmail'({ password, ...fields }, caller) {
      const before = channels.email();
      if (fields.tlsCa !== null) readCertificates(fields.tlsCa);
      if (fields.security === 'none' && !isOwnComputer(fields.host))
        throw new AppError('NOTICE_ADDRESS', say('notices.mailGoesOverTls', { host: fields.host }));
      if (password !== undefined && fields.user === null)
        throw badField('user', say('notices.mustNotEmptyWherePassword'));
      const same = mailPlace(before) === mailPlace(fields);
      // A password that is stored goes only to the server that it was entered for, and there only as it was protected then.
      const stays = same && before.secretId !== null && before.security === fields.security;
      if (fields.user !== null && password === undefined && !(stays && before.tlsCa === fields.tlsCa)) {
        throw badField(
          'password',
          before.secretId === null ? say('notices.mustNotEmpty') : say('notices.enterAgainStoredOne'),
        );
      }
      const changes = differences({ ...before, secretId: null }, { ...fields, secretId: null }, emailTold);
      caller.tell([changes, ...(password === undefined ? [] : ['secrets=password'])].join(' ').trim());
      if (changes !== '') {
        await insistConfirmed(services, caller, {
          title: fields.on ? say('asks.mailOn.title') : say('asks.mailOff.title'),
          what: say('asks.mail.what', {
            ...{ host: oneLine(fields.host), port: String(fields.port), from: oneLine(fields.from) },
          }),
          agree: fields.on ? say('asks.sendIt') : say('asks.turnOff'),
        });
      }
      let { secretId } = before;
      if (fields.user === null) secretId = null;
      else if (password !== undefined) {
        secretId = services.newId();
        await vault.put(secretId, { password, place: mailPlace(fields) });
      }
      channels.putEmail({ ...fields, secretId });
      if (before.secretId !== null && before.secretId !== secretId) vault.delete(before.secretId);
      emitChanged(services, 'notices');
      return channels.view();
    },
    async 'notices.test'({ channel }, caller) {
      const { person, seat, signal } = caller;
      const to = { personId: person.id, desk: seat.desk, id: services.newId(), now: services.now() };
      await channels.test(channel, to, signal);
      return {};
    },
  };
}
