import { useEffect, useRef, useState } from 'react';
import type { ConnectionDetail, Grant, Profile } from '../../../preload/contract/models.ts';
import { type Action, useAction, useCall } from '../../api.ts';
import { ErrorNotice, Note } from '../../components/error-notice.tsx';
import { RadioField } from '../../components/fields.tsx';
import { Icon } from '../../components/icons.tsx';
import { Card, Loaded } from '../../components/page.tsx';
import { Time } from '../../components/time.tsx';
import { useNotify } from '../../components/toasts.tsx';
import { t } from '../../i18n/index.ts';
import { href } from '../../router.ts';

type Level = Grant['level'] | 'none';
const levels: readonly Level[] = ['none', 'use', 'manage'];

/**
 * A choice that is saved as soon as it is made: shown at once, one saving at a time, the last one counts. What is stored
 * is shown again with the next reading, or when it could not be saved.
 */
function useSavedChoice<V>(
  stored: V,
  /** What `stored` was read with: another object with every reading. */
  reading: unknown,
  save: Action<[V], unknown>,
  onSaved: () => void,
): [shown: V, choose: (value: V) => void] {
  const [wanted, setWanted] = useState<{ value: V } | null>(null);
  const last = useRef<{ value: V } | null>(null);
  const read = useRef(reading);
  useEffect(() => {
    read.current = reading;
    if (last.current === null) setWanted(null);
  }, [reading]);
  const choose = async (value: V): Promise<void> => {
    // The one that is under way looks again when it is through.
    const busy = last.current !== null;
    let next = { value };
    last.current = next;
    setWanted(next);
    if (busy) return;
    let before = read.current;
    let done = await save.run(value);
    while (last.current !== next) {
      next = last.current;
      before = read.current;
      done = await save.run(next.value);
    }
    last.current = null;
    if (done === undefined || read.current !== before) setWanted(null);
    if (done !== undefined) onSaved();
  };
  return [wanted ? wanted.value : stored, (value) => void choose(value)];
}

/** Who may use or manage one connection, and the truth about what that can and can't keep apart. */
export function GrantsPanel({ connection }: { connection: ConnectionDetail }) {
  const people = useCall('people.list', {});
  const grants = useCall('grants.list', { connectionId: connection.id });
  const notify = useNotify();
  const mayChange = connection.may === 'manage';
  const open = useAction((client, _signal, access: ConnectionDetail['access']) =>
    client.connections.update({ id: connection.id, access }),
  );
  const [access, choose] = useSavedChoice(connection.access, connection, open, () =>
    notify.done(t('grants.accessToast', { name: connection.name })),
  );
  return (
    <Card title={t('grants.title')}>
      <div className="stack">
        {mayChange ? (
          <RadioField
            legend={t('grants.access')}
            value={access}
            onChange={choose}
            options={(['everyone', 'granted'] as const).map((value) => ({
              value,
              label: t(`grants.${value}`),
              help: t(`grants.${value}Help`),
            }))}
          />
        ) : (
          <p>{t(`grants.${connection.access}`)}</p>
        )}
        {open.error && <ErrorNotice error={open.error} urgent />}
        <Loaded call={people} rows={3}>
          {(profiles) =>
            profiles.length < 2 ? (
              <p className="muted">
                {t('grants.alone')} <a href={href('people')}>{t('grants.toPeople')}</a>
              </p>
            ) : (
              <Loaded call={grants} rows={3}>
                {(given) => <People connection={connection} profiles={profiles} given={given} />}
              </Loaded>
            )
          }
        </Loaded>
        <Note tone="info">
          <p className="notice-title">{t('grants.truthTitle')}</p>
          <p>{t('grants.truth')}</p>
          <p>{t('grants.truthLease')}</p>
        </Note>
      </div>
    </Card>
  );
}

interface PeopleProps {
  readonly connection: ConnectionDetail;
  readonly profiles: readonly Profile[];
  readonly given: readonly Grant[];
}

function People({ connection, profiles, given }: PeopleProps) {
  return (
    <div className="table-wrap">
      <table className="table table-stack">
        <thead>
          <tr>
            <th scope="col">{t('grants.person')}</th>
            <th scope="col">{t('grants.level')}</th>
            <th scope="col">{t('grants.by')}</th>
          </tr>
        </thead>
        <tbody>
          {profiles.map((profile) => (
            <PersonRow key={profile.id} connection={connection} profile={profile} given={given} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface RowProps {
  readonly connection: ConnectionDetail;
  readonly profile: Profile;
  readonly given: readonly Grant[];
}

function PersonRow({ connection, profile, given }: RowProps) {
  const notify = useNotify();
  const grant = given.find(({ personId }) => personId === profile.id);
  const set = useAction((client, _signal, level: Level) =>
    client.grants.set({
      connectionId: connection.id,
      personId: profile.id,
      level: level === 'none' ? null : level,
    }),
  );
  const [level, change] = useSavedChoice<Level>(grant?.level ?? 'none', given, set, () =>
    notify.done(t('grants.savedToast', { name: profile.name })),
  );
  return (
    <tr>
      <th scope="row" className="cell-name">
        {profile.name}
        <span className="cell-note">{profile.roles.map((role) => t(`role.${role}`)).join(' · ')}</span>
      </th>
      <td data-label={t('grants.level')}>
        {connection.may === 'manage' ? (
          <span className="select moving-level">
            <select
              className="input"
              aria-label={t('grants.levelOf', { name: profile.name })}
              value={level}
              aria-busy={set.busy || undefined}
              onChange={(event) => change(event.target.value as Level)}
            >
              {levels.map((each) => (
                <option key={each} value={each}>
                  {t(`grants.${each}`)}
                </option>
              ))}
            </select>
            <Icon name="chevronDown" size={14} />
          </span>
        ) : (
          t(`grants.${level}`)
        )}
        {set.error && <ErrorNotice error={set.error} urgent />}
      </td>
      <td data-label={t('grants.by')} className="muted">
        {grant ? (
          <Time at={grant.at} say={(time) => t('grants.byWhom', { name: grant.grantedBy, time })} />
        ) : (
          '–'
        )}
      </td>
    </tr>
  );
}
