import { engineTraits, isOfUser, secretOf } from '../../../../preload/contract/engines.ts';
import { t } from '../../../i18n/index.ts';
import { splitList } from '../options.ts';
import { accountIn, bounds, type Draft, type HopDraft, type Problems, poolNumbers } from './draft.ts';

/* What can be seen to be wrong with the form of a connection before it is sent. */

const mostTags = 20;
const longestTag = 40;
const leaseBounds = [5, 1440] as const;

const empty = (text: string): boolean => text.trim() === '';

function numberProblem(text: string, [from, to]: readonly [number, number]): string | undefined {
  const value = Number(text);
  const fits = !empty(text) && Number.isInteger(value) && value >= from && value <= to;
  return fits ? undefined : t('connections.numberInvalid', { from, to });
}

function portProblem(text: string): string | undefined {
  return numberProblem(text, [1, 65_535]) === undefined ? undefined : t('connections.portInvalid');
}

const certificate = '-----BEGIN CERTIFICATE-----';
const isKey = (text: string): boolean => text.includes('PRIVATE KEY-----');

function checkHop(hop: HopDraft, at: number): Problems {
  const place = `ssh.${at}`;
  const keeps = hop.stored === hop.auth;
  const needsKey = hop.auth === 'key' && hop.keyFrom === 'vault';
  return {
    ...(empty(hop.host) ? { [`${place}.host`]: t('field.required') } : {}),
    ...(empty(hop.user) ? { [`${place}.user`]: t('field.required') } : {}),
    ...some(`${place}.port`, portProblem(hop.port)),
    ...(hop.auth === 'key' && hop.keyFrom === 'file' && empty(hop.keyFile)
      ? { [`${place}.keyFile`]: t('field.required') }
      : {}),
    ...(needsKey && hop.privateKey !== '' && !isKey(hop.privateKey)
      ? { [`${place}.key`]: t('key.invalid') }
      : {}),
    ...(needsKey && hop.privateKey === '' && !keeps ? { [`${place}.key`]: t('field.required') } : {}),
    ...(hop.auth === 'password' && hop.password === '' && !keeps
      ? { [`${place}.password`]: t('field.required') }
      : {}),
  };
}

const some = (field: string, problem: string | undefined): Problems =>
  problem === undefined ? {} : { [field]: problem };

/** The shortest and the longest reason that the core takes. */
const reasonBounds = { min: 10, max: 500 };
export function superuserReasonProblem(reason: string, mayBeEmpty: boolean): string | undefined {
  const { length } = reason.trim();
  if (length === 0 && mayBeEmpty) return undefined;
  if (length < reasonBounds.min) return t('superuser.reasonShort');
  return length > reasonBounds.max ? t('superuser.reasonLong') : undefined;
}

/** What can be seen to be wrong without asking the core. */
export function check(draft: Draft, stored: { readonly login: boolean; readonly tlsKey: boolean }): Problems {
  const problems: Record<string, string | undefined> = {};
  for (const field of ['name', 'host', 'database', 'applicationName'] as const) {
    if (empty(draft[field])) problems[field] = t('field.required');
  }
  const traits = engineTraits[draft.engine];
  const secret = secretOf(draft.engine, draft.settings);
  if (!stored.login && isOfUser[secret] && draft.user === '') problems['user'] = t('field.required');
  if (!stored.login && secret === 'service_account' && accountIn(draft.password) === null)
    problems['password'] = t('engineSecret.noKeyFile');
  if (!stored.login && (secret === 'token' || secret === 'client_secret') && draft.password === '')
    problems['password'] = t('field.required');
  if (secret === 'private_key' && !isKey(draft.password) && !(stored.login && draft.password === ''))
    problems['password'] = t(draft.password === '' ? 'field.required' : 'key.invalid');
  for (const { name, isRequired } of traits.settings)
    if (isRequired && empty(draft.settings[name] ?? '')) problems[`settings.${name}`] = t('field.required');
  for (const field of poolNumbers) problems[field] = numberProblem(draft[field], bounds[field]);
  problems['port'] = portProblem(draft.port);
  if (!empty(draft.tlsCa) && !draft.tlsCa.includes(certificate))
    problems['tlsCa'] = t('connections.caInvalid');
  if (draft.clientCert) {
    if (!draft.tlsCert.includes(certificate)) problems['tlsCert'] = t('connections.caInvalid');
    if (draft.tlsKey !== '' && !isKey(draft.tlsKey)) problems['tlsKey'] = t('key.invalid');
    if (draft.tlsKey === '' && !stored.tlsKey) problems['tlsKey'] = t('field.required');
  }
  const tags = splitList(draft.tags);
  if (tags.length > mostTags || tags.some((tag) => tag.length > longestTag)) {
    problems['tags'] = t('sharing.tagsMany');
  }
  problems['superuserReason'] = superuserReasonProblem(draft.superuserReason, true);
  if (draft.leases) {
    if (empty(draft.readerRole)) problems['readerRole'] = t('field.required');
    problems['leaseMinutes'] = numberProblem(draft.leaseMinutes, leaseBounds);
  }
  const all = { ...problems, ...Object.assign({}, ...draft.hops.map(checkHop)) };
  return Object.fromEntries(Object.entries(all).filter(([, problem]) => problem !== undefined)) as Problems;
}
