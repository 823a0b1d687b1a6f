import type { TimetableJob, TimetableView } from '../../../preload/contract/models.ts';
import { useAccess } from '../../access.ts';
import { useAction } from '../../api.ts';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { Switch } from '../../components/fields.tsx';
import { Card } from '../../components/page.tsx';
import { Time } from '../../components/time.tsx';
import { useNow } from '../../hooks.ts';
import { t } from '../../i18n/index.ts';

/** Jobs that a person may want to know of; the rest are this computer's chores. */
const told = ['refresh', 'activity', 'expire', 'replaced', 'tokens', 'health', 'retention'] as const;
const isTold = (name: string): name is (typeof told)[number] => (told as readonly string[]).includes(name);

/** What is done by the clock on this computer, and how it went last. */
export function TimetableCard({ timetable }: { timetable: TimetableView }) {
  const blocked = useAccess().reason('run_syncs');
  const hold = useAction((client, _signal, on: boolean) => client.timetable.hold({ on }));
  return (
    <Card title={t('timetable.title')}>
      <div className="stack">
        <p className="muted settings-lead">{t('timetable.lead')}</p>
        <Switch
          label={t('timetable.hold')}
          checked={timetable.isHeldBack}
          disabled={blocked !== undefined || hold.busy}
          onChange={(on) => void hold.run(on)}
        />
        {hold.error && <ErrorNotice error={hold.error} urgent />}
        <dl className="decisions">
          {timetable.jobs.map((job) =>
            isTold(job.name) ? (
              <div key={job.name}>
                <dt>{t(`timetable.job.${job.name}`)}</dt>
                <dd>
                  <Turn job={job} />
                </dd>
              </div>
            ) : null,
          )}
        </dl>
      </div>
    </Card>
  );
}

function Turn({ job: { lastAt, outcome, madeUp, dueAt } }: { job: TimetableJob }) {
  const now = useNow();
  if (lastAt === null) return <span className="muted">{t('timetable.never')}</span>;
  return (
    <>
      <Time
        at={lastAt}
        say={(time) =>
          outcome === 'failed'
            ? t('timetable.failed', { time })
            : t(madeUp ? 'timetable.madeUp' : 'timetable.did', { time })
        }
      />
      {Date.parse(dueAt) > now + 60_000 && (
        <span className="cell-note">
          <Time at={dueAt} say={(time) => t('timetable.next', { time })} />
        </span>
      )}
    </>
  );
}
