import { type ReactNode, useState } from 'react';
import type {
  HostKey as AcceptedKey,
  Connection,
  HostKeyQuestion,
} from '../../../preload/contract/models.ts';
import { useAccess } from '../../access.ts';
import { useAction, useCall } from '../../api.ts';
import { Button } from '../../components/button.tsx';
import { CopyButton } from '../../components/copy.tsx';
import { Confirm } from '../../components/dialogs.tsx';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { CheckField } from '../../components/fields.tsx';
import { Icon } from '../../components/icons.tsx';
import { Time } from '../../components/time.tsx';
import { useNotify } from '../../components/toasts.tsx';
import { useWhileThere } from '../../hooks.ts';
import { t } from '../../i18n/index.ts';
import { manageBlocked } from '../connections/health.tsx';

interface HostKeyProps {
  readonly connection: Pick<Connection, 'id' | 'may'>;
  readonly question: HostKeyQuestion;
  /** The key is accepted, or the old one forgotten: worth another test. */
  readonly onAccepted: () => void;
}

const place = ({ host, port }: { host: string; port: number }): string =>
  port === 22 ? host : `${host}:${port}`;

/** What OpenSSH calls this host in known_hosts. */
const knownAs = ({ host, port }: HostKeyQuestion): string => (port === 22 ? host : `[${host}]:${port}`);

/** The key of a jump host that is not known, or not the one that was known. */
export function HostKey({ connection, question, onAccepted }: HostKeyProps) {
  return question.reason === 'unknown' ? (
    <Unknown connection={connection} question={question} onAccepted={onAccepted} />
  ) : (
    <Refused question={question} onForgotten={onAccepted} />
  );
}

function Unknown({ connection, question, onAccepted }: HostKeyProps) {
  const notify = useNotify();
  const { fingerprint, type } = question;
  const host = place(question);
  const trust = useAction((client) => client.connections.trustHost({ id: connection.id, fingerprint }));
  const accept = async () => {
    if (!(await trust.run())) return;
    notify.done(t('hostKey.accepted', { host }));
    onAccepted();
  };
  return (
    <section className="notice tone-warn host-key" aria-label={t('hostKey.unknownTitle')}>
      <Icon name="shield" size={18} />
      <div className="notice-body">
        <p className="notice-title">{t('hostKey.unknownTitle')}</p>
        <p>{t('hostKey.unknownText', { host })}</p>
        <dl className="fingerprints">
          <Fingerprint label={t('hostKey.fingerprint', { type })} text={fingerprint} />
        </dl>
        {trust.error && <ErrorNotice error={trust.error} urgent />}
        <div className="actions">
          <Button
            icon="check"
            busy={trust.busy}
            blocked={manageBlocked(connection)}
            onClick={() => void accept()}
          >
            {t('hostKey.accept')}
          </Button>
        </div>
      </div>
    </section>
  );
}

function Fingerprint({ label, text, note }: { label: string; text: string; note?: ReactNode }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>
        <span className="code" translate="no">
          {text}
        </span>
        <CopyButton text={text} label={t('hostKey.copy')} />
        {note !== undefined && <span className="cell-note">{note}</span>}
      </dd>
    </div>
  );
}

/** Changed or revoked: no way on from here, only a deliberate step back by somebody who asked first. */
function Refused({ question, onForgotten }: { question: HostKeyQuestion; onForgotten: () => void }) {
  const known = useCall('hostKeys.list', {});
  const [forgetting, setForgetting] = useState<AcceptedKey | null>(null);
  const revoked = question.reason === 'revoked';
  const host = place(question);
  const before = known.data?.filter((key) => key.host === question.host && key.port === question.port) ?? [];
  const command = `ssh-keygen -R ${knownAs(question)}`;
  return (
    <section
      className="notice tone-bad host-key"
      aria-label={t(revoked ? 'hostKey.revokedTitle' : 'hostKey.changedTitle', { host })}
    >
      <Icon name="failed" size={18} />
      <div className="notice-body">
        <p className="notice-title">
          {t(revoked ? 'hostKey.revokedTitle' : 'hostKey.changedTitle', { host })}
        </p>
        <p>{t(revoked ? 'hostKey.revokedText' : 'hostKey.changedText')}</p>
        <dl className="fingerprints">
          <Fingerprint label={t('hostKey.now', { type: question.type })} text={question.fingerprint} />
          {before.map((key) => (
            <Fingerprint
              key={key.id}
              label={t('hostKey.before', { type: key.type })}
              text={key.fingerprint}
              note={
                <Time
                  at={key.acceptedAt}
                  form="moment"
                  say={(time) => t('hostKey.beforeBy', { person: key.acceptedBy, time })}
                />
              }
            />
          ))}
        </dl>
        {known.error && <ErrorNotice error={known.error} />}
        {!revoked &&
          known.data &&
          (before.length === 0 ? (
            <>
              <p>{t('hostKey.elsewhere')}</p>
              <p className="with-tag">
                <code translate="no">{command}</code>
                <CopyButton text={command} label={t('hostKey.copyCommand')} />
              </p>
            </>
          ) : (
            <div className="actions">
              {before.map((key) => (
                <ForgetButton key={key.id} onClick={() => setForgetting(key)} />
              ))}
            </div>
          ))}
        {forgetting && (
          <Forget accepted={forgetting} onClose={() => setForgetting(null)} onForgotten={onForgotten} />
        )}
      </div>
    </section>
  );
}

function ForgetButton({ onClick }: { onClick: () => void }) {
  const blocked = useAccess().reason('manage_database_connections');
  return (
    <Button icon="trash" blocked={blocked} onClick={onClick}>
      {t('hostKey.forget')}
    </Button>
  );
}

interface ForgetProps {
  readonly accepted: AcceptedKey;
  readonly onClose: () => void;
  readonly onForgotten: () => void;
}

function Forget({ accepted, onClose, onForgotten }: ForgetProps) {
  const notify = useNotify();
  const [confirmed, setConfirmed] = useState(false);
  const [asked, setAsked] = useState(false);
  const host = place(accepted);
  const forget = useAction((client) => client.hostKeys.forget({ id: accepted.id }));
  const done = useWhileThere(() => {
    onClose();
    onForgotten();
  });
  const run = async () => {
    setAsked(true);
    if (!confirmed || !(await forget.run())) return;
    notify.done(t('hostKey.forgot', { host }));
    done();
  };
  return (
    <Confirm
      open
      danger
      title={t('hostKey.forgetTitle', { host })}
      confirm={t('hostKey.forgetConfirm')}
      busy={forget.busy}
      onClose={onClose}
      onConfirm={() => void run()}
    >
      <p>{t('hostKey.forgetText', { host })}</p>
      <CheckField label={t('hostKey.forgetCheck')} checked={confirmed} onChange={setConfirmed} />
      {asked && !confirmed && (
        <p className="field-error" role="alert">
          {t('hostKey.forgetFirst')}
        </p>
      )}
      {forget.error && <ErrorNotice error={forget.error} urgent />}
    </Confirm>
  );
}
