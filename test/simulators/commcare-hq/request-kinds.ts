/** What requests are counted and matched as. */
export const REQUEST_KINDS = [
  'form',
  'case',
  'application',
  'user',
  'web-user',
  'group',
  'location',
  'location_type',
  'lookup_table',
  'lookup_table_item',
  'fixture',
  'identity',
  'user_domains',
  'authorize',
  'token',
  'revoke',
  'other',
] as const;

export type RequestKind = (typeof REQUEST_KINDS)[number];
