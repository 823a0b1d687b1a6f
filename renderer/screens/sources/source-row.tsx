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
import { disconnectedText, disconnectText, isGood } from '../../components/session/credential-state.ts';
import { Status } from '../../components/status.tsx';
import { useNotify } from '../../components/toasts.tsx';
import { formatList } from '../../format.ts';
import { useShown } from '../../hooks.ts';
import { t } from '../../i18n/index.ts';
import { sentence } from '../../i18n/sentence.ts';
import { href } from '../../router.ts';
import { scopeOf } from '../../source-kinds.ts';
import type { Watched } from '../../watch/dataset-state.ts';
import { connectedText } from '../project/link-words.ts';

/** What is done with a source outside of its row. */
export interface RowActions {
  readonly onEdit: (source: Source) => void;
  readonly onSignIn: (source: Source) => void;
  readonly onChooseScope: (source: Source) => void;
}

interface SourceRowProps extends RowActions {
  readonly source: Source;
  readonly type: SourceTypeInfo | undefined;
  /** What reads it. */
  readonly links: readonly Watched[];
  /** How fast it may be asked, in words; null where no limit was met. */
  readonly pace: string | null;
  /** Another screen points at it. */
  readonly shown: boolean;
}

/** What is read at a server: where there, as whom by the one who looks, for which projects and how fast. */
export function SourceRow({ source, type, links, pace, shown, ...actions }: SourceRowProps) {
  const row = useShown<HTMLTableRowElement>(shown);
  const access = useAccess();
  const toggle = useAction((client, _signal, isActive: boolean) =>
    client.sources.update({ id: source.id, isActive }),
  );
  const [asking, setAsking] = useState<'disconnect' | 'delete' | null>(null);
  const blocked = access.reason('manage_sources');
  const { credential, name } = source;
  const state = credential === null ? 'missing' : isGood(credential) ? 'valid' : 'ended';
  const signIn = () => actions.onSignIn(source);
  const disconnect =
    credential === null
      ? []
      : [
          {
            label: t('signIn.disconnect'),
            icon: 'unlock' as const,
            onSelect: () => setAsking('disconnect'),
          },
          ...(state === 'valid'
            ? [{ label: t('signIn.otherAccount'), icon: 'user' as const, onSelect: signIn }]
            : []),
        ];
  return (
    <tr ref={row} tabIndex={shown ? -1 : undefined} className={shown ? 'shown' : undefined}>
      <th scope="row" className="cell-name">
        {name}
        <Place source={source} type={type} onChoose={actions.onChooseScope} blocked={blocked} />
        {source.readOver === null && <span className="cell-note">{pace ?? t('servers.paceNone')}</span>}
      </th>
      <td data-label={t('servers.yours')}>
        <SignInState source={source} />
      </td>
      <td data-label={t('servers.readBy')}>
        <ReadBy source={source} links={links} />
      </td>
      <td data-label={t('sources.reading')}>
        <Switch
          label={t('sources.active')}
          checked={source.isActive}
          disabled={blocked !== undefined || toggle.busy}
          onChange={(isActive) => void toggle.run(isActive)}
        />
        {!source.isActive && <span className="cell-note">{t('sources.off')}</span>}
        {toggle.error && <ErrorNotice error={toggle.error} urgent />}
      </td>
      <td className="cell-actions">
        <div className="actions">
          {state !== 'valid' && (
            <Button
              tone={state === 'ended' ? 'primary' : 'plain'}
              small
              icon="external"
              blocked={access.reason('authorise_sources')}
              aria-label={t(state === 'missing' ? 'signIn.startOf' : 'signIn.againOf', { name })}
              onClick={signIn}
            >
              {state === 'missing' ? t('signIn.start') : t('signIn.again')}
            </Button>
          )}
          <RowMenu
            label={t('table.moreFor', { name })}
            entries={[
              { label: t('action.edit'), icon: 'edit', blocked, onSelect: () => actions.onEdit(source) },
              ...disconnect,
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
        <Disconnect source={source} open={asking === 'disconnect'} onClose={() => setAsking(null)} />
        <Delete source={source} open={asking === 'delete'} onClose={() => setAsking(null)} />
      </td>
    </tr>
  );
}

interface PlaceProps {
  readonly source: Source;
  readonly type: SourceTypeInfo | undefined;
  readonly blocked: string | undefined;
  readonly onChoose: (source: Source) => void;
}

/** Where at the server it reads: its scope and what else narrows it. */
function Place({ source, type, blocked, onChoose }: PlaceProps) {
  const { credential, settings } = source;
  const scope = scopeOf(type);
  const what = sentence(scope?.label);
  return (
    <>
      {type?.settings.map(({ name, label }) =>
        settings[name] ? (
          <span key={name} className="cell-note">
            {sentence(label, name)}{' '}
            <span className="code" translate="no">
              <Breakable text={settings[name]} />
            </span>
          </span>
        ) : null,
      )}
      {scope && !settings[scope.name] && (
        <span className="cell-note">
          {t('sources.scopeNotSet', { what })}{' '}
          {credential !== null && isGood(credential) && (
            <Button
              small
              blocked={blocked}
              aria-label={t('sources.chooseScopeOf', { name: source.name, what })}
              onClick={() => onChoose(source)}
            >
              {t('sources.chooseScope')}
            </Button>
          )}
        </span>
      )}
    </>
  );
}

/** The projects that read it; where each person signs in themselves, who still has to. */
function ReadBy({ source, links }: { source: Source; links: readonly Watched[] }) {
  if (source.usedBy.length === 0) return <span className="muted">{t('connections.unused')}</span>;
  return (
    <ul className="plain-list">
      {source.usedBy.map((project) => {
        const people = links.find(({ link }) => link.projectId === project.id)?.link.people ?? null;
        return (
          <li key={project.id}>
            <a href={href('projects', project.id)}>{project.name}</a>
            {people !== null && <span className="cell-note">{connectedText(people)}</span>}
            {people !== null && people.missing.length > 0 && (
              <span className="cell-note">{t('servers.missing', { names: formatList(people.missing) })}</span>
            )}
          </li>
        );
      })}
    </ul>
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
      <p>{disconnectText(source.credential)}</p>
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
