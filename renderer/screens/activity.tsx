import { useState } from 'react';
import type { AuditEntry } from '../../preload/contract/models.ts';
import { useCall } from '../api.ts';
import { SelectField, TextField } from '../components/fields.tsx';
import type { IconName } from '../components/icons.tsx';
import { Empty, Loaded, Page } from '../components/page.tsx';
import { Status, type Tone } from '../components/status.tsx';
import { Time } from '../components/time.tsx';
import { maybe, t } from '../i18n/index.ts';
import { useSubjects } from './activity-subjects.ts';

const outcomes = ['ok', 'refused', 'failed'] as const;
const look: Record<AuditEntry['outcome'], { tone: Tone; icon: IconName }> = {
  ok: { tone: 'ok', icon: 'check' },
  refused: { tone: 'warn', icon: 'lock' },
  failed: { tone: 'bad', icon: 'failed' },
};

/** "connections.create" in words, where the catalogue knows it. */
function actionText(action: string): string {
  return maybe(`audit.${action}`) ?? action;
}

export function Activity() {
  const list = useCall('audit.list', {});
  const subject = useSubjects();
  const [filter, setFilter] = useState('');
  const [outcome, setOutcome] = useState('');
  const wanted = filter.trim().toLowerCase();
  const matches = (entry: AuditEntry) =>
    (outcome === '' || entry.outcome === outcome) &&
    `${entry.person} ${entry.action} ${actionText(entry.action)} ${entry.subject} ${subject(entry)} ${entry.details}`
      .toLowerCase()
      .includes(wanted);
  return (
    <Page title={t('activity.title')} lead={t('activity.lead')}>
      <Loaded call={list} rows={8}>
        {(entries) => {
          if (entries.length === 0) {
            return (
              <Empty icon="activity" title={t('activity.emptyTitle')}>
                {t('activity.emptyText')}
              </Empty>
            );
          }
          const shown = entries.filter(matches);
          return (
            <div className="stack">
              <search className="toolbar">
                <TextField label={t('activity.filter')} type="search" value={filter} onChange={setFilter} />
                <SelectField
                  label={t('activity.outcome')}
                  value={outcome}
                  onChange={setOutcome}
                  options={[
                    { value: '', label: t('activity.anyOutcome') },
                    ...outcomes.map((value) => ({ value, label: t(`outcome.${value}`) })),
                  ]}
                />
                <p className="muted toolbar-count" role="status">
                  {t('activity.count', { count: shown.length })}
                </p>
              </search>
              {shown.length > 0 && <Entries entries={shown} subject={subject} />}
            </div>
          );
        }}
      </Loaded>
    </Page>
  );
}

interface EntriesProps {
  readonly entries: readonly AuditEntry[];
  readonly subject: (entry: AuditEntry) => string;
}

function Entries({ entries, subject }: EntriesProps) {
  return (
    <div className="table-wrap">
      <table className="table table-stack">
        <thead>
          <tr>
            <th scope="col">{t('activity.when')}</th>
            <th scope="col">{t('activity.person')}</th>
            <th scope="col">{t('activity.action')}</th>
            <th scope="col">{t('activity.subject')}</th>
            <th scope="col">{t('activity.outcome')}</th>
          </tr>
        </thead>
        <tbody>
          {entries.map((entry) => (
            <tr key={entry.seq}>
              <td data-label={t('activity.when')} className="cell-time">
                <Time at={entry.at} form="moment" />
              </td>
              <td data-label={t('activity.person')}>{entry.person}</td>
              <td data-label={t('activity.action')}>
                <span title={entry.action}>{actionText(entry.action)}</span>
              </td>
              <td data-label={t('activity.subject')} className="cell-wrap">
                <span title={entry.subject}>{subject(entry)}</span>
                {entry.details !== '' && <span className="cell-note">{entry.details}</span>}
              </td>
              <td data-label={t('activity.outcome')}>
                <Status {...look[entry.outcome]}>{t(`outcome.${entry.outcome}`)}</Status>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
