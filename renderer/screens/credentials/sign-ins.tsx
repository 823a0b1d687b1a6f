import { useState } from 'react';
import type { ListedCredential } from '../../../preload/contract/models.ts';
import { useAccess } from '../../access.ts';
import { useAction, useCall } from '../../api.ts';
import { Breakable } from '../../components/breakable.tsx';
import { Button } from '../../components/button.tsx';
import { Confirm } from '../../components/dialogs.tsx';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { RadioField } from '../../components/fields.tsx';
import { disconnectedText, disconnectText, isGood } from '../../components/session/credential-state.ts';
import { SignIn } from '../../components/session/sign-in.tsx';
import { Status } from '../../components/status.tsx';
import { Time } from '../../components/time.tsx';
import { useNotify } from '../../components/toasts.tsx';
import { t } from '../../i18n/index.ts';
import { href } from '../../router.ts';

interface SignInsProps {
  readonly credentials: readonly ListedCredential[];
  /** What the table is called where the heading above it does not say it. */
  readonly label?: string;
}

/** Sign-ins, one a row: whose, for what, how it is, with what can be done about it. */
export function SignIns({ credentials, label }: SignInsProps) {
  return (
    <div className="table-wrap">
      <table className="table table-stack" aria-label={label}>
        <thead>
          <tr>
            <th scope="col">{t('credentials.account')}</th>
            <th scope="col">{t('credentials.state')}</th>
            <th scope="col">{t('credentials.for')}</th>
            <th scope="col">{t('credentials.renewed')}</th>
            <th scope="col">{t('credentials.used')}</th>
            <th scope="col" className="cell-actions">
              <span className="visually-hidden">{t('table.actions')}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {credentials.map((credential) => (
            <Row key={credential.id} credential={credential} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

const kindWords = {
  oauth: 'credentials.byBrowser',
  api_key: 'credentials.byKey',
  password: 'credentials.byPassword',
  none: 'credentials.byNone',
  connection: 'credentials.byConnection',
} as const satisfies Record<ListedCredential['kind'], string>;

function Row({ credential }: { credential: ListedCredential }) {
  const notify = useNotify();
  // A project's own sign-in is its admins' matter.
  const blocked = useAccess().reason(credential.projectId === null ? 'authorise_sources' : 'manage_projects');
  const me = useCall('app.info', {}).data?.person.id;
  const [open, setOpen] = useState<'sign in' | 'take over' | 'disconnect' | null>(null);
  const expired = !isGood(credential);
  const signer = credential.signedInBy;
  const hasLeft = signer !== null && signer.id === null;
  const isOthers = credential.projectId !== null && me !== undefined && signer?.id !== me;
  const project = credential.projectName ?? t('credentials.aProject');
  const { isShared } = credential;
  const [forAll, setForAll] = useState<'here' | 'all'>('here');
  const disconnect = useAction((client) =>
    client.credentials.disconnect({
      id: credential.id,
      ...(isShared ? { everywhere: forAll === 'all' } : {}),
    }),
  );
  const confirm = async () => {
    const done = await disconnect.run();
    if (done) {
      setOpen(null);
      notify.done(disconnectedText(credential.sourceName, done));
    }
  };
  return (
    <tr>
      <th scope="row" className="cell-name">
        <Breakable text={credential.account} />
        <span className="cell-note">
          {credential.sourceName} · {t(kindWords[credential.kind])}
          {isShared && ` · ${t('credentials.shared')}`}
        </span>
      </th>
      <td data-label={t('credentials.state')}>
        {expired ? (
          <Status tone="bad" icon="hand">
            {t(`credentials.${credential.state}`)}
          </Status>
        ) : (
          <Status
            tone={credential.state === 'valid' ? 'ok' : 'warn'}
            icon={credential.state === 'valid' ? 'checkCircle' : 'hand'}
          >
            {t(`credentials.${credential.state}`)}
          </Status>
        )}
      </td>
      <td data-label={t('credentials.for')}>
        {credential.projectId === null ? (
          t('credentials.forYou')
        ) : (
          <a href={href('projects', credential.projectId)}>{project}</a>
        )}
        {credential.projectId !== null && signer !== null && (
          <span className="cell-note">
            {hasLeft ? (
              <Status tone="warn" icon="hand">
                {t('credentials.signerLeft', { name: signer.name })}
              </Status>
            ) : (
              t('credentials.signedInBy', { name: signer.name })
            )}
          </span>
        )}
      </td>
      <td data-label={t('credentials.renewed')}>
        {expired ? (
          <span className="muted">{t('credentials.notRenewed')}</span>
        ) : credential.accessExpiresAt === null ? (
          <span className="muted">{t('credentials.untilRevoked')}</span>
        ) : credential.renewable ? (
          <Time at={credential.accessExpiresAt} />
        ) : (
          <Time at={credential.accessExpiresAt} say={(time) => t('credentials.runsOut', { time })} />
        )}
      </td>
      <td data-label={t('credentials.used')}>
        {credential.lastUsedAt === null ? (
          <span className="muted">{t('credentials.neverUsed')}</span>
        ) : (
          <Time at={credential.lastUsedAt} />
        )}
      </td>
      <td className="cell-actions">
        <div className="actions">
          {expired && (
            <Button
              small
              tone="primary"
              icon="external"
              blocked={blocked}
              aria-label={t('signIn.againOf', { name: credential.sourceName })}
              onClick={() => setOpen('sign in')}
            >
              {t('signIn.again')}
            </Button>
          )}
          {isOthers && (
            <Button
              small
              tone={hasLeft && !expired ? 'primary' : 'plain'}
              icon="external"
              blocked={blocked}
              aria-label={t('credentials.takeOverOf', { project, name: credential.sourceName })}
              onClick={() => setOpen('take over')}
            >
              {t('credentials.takeOver')}
            </Button>
          )}
          <Button
            small
            blocked={blocked}
            aria-label={t('signIn.disconnectOf', { name: credential.sourceName })}
            onClick={() => setOpen('disconnect')}
          >
            {t('signIn.disconnect')}
          </Button>
        </div>
        {(open === 'sign in' || open === 'take over') && (
          <SignIn
            sourceId={credential.sourceId}
            sourceName={credential.sourceName}
            projectId={credential.projectId ?? undefined}
            onClose={() => setOpen(null)}
            onDone={(renewed) => {
              setOpen(null);
              const { account } = renewed;
              notify.done(
                open === 'take over'
                  ? t('credentials.tookOver', { project, account })
                  : t('signIn.doneToast', { account }),
              );
            }}
          />
        )}
        <Confirm
          open={open === 'disconnect'}
          title={t('signIn.disconnectTitle', { name: credential.sourceName })}
          confirm={t('signIn.disconnect')}
          danger
          busy={disconnect.busy}
          onClose={() => setOpen(null)}
          onConfirm={() => void confirm()}
        >
          {isShared ? (
            <RadioField
              legend={t('signIn.disconnectShared')}
              value={forAll}
              onChange={setForAll}
              options={(['here', 'all'] as const).map((value) => ({
                value,
                label: t(`signIn.disconnectShared.${value}`),
                help: t(`signIn.disconnectShared.${value}Help`),
              }))}
            />
          ) : (
            <p>{disconnectText(credential)}</p>
          )}
          {disconnect.error && <ErrorNotice error={disconnect.error} urgent />}
        </Confirm>
      </td>
    </tr>
  );
}
