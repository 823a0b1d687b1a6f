import { useEffect, useRef, useState } from 'react';
import type { Connection, VaultStatus } from '../../../preload/contract/models.ts';
import { useCall } from '../../api.ts';
import { Panel } from '../../components/dialogs.tsx';
import { t } from '../../i18n/index.ts';
import { useDatabaseStep } from './database-step.tsx';
import { type ChosenSource, useSourceStep } from './source-step.tsx';
import { useStartStep } from './start-step.tsx';
import { StepHeader, type StepName, stepNames } from './steps.tsx';
import { needsVaultStep, useVaultStep } from './vault-step.tsx';

interface SetupProps {
  /** What was pasted before the panel was there. */
  readonly pasted?: string;
  readonly onClose: () => void;
  /** Told of the project whose first sync runs. */
  readonly onStarted: (projectId: string) => void;
}

/** From nothing to a running sync, in one panel. */
export function SetupPanel(props: SetupProps) {
  const status = useCall('vault.status', {}).data;
  // What it begins with must not change under somebody who has begun.
  return status ? <Steps {...props} status={status} /> : null;
}

function Steps({ pasted = '', onClose, onStarted, status }: SetupProps & { status: VaultStatus }) {
  const [current, setCurrent] = useState<StepName>(() => (needsVaultStep(status) ? 'vault' : 'database'));
  const [connection, setConnection] = useState<Pick<Connection, 'id' | 'name'> | null>(null);
  const [chosen, setChosen] = useState<ChosenSource | null>(null);
  const vault = useVaultStep(status, () => setCurrent('database'), onClose);
  const database = useDatabaseStep({
    ...{ pasted, onClose },
    onDone(made) {
      setConnection(made);
      setCurrent('source');
    },
  });
  const source = useSourceStep({
    ...{ projectId: null, connectionId: connection?.id ?? null, linked: [], onClose },
    onDone(next) {
      setChosen(next);
      setCurrent('start');
    },
  });
  const start = useStartStep({ chosen, isNew: true, onStarted, onClose });
  return (
    <Frame
      title={t('setup.title')}
      lead={t('setup.lead')}
      steps={stepNames}
      current={current}
      done={{ database: connection?.name, source: chosen?.title }}
      all={{ vault, database, source, start }}
      onClose={onClose}
    />
  );
}

interface AddProps {
  readonly projectId: string;
  readonly onClose: () => void;
  /** Told when the first sync of the new source runs. */
  readonly onStarted: (projectId: string) => void;
}

/** One more source for a project that is there: the same panel, from the source on; known servers are not asked for again. */
export function AddSource({ projectId, onClose, onStarted }: AddProps) {
  const links = useCall('links.list', { projectId }).data;
  const project = useCall('projects.list', {}).data?.find((each) => each.id === projectId);
  const [linked] = useState<{ at: readonly string[] | null }>({ at: null });
  // Read once: what it adds is not to be told as known while it closes.
  linked.at ??= links?.map((each) => each.sourceId) ?? null;
  if (linked.at === null || !project) return null;
  return (
    <AddSteps
      {...{ projectId, onClose, onStarted, linked: linked.at, name: project.name }}
      connectionId={project.connectionId}
    />
  );
}

interface AddStepsProps extends AddProps {
  readonly linked: readonly string[];
  readonly name: string;
  readonly connectionId: string;
}

function AddSteps({ projectId, connectionId, linked, name, onClose, onStarted }: AddStepsProps) {
  const [current, setCurrent] = useState<StepName>('source');
  const [chosen, setChosen] = useState<ChosenSource | null>(null);
  const source = useSourceStep({
    ...{ projectId, connectionId, linked, onClose },
    onDone(next) {
      setChosen(next);
      setCurrent('start');
    },
  });
  const start = useStartStep({ chosen, isNew: false, onStarted, onClose });
  return (
    <Frame
      title={t('setup.addTitle', { name })}
      steps={['source', 'start']}
      current={current}
      done={{ source: chosen?.title }}
      all={{ source, start }}
      onClose={onClose}
    />
  );
}

interface FrameProps {
  readonly title: string;
  readonly lead?: string;
  readonly steps: readonly StepName[];
  readonly current: StepName;
  readonly done: Readonly<Partial<Record<StepName, string | undefined>>>;
  readonly all: Readonly<Partial<Record<StepName, ReturnType<typeof useStartStep>>>>;
  readonly onClose: () => void;
}

/** The panel around the steps: one dialog all the way, whose focus goes along. */
function Frame({ title, lead, steps, current, done, all, onClose }: FrameProps) {
  const body = useRef<HTMLDivElement>(null);
  const first = useRef(true);
  // biome-ignore lint/correctness/useExhaustiveDependencies: it is the change of the step that moves the focus
  useEffect(() => {
    if (first.current) {
      first.current = false;
      return;
    }
    const frame = requestAnimationFrame(() => {
      const field =
        body.current?.querySelector<HTMLElement>('[data-first]') ??
        body.current?.querySelector<HTMLElement>('select, input, textarea');
      (field ?? body.current)?.focus();
    });
    return () => cancelAnimationFrame(frame);
  }, [current]);
  const step = all[current];
  const told = Object.fromEntries(Object.entries(done).filter(([, value]) => value !== undefined)) as Partial<
    Record<StepName, string>
  >;
  return (
    <Panel
      open
      wide
      title={title}
      {...(lead === undefined ? {} : { lead })}
      onClose={onClose}
      onSubmit={() => step?.submit()}
      footer={step?.footer}
    >
      <StepHeader steps={steps} current={current} done={told} />
      <div className="form" ref={body} tabIndex={-1} key={current}>
        {step?.body}
      </div>
    </Panel>
  );
}
