import type {
  EmailView,
  Notice,
  NoticeEvent,
  NoticePreferences,
  NoticeSubject,
  WebhookView,
} from '../../../preload/contract/models.ts';
import type { FakeHandlers, FakeTools } from './fake-tools.ts';

/** The inbox and over what messages go, as the core would answer: something of each kind where there is data. */
export function fakeNotices({ scenario, changed, refuse, stamp, id }: FakeTools): FakeHandlers {
  const ago = (minutes: number): string => new Date(Date.parse(stamp()) - minutes * 60_000).toISOString();
  const subject = (over: Partial<NoticeSubject>): NoticeSubject => ({
    ...{ project: null, source: null, connection: null, code: null, waiting: 0, until: null },
    ...over,
  });
  const told = (
    event: NoticeEvent,
    minutes: number,
    about: Partial<NoticeSubject>,
    over: Partial<Notice> = {},
  ): Notice => ({
    ...{ id: id(), event, subject: subject(about), openedAt: ago(minutes), toldAt: ago(minutes) },
    ...{ closedAt: null, outcome: null, isRead: false },
    ...over,
  });
  const [first] = scenario.datasets;
  const where = { project: first?.projectName ?? '', source: first?.sourceName ?? '' };
  const over = (minutes: number, outcome: Notice['outcome'] = 'over'): Partial<Notice> => ({
    ...{ closedAt: ago(minutes), outcome, isRead: true },
  });
  const items: Notice[] =
    first === undefined || !scenario.hasNotices
      ? []
      : [
          told('connection_down', 4, { connection: first.connectionName, code: 'unreachable', waiting: 3 }),
          told('failed', 42, { ...where, code: 'SOURCE_FAILING' }),
          told('held', 130, where, { isRead: true }),
          told('sign_in_expiring', 190, { source: where.source, until: ago(-600) }, { isRead: true }),
          told('expiring_data', 200, { ...where, until: ago(-240) }, { isRead: true }),
          told('sign_in_expired', 900, { source: where.source }, over(840)),
          told('stale', 1500, where, over(1200)),
          told('connection_down', 3000, { connection: first.connectionName, code: 'fails' }, over(2900)),
          told('expiring_data', 4000, where, over(3600, 'gone')),
        ];
  const unread = () => ({ unread: items.filter(({ isRead }) => !isRead).length });
  let preferences: NoticePreferences = {
    channels: {
      ...{
        failed: ['desktop', 'email'],
        held: ['desktop'],
        stale: ['desktop'],
        sign_in_expiring: ['desktop'],
      },
      ...{
        sign_in_expired: ['desktop', 'email'],
        signer_left: ['desktop'],
        connection_down: ['desktop'],
        expiring_data: [],
      },
    },
    email: 'asha.rao@example.org',
    language: null,
    quietHours: { from: '20:00', to: '07:00', zone: 'Africa/Nairobi' },
  };
  let webhook: WebhookView = {
    ...{ on: true, origin: 'https://hooks.example.org', ownNetwork: false, tlsCa: null, language: 'en' },
    last: { at: ago(42), problem: null },
  };
  let email: EmailView = {
    ...{ on: true, host: 'smtp.example.org', port: 587, security: 'starttls', user: 'headgate' },
    ...{ from: 'headgate@example.org', tlsCa: null, hasPassword: true },
    last: {
      at: ago(50),
      problem: 'smtp.example.org does not accept this user and password.',
      said: { id: 'notices.doesNotAcceptUser', params: { host: 'smtp.example.org' } },
    },
  };
  const view = () => ({ webhook, email });
  return {
    'notices.list': () => ({ ...unread(), items }),
    'notices.read': (input) => {
      const ids = input['ids'] as unknown as string[];
      for (const each of items) if (ids.includes(each.id)) each.isRead = true;
      changed('notices');
      return unread();
    },
    'notices.readAll': () => {
      for (const each of items) each.isRead = true;
      changed('notices');
      return unread();
    },
    'notices.preferences': () => preferences,
    'notices.setPreferences': (input) => {
      preferences = { ...preferences, ...(input as Partial<NoticePreferences>) };
      changed('notices');
      return preferences;
    },
    'notices.channels': () => view(),
    'notices.setWebhook': (input) => {
      const {
        url,
        secret: _,
        ...rest
      } = input as unknown as Partial<WebhookView> & {
        url?: string;
        secret?: string;
      };
      if (url?.startsWith('http://')) {
        throw refuse('NOTICE_ADDRESS', 'The address has to begin with https://, or lead to this computer.');
      }
      webhook = { ...webhook, ...rest, ...(url === undefined ? {} : { origin: new URL(url).origin }) };
      changed('notices');
      return view();
    },
    'notices.setEmail': (input) => {
      const { password, ...rest } = input as unknown as Partial<EmailView> & { password?: string };
      email = { ...email, ...rest, hasPassword: email.hasPassword || password !== undefined };
      changed('notices');
      return view();
    },
    'notices.test': (input) => {
      if (input['channel'] === 'email')
        throw refuse('NOTICE_NOT_SENT', 'smtp.example.org does not accept this user and password.');
      return {};
    },
  };
}
