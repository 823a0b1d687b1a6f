import { z } from 'zod';

/**
 * Where the proxy for sources comes from: `system`, what this computer says, its environment first; `environment`, that
 * alone; `manual`, one that is entered; `none`, sources are asked directly.
 */
export const proxyModes = ['system', 'environment', 'manual', 'none'] as const;
export type ProxyMode = (typeof proxyModes)[number];

const user = z
  .string()
  .trim()
  .min(1, 'must not be empty')
  .max(255)
  .regex(/^[^:]*$/, 'must not have a colon');

/** Only of `manual` more than the mode counts. A password that is left out stays, for the same address and user. */
export const proxyInput = z.strictObject({
  mode: z.enum(proxyModes),
  address: z.string().trim().min(1, 'must not be empty').max(500).optional(),
  user: user.nullable().optional(),
  password: z.string().min(1, 'must not be empty').max(4096).optional(),
  /** Servers that are asked directly, as in `NO_PROXY`. */
  exceptions: z.string().trim().max(4000).default(''),
});

export const proxyView = z.strictObject({
  mode: z.enum(proxyModes),
  address: z.string().nullable(),
  user: z.string().nullable(),
  hasPassword: z.boolean(),
  exceptions: z.string(),
});
export type ProxyView = z.infer<typeof proxyView>;
