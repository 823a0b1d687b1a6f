import { useId } from 'react';
import { originOf } from '../../addresses.ts';
import { t } from '../../i18n/index.ts';
import { CopyButton } from '../copy.tsx';

/** Where Headgate listens for the browser to come back; servers do not look at the port of this address (RFC 8252 §7.3). */
const redirectUri = 'http://127.0.0.1/callback';

interface RegistrationProps {
  readonly baseUrl: string;
  /** Page where clients are registered, below the server's address; null where nobody knows one. */
  readonly page: string | null;
}

/**
 * What whoever operates a server has to enter there, so that Headgate is known to it: each thing as the form there asks for
 * it, to be copied one by one.
 */
export function Registration({ baseUrl, page }: RegistrationProps) {
  const title = useId();
  const origin = originOf(baseUrl);
  const lines: readonly (readonly [label: string, value: string, copy: boolean])[] = [
    ...(page !== null && origin !== null
      ? ([[t('registration.page'), `${origin}${page}`, true]] as const)
      : []),
    [t('registration.name'), 'Headgate', true],
    [t('registration.redirect'), redirectUri, true],
    [t('registration.clientType'), 'Public', false],
    [t('registration.grantType'), 'Authorization code', false],
    [t('registration.pkce'), 'PKCE (S256)', false],
  ];
  return (
    <section className="registration" aria-labelledby={title}>
      <h3 id={title}>{t('registration.title')}</h3>
      <p className="field-help">{t('registration.lead')}</p>
      <dl>
        {lines.map(([label, value, copy]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd translate="no">
              <code>{value}</code>
              {copy && <CopyButton text={value} label={t('registration.copy', { what: label })} />}
            </dd>
          </div>
        ))}
      </dl>
      <p className="field-help">{t('registration.then')}</p>
    </section>
  );
}
