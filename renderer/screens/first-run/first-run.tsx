import { useRef, useState } from 'react';
import { useAccess } from '../../access.ts';
import { useAction, useCall } from '../../api.ts';
import { Button } from '../../components/button.tsx';
import { JobProgress } from '../../components/data/job-progress.tsx';
import { ErrorNotice, Note } from '../../components/error-notice.tsx';
import { Icon, type IconName, Spinner } from '../../components/icons.tsx';
import { useLock } from '../../components/session/use-lock.ts';
import { formatList } from '../../format.ts';
import { useWhileThere } from '../../hooks.ts';
import { t } from '../../i18n/index.ts';
import { sentence } from '../../i18n/sentence.ts';
import { go, href } from '../../router.ts';
import type { Watched } from '../../watch/dataset-state.ts';
import { readLanding } from '../setup/paste.ts';
import { SetupPanel } from '../setup/setup-panel.tsx';

const sampleSteps = ['servers', 'workspace', 'signIn', 'sync'] as const;

/** The ways in: a sample, a database and a source of one's own, or what somebody sent. */
export function FirstRun({ watched = [] }: { readonly watched?: readonly Watched[] }) {
  const access = useAccess();
  const sample = useCall('demo.state', {}).data;
  const [setup, setSetup] = useState<{ readonly pasted: string } | null>(null);
  const mayConnect = access.may('manage_database_connections');
  const mayProject = access.may('manage_projects');
  const start = useAction((client, signal) => client.demo.start({ name: t('sample.name') }, { signal }));
  const opener = useRef<HTMLButtonElement>(null);
  const lock = useLock();
  // Whoever went elsewhere meanwhile is not taken from there.
  const made = useRef<string>(undefined);
  const leave = useWhileThere(() => made.current !== undefined && go(href('start', made.current)));
  const arrive = (projectId: string) => {
    made.current = projectId;
    leave();
  };
  if (!mayConnect && !mayProject) return <AskSomebody />;
  const trySample = async () => {
    const state = await start.run();
    if (state?.projectId) arrive(state.projectId);
  };
  const making = start.busy || sample?.phase === 'making';
  const sampleBlocked =
    (sample?.missing && sentence(sample.missing.said, sample.missing.message)) ??
    access.reason('manage_database_connections') ??
    access.reason('manage_projects');
  return (
    <section
      className="first-run"
      aria-labelledby="first-run-title"
      onPaste={(event) => {
        // What is pasted anywhere here is a database, or nothing.
        const text = event.clipboardData.getData('text');
        if (mayConnect && readLanding(text)) {
          event.preventDefault();
          setSetup({ pasted: text });
        }
      }}
    >
      <UnderWay watched={watched} />
      <h2 id="first-run-title">{t(making ? 'sample.making' : 'firstRun.question')}</h2>
      {start.error && <ErrorNotice error={start.error} stillWorks={t('firstRun.nothingLeft')} urgent />}
      {making ? (
        <Making step={sample?.step ?? 'servers'} onCancel={start.busy ? start.cancel : undefined} />
      ) : (
        <ul className="ways">
          <Way
            icon="play"
            title={t('firstRun.sample')}
            text={sampleBlocked ? undefined : t('firstRun.sampleText')}
            note={sampleBlocked || undefined}
          >
            <Button tone="primary" blocked={sampleBlocked || undefined} onClick={() => void trySample()}>
              {t('firstRun.sampleStart')}
            </Button>
          </Way>
          <Way icon="database" title={t('firstRun.own')} text={t('firstRun.ownText')}>
            <Button ref={opener} onClick={() => setSetup({ pasted: '' })}>
              {t('firstRun.ownStart')}
            </Button>
            {mayConnect && <PasteHere onPasted={(pasted) => setSetup({ pasted })} />}
          </Way>
          <Way icon="inbox" title={t('firstRun.sent')} text={t('firstRun.sentText')}>
            {mayConnect ? (
              <a className="button button-plain" href={href('connections', 'import')}>
                {t('firstRun.bundle')}
              </a>
            ) : (
              <span className="muted">{access.reason('manage_database_connections')}</span>
            )}
            {lock && (
              <Button tone="quiet" icon="user" busy={lock.busy} onClick={() => void lock.run()}>
                {t('firstRun.door')}
              </Button>
            )}
          </Way>
        </ul>
      )}
      {setup && (
        <SetupPanel
          pasted={setup.pasted}
          onClose={() => setSetup(null)}
          onStarted={(projectId) => {
            setSetup(null);
            go(href('start', projectId));
          }}
        />
      )}
    </section>
  );
}

/** What somebody has begun already: its numbers, and the way to it. */
function UnderWay({ watched }: { watched: readonly Watched[] }) {
  const [first] = watched;
  if (!first) return null;
  const job = first.dataset?.job ?? null;
  return (
    <div className="stack-tight">
      <h2>{t('firstRun.underWay')}</h2>
      {job && <JobProgress job={job} />}
      <p className="actions">
        <a className="button button-primary" href={href('start', first.link.projectId)}>
          {t('firstRun.watch', { name: first.link.projectName })}
        </a>
      </p>
    </div>
  );
}

interface WayProps {
  readonly icon: IconName;
  readonly title: string;
  readonly text: string | undefined;
  readonly note?: string | undefined;
  readonly children: React.ReactNode;
}

function Way({ icon, title, text, note, children }: WayProps) {
  return (
    <li className="way">
      <span className="way-icon" aria-hidden="true">
        <Icon name={icon} size={22} />
      </span>
      <div className="way-text">
        <h3>{title}</h3>
        {text !== undefined && <p>{text}</p>}
        {note !== undefined && <p className="muted">{note}</p>}
      </div>
      <div className="way-actions">{children}</div>
    </li>
  );
}

/** The quickest way to a connection: a URL into this field, and the panel opens with it. */
function PasteHere({ onPasted }: { onPasted: (text: string) => void }) {
  return (
    <input
      type="text"
      className="input way-paste"
      aria-label={t('setup.paste')}
      placeholder={t('firstRun.paste')}
      autoComplete="off"
      spellCheck={false}
      value=""
      onChange={(event) => {
        // Typed letters wait for nothing here: the panel has the room for them.
        onPasted(event.target.value);
      }}
    />
  );
}

interface MakingProps {
  readonly step: (typeof sampleSteps)[number];
  /** Undefined where somebody else, or another window, began it. */
  readonly onCancel: (() => void) | undefined;
}

/** What is done for the sample, step by step. */
function Making({ step, onCancel }: MakingProps) {
  const at = sampleSteps.indexOf(step);
  return (
    <div className="making">
      <p className="visually-hidden" role="status">
        {t(`sample.step.${step}`)}
      </p>
      <ol className="making-steps" aria-label={t('sample.steps')}>
        {sampleSteps.map((each, index) => (
          <li
            key={each}
            aria-current={index === at ? 'step' : undefined}
            className={index < at ? 'tone-ok' : index === at ? 'tone-info' : 'tone-muted'}
          >
            {index === at ? <Spinner /> : <Icon name={index < at ? 'checkCircle' : 'dashed'} />}
            <span>{t(`sample.step.${each}`)}</span>
          </li>
        ))}
      </ol>
      {onCancel && (
        <p className="actions">
          <Button icon="stop" onClick={onCancel}>
            {t('action.cancel')}
          </Button>
        </p>
      )}
    </div>
  );
}

/** For whoever can set nothing up here: who can. */
function AskSomebody() {
  const people = useCall('people.list', {}).data ?? [];
  const able = people.filter(({ roles }) => roles.includes('project_admin') || roles.includes('dba'));
  return (
    <Note tone="info">
      <p className="notice-title">{t('firstRun.emptyForYou')}</p>
      <p>
        {able.length > 0
          ? t('firstRun.ask', { names: formatList(able.map(({ name }) => name)) })
          : t('firstRun.askNobody')}
      </p>
    </Note>
  );
}
