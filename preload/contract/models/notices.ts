import { z } from 'zod';
import { said } from '../said.ts';
import { id, instant, pem } from './base.ts';
import { partOfDay } from './schedule.ts';
import { language } from './vault.ts';

/** What people are told of, each once until it is over. */
export const noticeEvents = [
  /** A dataset failed, also at its last retry. */
  'failed',
  /** A refresh waits for a person's review. */
  'held',
  /** A dataset is older than twice its interval. */
  'stale',
  'sign_in_expiring',
  'sign_in_expired',
  /** A project is read with the account of somebody who has left. */
  'signer_left',
  'connection_down',
  /** Tables that nobody uses are about to be dropped. */
  'expiring_data',
] as const;
export type NoticeEvent = (typeof noticeEvents)[number];

/** How it ended: by itself or by somebody's work, because it was switched off or deleted, or, of tables, because they are gone. */
export const noticeOutcomes = ['over', 'off', 'gone', 'deleted'] as const;
export type NoticeOutcome = (typeof noticeOutcomes)[number];

/** What it is about, by the names that people gave; no data, no address, no account. */
export const noticeSubject = z.strictObject({
  project: z.string().nullable(),
  source: z.string().nullable(),
  connection: z.string().nullable(),
  /** The code of an error, or the state of a connection; null where there is none. */
  code: z.string().nullable(),
  /** Datasets that wait for it. */
  waiting: z.int(),
  /** When it comes about by itself: a sign-in ends, tables go. */
  until: instant.nullable(),
});
export type NoticeSubject = z.infer<typeof noticeSubject>;

export const notice = z.strictObject({
  id,
  event: z.enum(noticeEvents),
  subject: noticeSubject,
  /** When it began, and when it was told last: it may have become worse. */
  openedAt: instant,
  toldAt: instant,
  /** Null while it lasts. */
  closedAt: instant.nullable(),
  outcome: z.enum(noticeOutcomes).nullable(),
  /** By the person who asks. */
  isRead: z.boolean(),
});
export type Notice = z.infer<typeof notice>;

export const inbox = z.strictObject({ unread: z.int(), items: z.array(notice) });
export type Inbox = z.infer<typeof inbox>;

/** The ways to a person beside the inbox. */
export const personalChannels = ['desktop', 'email'] as const;
export type PersonalChannel = (typeof personalChannels)[number];
export const noticeChannels = [...personalChannels, 'webhook'] as const;
export type NoticeChannel = (typeof noticeChannels)[number];

const mailAddress = z.email('is no e-mail address').max(254);

/** What a person wants to be told, and where. */
export const noticePreferences = z.strictObject({
  channels: z.record(z.enum(noticeEvents), z.array(z.enum(personalChannels)).max(2)),
  /** Where their mail goes; null without one. */
  email: mailAddress.nullable(),
  /** What their mail is written in; null for the language of the computer that sends it. */
  language: language.nullable(),
  /** In this part of the day nothing is sent; what is not over by its end is told then, in one message. */
  quietHours: partOfDay.nullable(),
});
export type NoticePreferences = z.infer<typeof noticePreferences>;

/** How the last message of a channel went; null before the first. */
const lastMessage = z
  .strictObject({
    at: instant,
    /** `said` in English; null where it went well. */
    problem: z.string().nullable(),
    said: said.optional(),
  })
  .nullable();

export const webhookView = z.strictObject({
  on: z.boolean(),
  /** Scheme, host and port; the path may be a secret. */
  origin: z.string().nullable(),
  ownNetwork: z.boolean(),
  tlsCa: pem.nullable(),
  /** What the texts in its messages are written in. */
  language,
  last: lastMessage,
});
export type WebhookView = z.infer<typeof webhookView>;

/** An address and its secret go together: another address needs its secret entered anew. */
export const webhookInput = z.strictObject({
  on: z.boolean(),
  /** Left out, what is stored stays. */
  url: z.string().trim().min(1, 'must not be empty').max(2000).optional(),
  /** Signs what is sent; known to whoever receives it. */
  secret: z.string().min(16, 'at least 16 characters').max(200).optional(),
  /** The address is one of a private network, and is meant to be. */
  ownNetwork: z.boolean().default(false),
  /** The only authority that is trusted there; null for those of this computer. */
  tlsCa: pem.nullable().default(null),
  language: language.default('en'),
});

/** TLS from the first byte, or asked for before anything is said; `none` only to this computer. */
export const mailSecurities = ['tls', 'starttls', 'none'] as const;
export type MailSecurity = (typeof mailSecurities)[number];

const mailHost = z
  .string()
  .trim()
  .min(1, 'must not be empty')
  .max(253)
  .regex(/^[\w.:-]+$/, 'is no name of a server');
const mailFields = {
  on: z.boolean(),
  host: mailHost,
  port: z.int().min(1).max(65_535),
  security: z.enum(mailSecurities),
  user: z.string().trim().min(1, 'must not be empty').max(255).nullable(),
  from: mailAddress,
  tlsCa: pem.nullable(),
} as const;

export const emailView = z.strictObject({
  ...mailFields,
  host: mailHost.nullable(),
  from: mailAddress.nullable(),
  hasPassword: z.boolean(),
  last: lastMessage,
});
export type EmailView = z.infer<typeof emailView>;

/** A password that is left out stays, for the same server and user. */
export const emailInput = z.strictObject({
  ...mailFields,
  user: mailFields.user.default(null),
  password: z.string().min(1, 'must not be empty').max(4096).optional(),
  tlsCa: mailFields.tlsCa.default(null),
});

export const noticeChannelsView = z.strictObject({ webhook: webhookView, email: emailView });
export type NoticeChannelsView = z.infer<typeof noticeChannelsView>;
