import { z } from 'zod';
import { done, type Method, nothing } from '../method.ts';
import {
  emailInput,
  id,
  inbox,
  noticeChannels,
  noticeChannelsView,
  noticePreferences,
  webhookInput,
} from '../models.ts';

/** What people are told of by themselves: their inbox, how else they want to hear of it, and over what it goes. */
export const noticeMethods = {
  /** The newest first; only what concerns the person who asks. */
  'notices.list': {
    permission: 'view',
    changes: false,
    input: z.strictObject({
      limit: z.int().min(1).max(500).default(100),
      onlyOpen: z.boolean().default(false),
    }),
    output: inbox,
  },
  /** One's own; ids that are not there are passed over. */
  'notices.read': {
    permission: 'view',
    changes: false,
    input: z.strictObject({ ids: z.array(id).min(1).max(500) }),
    output: inbox.pick({ unread: true }),
  },
  'notices.readAll': {
    permission: 'view',
    changes: false,
    input: nothing,
    output: inbox.pick({ unread: true }),
  },
  /** One's own. */
  'notices.preferences': { permission: 'view', changes: false, input: nothing, output: noticePreferences },
  'notices.setPreferences': {
    permission: 'view',
    changes: true,
    input: noticePreferences.partial(),
    output: noticePreferences,
  },
  /** Over what messages leave this computer. */
  'notices.channels': {
    permission: 'manage_vault',
    changes: false,
    input: nothing,
    output: noticeChannelsView,
  },
  /** Confirmed outside the page. Fails with NOTICE_ADDRESS for where nothing is sent. */
  'notices.setWebhook': {
    permission: 'manage_vault',
    changes: true,
    input: webhookInput,
    output: noticeChannelsView,
  },
  /** Confirmed outside the page. A password goes to the server that it was entered for, and to no other. */
  'notices.setEmail': {
    permission: 'manage_vault',
    changes: true,
    input: emailInput,
    output: noticeChannelsView,
  },
  /** Sends a message that says it is a test, mail to one's own address. Fails with NOTICE_NOT_SENT and what was the matter. */
  'notices.test': {
    permission: 'manage_vault',
    changes: true,
    input: z.strictObject({ channel: z.enum(noticeChannels) }),
    output: done,
  },
} as const satisfies Record<string, Method>;
