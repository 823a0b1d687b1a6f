import { useId, useState } from 'react';
import type {
  ImportPlan,
  ImportResult,
  PlannedConnection,
  PlannedHost,
  PlannedLink,
} from '../../../preload/contract/models.ts';
import { useAction } from '../../api.ts';
import { Breakable } from '../../components/breakable.tsx';
import { Button } from '../../components/button.tsx';
import { ErrorNotice, Note } from '../../components/error-notice.tsx';
import { CheckField } from '../../components/fields.tsx';
import { Icon, type IconName } from '../../components/icons.tsx';
import { MultiChoice } from '../../components/multi-choice.tsx';
import { Card } from '../../components/page.tsx';
import { Status, type Tone } from '../../components/status.tsx';
import { formatList } from '../../format.ts';
import { t } from '../../i18n/index.ts';
import { environments } from '../connections/options.ts';
import { useEveryConnection } from '../connections/use-every.ts';
import { type Choice, type Choices, nameTaken, usualChoices, usualProjects } from './choices.ts';

/** So many are shown to be looked at one by one. */
const mostShown = 300;

const look: Record<PlannedConnection['status'], { tone: Tone; icon: IconName }> = {
  new: { tone: 'ok', icon: 'plus' },
  same: { tone: 'muted', icon: 'check' },
  taken: { tone: 'warn', icon: 'warning' },
  incomplete: { tone: 'warn', icon: 'warning' },
};

interface PlanProps {
  readonly plan: ImportPlan;
  readonly onBack: () => void;
  readonly onDone: (result: ImportResult) => void;
}

/** Step two: what would be imported, each of it to be taken, changed or left out. */
export function ImportPlanReview({ plan, onBack, onDone }: PlanProps) {
  const [choices, setChoices] = useState<Choices>(() => usualChoices(plan));
  const [projects, setProjects] = useState(() => usualProjects(plan));
  const [hosts, setHosts] = useState<Readonly<Record<string, readonly string[]>>>(() =>
    Object.fromEntries(plan.hosts.map(({ key, suggested }) => [key, suggested])),
  );
  const apply = useAction((client, signal) =>
    client.imports.apply(
      {
        planId: plan.planId,
        connections: Object.entries(choices)
          .filter(([, { action }]) => action !== 'skip')
          .map(([key, choice]) => ({ key, ...choice, name: choice.name.trim() })),
        hosts: Object.entries(hosts)
          .filter(([, ids]) => ids.length > 0)
          .map(([key, connectionIds]) => ({ key, connectionIds: [...connectionIds] })),
        projects: [...projects],
      },
      { signal },
    ),
  );
  const set = (key: string, change: Partial<Choice>) =>
    setChoices((known) => ({ ...known, [key]: { ...(known[key] as Choice), ...change } }));
  const all = (action: 'create' | 'skip') =>
    setChoices((known) =>
      Object.fromEntries(
        plan.connections.map(({ key, status }) => {
          const choice = known[key] as Choice;
          const fits = status === 'new' || status === 'incomplete';
          // What was decided about those that are not new stays.
          if (action === 'create' && !fits) return [key, choice];
          return [key, { ...choice, action }];
        }),
      ),
    );
  const taken = Object.values(choices).filter(({ action }) => action !== 'skip').length;
  const hosted = new Set(Object.values(hosts).flat()).size;
  const bad = plan.connections.some(({ key }) => {
    const choice = choices[key];
    return choice?.action === 'create' && (choice.name.trim() === '' || nameTaken(plan, choices, key));
  });
  const nothing = plan.connections.length + plan.hosts.length + plan.projects.length === 0;
  const submit = async () => {
    const result = await apply.run();
    if (result) onDone(result);
  };
  return (
    <div className="stack">
      <Note tone="info">
        <p>{nothing ? t('import.nothing') : t('import.dryRun')}</p>
      </Note>
      {plan.connections.length > 0 && (
        <Card
          title={t('import.connections')}
          flush
          action={
            <span className="actions">
              <Button small onClick={() => all('create')}>
                {t('import.all')}
              </Button>
              <Button small onClick={() => all('skip')}>
                {t('import.noneAll')}
              </Button>
            </span>
          }
        >
          <div className="table-wrap">
            <table className="table table-stack moving-plan">
              <thead>
                <tr>
                  <th scope="col">{t('import.take')}</th>
                  <th scope="col">{t('import.name')}</th>
                  <th scope="col">{t('import.address')}</th>
                  <th scope="col">{t('import.state')}</th>
                </tr>
              </thead>
              <tbody>
                {plan.connections.slice(0, mostShown).map((planned) => (
                  <PlannedRow
                    key={planned.key}
                    planned={planned}
                    choice={choices[planned.key] as Choice}
                    taken={nameTaken(plan, choices, planned.key)}
                    onChange={(change) => set(planned.key, change)}
                  />
                ))}
              </tbody>
            </table>
          </div>
          {plan.connections.length > mostShown && (
            <p className="muted moving-more">{t('import.more', { count: mostShown })}</p>
          )}
        </Card>
      )}
      {plan.hosts.length > 0 && <Hosts hosts={plan.hosts} chosen={hosts} onChange={setHosts} />}
      {plan.projects.length > 0 && (
        <Projects plan={plan} choices={choices} chosen={projects} onChange={setProjects} />
      )}
      {plan.problems.length > 0 && <Problems problems={plan.problems} />}
      {apply.error && <ErrorNotice error={apply.error} urgent />}
      <p className="actions">
        {/* Once begun it is carried out; going back meanwhile would only look as if it were not. */}
        <Button tone="quiet" blocked={apply.busy ? t('import.applying') : undefined} onClick={onBack}>
          {t('action.cancel')}
        </Button>
        <Button
          tone="primary"
          busy={apply.busy}
          blocked={bad ? t('import.takenHelp') : undefined}
          onClick={() => void submit()}
        >
          {taken + hosted === 0 && projects.size > 0
            ? t('import.applyProjects', { count: projects.size })
            : t('import.apply', { count: taken + hosted })}
        </Button>
      </p>
    </div>
  );
}

interface RowProps {
  readonly planned: PlannedConnection;
  readonly choice: Choice;
  readonly taken: boolean;
  readonly onChange: (change: Partial<Choice>) => void;
}

function PlannedRow({ planned, choice, taken, onChange }: RowProps) {
  const { name, status } = planned;
  const id = useId();
  const actions = (['create', 'replace', 'skip'] as const).filter(
    (action) => action !== 'replace' || planned.existingId !== null,
  );
  return (
    <tr>
      <td data-label={t('import.take')}>
        <span className="select">
          <select
            className="input"
            aria-label={t('import.takeOf', { name })}
            value={choice.action}
            onChange={(event) => onChange({ action: event.target.value as Choice['action'] })}
          >
            {actions.map((action) => (
              <option key={action} value={action}>
                {t(`import.action.${action}`)}
              </option>
            ))}
          </select>
          <Icon name="chevronDown" size={14} />
        </span>
      </td>
      <td data-label={t('import.name')}>
        {choice.action === 'create' ? (
          <div className="moving-naming">
            <input
              className="input"
              aria-label={t('import.nameOf', { name })}
              aria-invalid={taken || choice.name.trim() === '' || undefined}
              aria-describedby={taken ? `${id}-taken` : undefined}
              value={choice.name}
              maxLength={200}
              spellCheck={false}
              onChange={(event) => onChange({ name: event.target.value })}
            />
            <span className="select">
              <select
                className="input"
                aria-label={t('import.environmentOf', { name })}
                value={choice.environment}
                onChange={(event) => onChange({ environment: event.target.value as Choice['environment'] })}
              >
                {environments.map((environment) => (
                  <option key={environment} value={environment}>
                    {t(`environment.${environment}`)}
                  </option>
                ))}
              </select>
              <Icon name="chevronDown" size={14} />
            </span>
            {taken && (
              <p className="field-error" id={`${id}-taken`}>
                <Icon name="failed" size={14} />
                {t('import.takenHelp')}
              </p>
            )}
          </div>
        ) : (
          <span>{name}</span>
        )}
        {planned.projects.length > 0 && <span className="cell-note">{planned.projects.join(' · ')}</span>}
      </td>
      <td data-label={t('import.address')} className="cell-wrap">
        <span className="code" translate="no">
          <Breakable
            text={`${planned.user === '' ? '' : `${planned.user}@`}${planned.host}:${planned.port}/${planned.database}`}
          />
        </span>
        <span className="cell-note">
          {planned.tlsMode} · {planned.hasPassword ? t('import.password') : t('import.noPassword')}
          {planned.ssh.length > 0 && ` · ${t('import.via', { hosts: planned.ssh.join(' → ') })}`}
        </span>
      </td>
      <td data-label={t('import.state')} className="cell-wrap">
        <Status {...look[status]}>{t(`import.status.${status}`)}</Status>
        {planned.notes.map((note) => (
          <span className="cell-note" key={note}>
            {note}
          </span>
        ))}
      </td>
    </tr>
  );
}

interface HostsProps {
  readonly hosts: readonly PlannedHost[];
  readonly chosen: Readonly<Record<string, readonly string[]>>;
  readonly onChange: (chosen: Readonly<Record<string, readonly string[]>>) => void;
}

function Hosts({ hosts, chosen, onChange }: HostsProps) {
  const options = useEveryConnection().map(({ id, name, environment }) => ({
    value: id,
    label: `${name} (${t(`environment.${environment}`)})`,
  }));
  return (
    <Card title={t('import.hosts')}>
      <div className="stack">
        {hosts.slice(0, mostShown).map(({ key, alias, chain, notes }) => (
          <div key={key} className="stack-tight">
            <p className="with-tag">
              <strong translate="no">{alias}</strong>
              <span className="code muted" translate="no">
                {chain.join(' → ')}
              </span>
            </p>
            {notes.map((note) => (
              <p className="muted" key={note}>
                {note}
              </p>
            ))}
            <MultiChoice
              only
              label={t('import.hostConnections', { alias })}
              choices={options}
              chosen={chosen[key] ?? []}
              help={t('import.hostsHelp')}
              onChange={(ids: readonly string[]) => onChange({ ...chosen, [key]: ids })}
            />
          </div>
        ))}
      </div>
    </Card>
  );
}

interface ProjectsProps {
  readonly plan: ImportPlan;
  readonly choices: Choices;
  readonly chosen: ReadonlySet<string>;
  readonly onChange: (chosen: ReadonlySet<string>) => void;
}

function Projects({ plan, choices, chosen, onChange }: ProjectsProps) {
  const toggle = (name: string, on: boolean) => {
    const next = new Set(chosen);
    if (on) next.add(name);
    else next.delete(name);
    onChange(next);
  };
  return (
    <Card title={t('import.projects')}>
      <p className="muted moving-lead">{t('import.projectsHelp')}</p>
      <div className="table-wrap">
        <table className="table table-stack">
          <thead>
            <tr>
              <th scope="col">{t('import.project')}</th>
              <th scope="col">{t('import.schema')}</th>
              <th scope="col">{t('import.connection')}</th>
              <th scope="col">{t('import.state')}</th>
            </tr>
          </thead>
          <tbody>
            {plan.projects
              .slice(0, mostShown)
              .map(({ name, schema, connectionKey, status, links, notes }) => (
                <tr key={name}>
                  <th scope="row">
                    {status === 'same' ? (
                      name
                    ) : (
                      <CheckField
                        label={name}
                        checked={chosen.has(name)}
                        onChange={(on) => toggle(name, on)}
                      />
                    )}
                    {links.map((each) => (
                      <span className="cell-note" key={each.source}>
                        {linkText(each)}
                      </span>
                    ))}
                  </th>
                  <td data-label={t('import.schema')} className="code" translate="no">
                    {schema}
                  </td>
                  <td data-label={t('import.connection')}>{choices[connectionKey]?.name ?? ''}</td>
                  <td data-label={t('import.state')} className="cell-wrap">
                    {t(`import.projectStatus.${status}`)}
                    {notes.map((note) => (
                      <span className="cell-note" key={note}>
                        {note}
                      </span>
                    ))}
                  </td>
                </tr>
              ))}
          </tbody>
        </table>
      </div>
    </Card>
  );
}

/** A source that a project reads, and what comes with it. */
function linkText({ source, baseUrl, status, hasClientSecret, signIn, isShared }: PlannedLink): string {
  const told = [t(`import.projectSource.${status}`, { name: source, address: baseUrl })];
  if (hasClientSecret) told.push(t('import.projectClientSecret'));
  if (signIn !== null)
    told.push(t(isShared ? 'import.projectShared' : 'import.projectSignIn', { account: signIn }));
  return formatList(told);
}

/** What was not understood, or could not be done, with its place. */
export function Problems({ problems }: { problems: ImportPlan['problems'] }) {
  return (
    <Note tone="warn">
      <p className="notice-title">{t('import.problems')}</p>
      <ul className="notice-list">
        {problems.slice(0, mostShown).map(({ where, message }) => (
          <li key={`${where} ${message}`}>{t('import.problem', { where, message })}</li>
        ))}
      </ul>
    </Note>
  );
}
