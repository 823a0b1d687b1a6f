import type { Language, MailSecurity, NoticeChannelsView } from '../../../preload/contract/models.ts';
import type { Said } from '../../../preload/contract/said.ts';
import { below, say } from '../../../preload/messages/said.ts';
import { AppError } from '../../errors.ts';
import type { Desk } from '../../host.ts';
import { type MailTarget, mailOf, sendMail } from '../../notices/mail.ts';
import type { Lookup } from '../../notices/reach.ts';
import { usualPreferences } from '../../notices/way.ts';
import { sendWebhook, type WebhookTarget, webhookBody } from '../../notices/webhook.ts';
import { headlineOf, sentencesOf } from '../../notices/words.ts';
import { type Words, worldTime } from '../../words.ts';
import type { Services } from '../context.ts';
import type { Sender } from './outbox.ts';

/** What was decided about the webhook; its address and what signs for it are sealed in the vault together. */
export interface WebhookSetting {
  readonly on: boolean;
  readonly origin: string | null;
  readonly ownNetwork: boolean;
  readonly tlsCa: string | null;
  /** What its texts are written in, for whatever they are shown by. */
  readonly language: Language;
  readonly secretId: string | null;
}
/** What was decided about mail; its password is sealed with the server that it is for. */
export interface EmailSetting {
  readonly on: boolean;
  readonly host: string | null;
  readonly port: number;
  readonly security: MailSecurity;
  readonly user: string | null;
  readonly from: string | null;
  readonly tlsCa: string | null;
  readonly secretId: string | null;
}

const names = { webhook: 'noticesWebhook', email: 'noticesEmail' } as const;
const usualWebhook: WebhookSetting = {
  ...{ on: false, origin: null, ownNetwork: false, tlsCa: null, language: 'en', secretId: null },
};
const usualEmail: EmailSetting = {
  ...{ on: false, host: null, port: 587, security: 'starttls', user: null, from: null },
  ...{ tlsCa: null, secretId: null },
};

/** The server of a sealed password. */
export const mailPlace = ({ host, port, user }: Pick<EmailSetting, 'host' | 'port' | 'user'>): string =>
  `${user ?? ''}@${host ?? ''}:${port}`;

const languageOf = (words: Words) => ({ language: words.spoken().language });

type Needs = Pick<Services, 'store' | 'vault' | 'host' | 'proxy' | 'access'>;

/** Over what messages leave this computer. `lookup` finds the addresses of a name; the system's unless given. */
export function createChannels({ store, vault, host, proxy, access }: Needs, lookup?: Lookup) {
  const stored = (name: string): object => {
    const found = store.policies.all()[name];
    return typeof found === 'object' && found !== null ? found : {};
  };
  const webhook = (): WebhookSetting => ({ ...usualWebhook, ...stored(names.webhook) });
  const email = (): EmailSetting => ({ ...usualEmail, ...stored(names.email) });
  const missing = (what: Said): AppError =>
    new AppError('NOTICE_NOT_SENT', what, {
      advice: say('notices.notVault.advice'),
    });

  const webhookTarget = async (): Promise<WebhookTarget> => {
    const { secretId, ownNetwork, tlsCa, origin } = webhook();
    const secrets = secretId === null ? null : await vault.get(secretId);
    const { url, secret } = secrets ?? {};
    if (url === undefined || secret === undefined || new URL(url).origin !== origin)
      throw missing(say('notices.webhookNotVault'));
    return { url, secret, ownNetwork, tlsCa };
  };
  const mailTarget = async (): Promise<MailTarget> => {
    const setting = email();
    const { host: server, port, security, user, from, tlsCa, secretId } = setting;
    if (server === null || from === null)
      throw new AppError('NOTICE_NOT_SENT', say('notices.noServerMailEntered'));
    if (user === null) return { host: server, port, security, login: null, from, tlsCa };
    const secrets = secretId === null ? null : await vault.get(secretId);
    const { password, place } = secrets ?? {};
    if (password === undefined || place !== mailPlace(setting))
      throw missing(say('notices.mailPasswordNotVault'));
    return { host: server, port, security, login: { user, password }, from, tlsCa };
  };

  const emailOf = (personId: string): string | null =>
    (store.notices.preferences(personId) ?? usualPreferences).email;
  /** Who said nothing is written to in the language of this computer; nobody knows where it is read. */
  const wordsFor = (language: Language | null): Words =>
    (language === null ? host.words : host.words.in(language)).at(worldTime);
  const wordsOf = (personId: string): Words =>
    wordsFor(store.notices.preferences(personId)?.language ?? null);
  const isUnlocked = (): boolean => vault.status().state !== 'locked';
  const deskOf = (personId: string | null): Desk | null =>
    personId === null ? null : access.seats.deskOf(personId);

  const postWebhook = async (message: { id: string; body: string }, signal: AbortSignal): Promise<void> => {
    const target = await webhookTarget();
    access.background.used('background.notify', 'channel=webhook');
    const ways = await proxy.waysTo(target.url);
    await sendWebhook(target, message, { ways, now: host.clock.now(), signal, lookup });
  };
  const postMail = async (
    mail: { id: string; to: string; subject: string; text: string; language: string },
    signal: AbortSignal,
  ): Promise<void> => {
    const target = await mailTarget();
    if (target.login !== null) access.background.used('background.notify', 'channel=email');
    await sendMail(target, mail, { signal, lookup });
  };

  const senders: Readonly<Record<'desktop' | 'email' | 'webhook', Sender>> = {
    desktop: {
      isOpen: (personId) => deskOf(personId) !== null,
      async send({ personId, parts }) {
        const sentences = sentencesOf(parts);
        const [first, ...rest] = sentences;
        const text = rest.length === 0 ? (first?.text ?? null) : below(rest.map(({ title }) => title));
        deskOf(personId)?.notify(headlineOf(sentences), text);
      },
    },
    email: {
      isOpen: (personId) => email().on && isUnlocked() && personId !== null && emailOf(personId) !== null,
      async send({ id, personId, parts }, signal) {
        const to = personId === null ? null : emailOf(personId);
        if (personId === null || to === null)
          throw new AppError('NOTICE_NOT_SENT', say('notices.nobodySaidWhereTheir'));
        const words = wordsOf(personId);
        await postMail({ id, to, ...mailOf(parts, words), ...languageOf(words) }, signal);
      },
    },
    webhook: {
      isOpen: () => webhook().on && isUnlocked(),
      send: ({ id, madeAt, parts }, signal) =>
        postWebhook({ id, body: webhookBody({ id, madeAt, parts }, wordsFor(webhook().language)) }, signal),
    },
  };

  return {
    webhook,
    email,
    emailOf,
    senders,
    putWebhook: (setting: WebhookSetting): void => store.policies.put(names.webhook, setting),
    putEmail: (setting: EmailSetting): void => store.policies.put(names.email, setting),
    view(): NoticeChannelsView {
      const { secretId: _, ...hook } = webhook();
      const { secretId, ...mail } = email();
      return {
        webhook: { ...hook, last: store.noticeMessages.last('webhook') },
        email: {
          ...mail,
          hasPassword: secretId !== null && vault.has(secretId, 'password'),
          last: store.noticeMessages.last('email'),
        },
      };
    },
    /** A message that says that it is a test. Fails like sending does. */
    async test(
      channel: 'desktop' | 'email' | 'webhook',
      to: { readonly personId: string; readonly desk: Desk; readonly id: string; readonly now: string },
      signal: AbortSignal,
    ): Promise<void> {
      const title = say('told.test');
      if (channel === 'desktop') return to.desk.notify(title, say('told.testText'));
      if (channel === 'webhook') {
        const text = wordsFor(webhook().language).text(title);
        const body = JSON.stringify({ id: to.id, at: to.now, text, notices: [] });
        return postWebhook({ id: to.id, body }, signal);
      }
      const address = emailOf(to.personId);
      if (address === null) {
        throw new AppError('NOTICE_NOT_SENT', say('notices.youEnteredNoE'), {
          advice: say('notices.youEnteredNoE.advice'),
        });
      }
      const words = wordsOf(to.personId);
      const subject = words.text(say('told.subject', { headline: title }));
      const text = `${words.text(title)}.\n`;
      await postMail({ id: to.id, to: address, subject, text, ...languageOf(words) }, signal);
    },
  };
}
export type Channels = ReturnType<typeof createChannels>;
