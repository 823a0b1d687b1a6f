import { useState } from 'react';
import type { ConnectionDetail, TlsDetails } from '../../../preload/contract/models.ts';
import { useAction } from '../../api.ts';
import { Button } from '../../components/button.tsx';
import { CopyButton } from '../../components/copy.tsx';
import { Confirm } from '../../components/dialogs.tsx';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { Icon } from '../../components/icons.tsx';
import { Status } from '../../components/status.tsx';
import { useNotify } from '../../components/toasts.tsx';
import { formatAbsolute, formatDay, formatList } from '../../format.ts';
import { useNow } from '../../hooks.ts';
import { t } from '../../i18n/index.ts';
import { manageBlocked } from '../connections/health.tsx';

/** A certificate that ends within these days wants somebody, in milliseconds. */
const soon = 21 * 86_400_000;

interface TlsProps {
  readonly connection: ConnectionDetail;
  readonly tls: TlsDetails;
  /** Whether taking over the issuer would put something right. */
  readonly issuerHelps: boolean;
  /** The CA was taken over: worth another test. */
  readonly onTrusted: () => void;
}

/** How the session is encrypted, and the certificate the server showed, accepted or not. */
export function TlsFacts({ connection, tls, issuerHelps, onTrusted }: TlsProps) {
  const now = useNow();
  const { certificate, protocol, cipher } = tls;
  if (!certificate) {
    return (
      <p className="muted">
        {protocol === null ? t('cert.none') : t('cert.session', { protocol, cipher: cipher ?? '' })}
      </p>
    );
  }
  const from = Date.parse(certificate.validFrom);
  const to = Date.parse(certificate.validTo);
  return (
    <details className="certificate">
      <summary>
        <Icon name="chevronRight" size={14} />
        <span>{t('cert.title')}</span>
        {protocol !== null && (
          <span className="muted">{t('cert.session', { protocol, cipher: cipher ?? '' })}</span>
        )}
        {to < now && (
          <Status tone="bad" icon="failed">
            {t('cert.expired')}
          </Status>
        )}
        {from > now && (
          <Status tone="bad" icon="failed">
            {t('cert.notYet')}
          </Status>
        )}
        {to >= now && to - now < soon && (
          <Status tone="warn" icon="warning">
            {t('cert.soon')}
          </Status>
        )}
      </summary>
      <dl className="facts certificate-facts">
        <Fact label={t('cert.subject')} text={certificate.subject} />
        <Fact label={t('cert.issuer')} text={certificate.issuer} />
        <Fact label={t('cert.names')} text={formatList(certificate.names)} />
        <div>
          <dt>{t('cert.valid')}</dt>
          <dd title={`${formatAbsolute(certificate.validFrom)} – ${formatAbsolute(certificate.validTo)}`}>
            {t('cert.validFromTo', {
              from: formatDay(certificate.validFrom),
              to: formatDay(certificate.validTo),
            })}
          </dd>
        </div>
        <div className="facts-wide">
          <dt>{t('cert.fingerprint')}</dt>
          <dd className="code" translate="no">
            {certificate.fingerprint}
            <CopyButton text={certificate.fingerprint} label={t('cert.copyFingerprint')} />
          </dd>
        </div>
      </dl>
      {issuerHelps && certificate.topPem !== '' && connection.tlsCa !== certificate.topPem && (
        <UseIssuer connection={connection} topPem={certificate.topPem} onTrusted={onTrusted} />
      )}
    </details>
  );
}

function Fact({ label, text }: { label: string; text: string }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd translate="no">{text === '' ? t('state.none') : text}</dd>
    </div>
  );
}

interface UseIssuerProps {
  readonly connection: ConnectionDetail;
  readonly topPem: string;
  readonly onTrusted: () => void;
}

function UseIssuer({ connection, topPem, onTrusted }: UseIssuerProps) {
  const notify = useNotify();
  const [asking, setAsking] = useState(false);
  const update = useAction((client) => client.connections.update({ id: connection.id, tlsCa: topPem }));
  const run = async () => {
    if (!(await update.run())) return;
    setAsking(false);
    notify.done(t('cert.used'));
    onTrusted();
  };
  return (
    <div className="actions">
      <Button small icon="shield" blocked={manageBlocked(connection)} onClick={() => setAsking(true)}>
        {t('cert.useIssuer')}
      </Button>
      <Confirm
        open={asking}
        title={t('cert.useTitle')}
        confirm={t('cert.useConfirm')}
        busy={update.busy}
        onClose={() => setAsking(false)}
        onConfirm={() => void run()}
      >
        <p>{t('cert.useText')}</p>
        {update.error && <ErrorNotice error={update.error} urgent />}
      </Confirm>
    </div>
  );
}
