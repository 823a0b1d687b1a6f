import { useState } from 'react';
import type { Source, SourceTypeInfo } from '../../../preload/contract/models.ts';
import { useAccess } from '../../access.ts';
import { useAction } from '../../api.ts';
import { Breakable } from '../../components/breakable.tsx';
import { Button } from '../../components/button.tsx';
import { DropConfirm } from '../../components/data/drop-confirm.tsx';
import { Confirm } from '../../components/dialogs.tsx';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { Switch } from '../../components/fields.tsx';
import { RowMenu } from '../../components/menu.tsx';
import { disconnectedText, isGood } from '../../components/session/credential-state.ts';
import { Status } from '../../components/status.tsx';
import { Time } from '../../components/time.tsx';
import { useNotify } from '../../components/toasts.tsx';
import { formatList } from '../../format.ts';
import { useShown } from '../../hooks.ts';
import { t } from '../../i18n/index.ts';
import { href } from '../../router.ts';

interface SourceCardProps {
  readonly source: Source;
  readonly type: SourceTypeInfo | undefined;
  /** Another screen points at it. */
  readonly shown: boolean;
  readonly onEdit: () => void;
  readonly onSignIn: () => void;
  readonly onChooseSpace: () => void;
}

export function SourceCard({ source, type, shown, onEdit, onSignIn, onChooseSpace }: SourceCardProps) {
  const card = useShown<HTMLLIElement>(shown);
  const access = useAccess();
  const toggle = useAction((client, _signal, isActive: boolean) =>
    client.sources.update({ id: source.id, isActive }),
  );
  const [asking, setAsking] = useState<'disconnect' | 'delete' | null>(null);
  const blocked = access.reason('manage_sources');
  const credential = source.credential;
  const state = credential === null ? 'missing' : isGood(credential) ? 'valid' : 'ended';
  const spaceMissing = type?.settings.some((field) => field.name === 'domain') && !source.settings['domain'];
  return (
    <li ref={card} tabIndex={shown ? -1 : undefined} className={shown ? 'card shown' : 'card'}>
      <div className="card-header">
        <div>
          <h2>{source.name}</h2>
          <p className="cell-note">{type?.title ?? source.sourceType}</p>
        </div>
        <div className="actions">
          {state !== 'valid' && (
            <Button
              tone="primary"
              small
              icon="external"
              blocked={access.reason('authorise_sources')}
              aria-label={t(state === 'missing' ? 'signIn.startOf' : 'signIn.againOf', { name: source.name })}
              onClick={onSignIn}
            >
              {state === 'missing' ? t('signIn.start') : t('signIn.again')}
            </Button>
          )}
          <RowMenu
            label={t('table.moreFor', { name: source.name })}
            entries={[
              { label: t('action.edit'), icon: 'edit', blocked, onSelect: onEdit },
              ...(credential
                ? [
                    {
                      label: t('signIn.disconnect'),
                      icon: 'unlock' as const,
                      onSelect: () => setAsking('disconnect'),
                    },
                    ...(state === 'valid'
                      ? [{ label: t('signIn.otherAccount'), icon: 'user' as const, onSelect: onSignIn }]
                      : []),
                  ]
                : []),
              {
                label: t('action.delete'),
                icon: 'trash',
                danger: true,
                blocked,
                onSelect: () => setAsking('delete'),
              },
            ]}
          />
        </div>
      </div>
      <p className="card-state">
        <SignInState source={source} />
        {credential && (
          <span className="muted">
            {credential.lastUsedAt === null ? (
              t('credentials.neverUsed')
            ) : (
              <Time at={credential.lastUsedAt} say={(time) => t('credentials.lastUsed', { time })} />
            )}
          </span>
        )}
      </p>
      <dl className="facts">
        <div>
          <dt>{t('sources.baseUrl')}</dt>
          <dd className="code" translate="no">
            <Breakable text={source.baseUrl} />
          </dd>
        </div>
        {type?.settings.map((field) => (
          <div key={field.name}>
            <dt>{field.label}</dt>
            <dd translate="no">
              {source.settings[field.name] || <span className="muted">{t('state.notSet')}</span>}
              {field.name === 'domain' && spaceMissing && state === 'valid' && (
                <Button small blocked={blocked} onClick={onChooseSpace}>
                  {t('sources.chooseSpace')}
                </Button>
              )}
            </dd>
          </div>
        ))}
        <div>
          <dt>{t('sources.reading')}</dt>
          <dd>
            <Switch
              label={t('sources.active')}
              checked={source.isActive}
              disabled={blocked !== undefined || toggle.busy}
              onChange={(isActive) => void toggle.run(isActive)}
            />
            {!source.isActive && <span className="cell-note">{t('sources.off')}</span>}
          </dd>
        </div>
        <div>
          <dt>{t('sources.usedBy')}</dt>
          <dd>
            {source.usedBy.length === 0 ? (
              <span className="muted">{t('connections.unused')}</span>
            ) : (
              <ul className="plain-list">
                {source.usedBy.map((project) => (
                  <li key={project.id}>
                    <a href={href('projects', project.id)}>{project.name}</a>
                  </li>
                ))}
              </ul>
            )}
          </dd>
        </div>
      </dl>
      <Disconnect source={source} open={asking === 'disconnect'} onClose={() => setAsking(null)} />
      <Delete source={source} open={asking === 'delete'} onClose={() => setAsking(null)} />
    </li>
  );
}

function SignInState({ source }: { source: Source }) {
  const credential = source.credential;
  if (!credential) {
    return (
      <Status tone="muted" icon="dashed">
        {t('signIn.none')}
      </Status>
    );
  }
  return isGood(credential) ? (
    <Status tone="ok" icon="checkCircle">
      {t('signIn.as', { account: credential.account })}
    </Status>
  ) : (
    <Status tone="bad" icon="hand">
      {t('signIn.expiredFor', { account: credential.account })}
    </Status>
  );
}

interface AskProps {
  readonly source: Source;
  readonly open: boolean;
  readonly onClose: () => void;
}

function Disconnect({ source, open, onClose }: AskProps) {
  const notify = useNotify();
  const disconnect = useAction((client, _signal, id: string) => client.credentials.disconnect({ id }));
  const confirm = async () => {
    const done = source.credential && (await disconnect.run(source.credential.id));
    if (done) {
      onClose();
      notify.done(disconnectedText(source.name, done));
    }
  };
  return (
    <Confirm
      open={open}
      title={t('signIn.disconnectTitle', { name: source.name })}
      confirm={t('signIn.disconnect')}
      danger
      busy={disconnect.busy}
      onClose={onClose}
      onConfirm={() => void confirm()}
    >
      <p>{t(source.credential?.kind === 'api_key' ? 'signIn.disconnectKeyText' : 'signIn.disconnectText')}</p>
      {disconnect.error && <ErrorNotice error={disconnect.error} urgent />}
    </Confirm>
  );
}

function Delete({ source, open, onClose }: AskProps) {
  const { id, name, usedBy } = source;
  return (
    <DropConfirm
      open={open}
      title={t('sources.deleteTitle', { name })}
      confirm={t('sources.deleteConfirm')}
      toast={t('sources.deletedToast', { name })}
      remove={(client, dropSchemas) => client.sources.delete({ id, dropSchemas })}
      onClose={onClose}
      onRemoved={onClose}
    >
      {usedBy.length === 0
        ? t('sources.deleteText')
        : t('sources.deleteTextUsed', { names: formatList(usedBy.map((each) => each.name)) })}
    </DropConfirm>
  );
}
