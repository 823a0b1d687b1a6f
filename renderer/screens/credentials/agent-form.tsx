import { useRef, useState } from 'react';
import { useAction, useCall } from '../../api.ts';
import { Button } from '../../components/button.tsx';
import { Panel } from '../../components/dialogs.tsx';
import { ErrorNotice, Note } from '../../components/error-notice.tsx';
import { CheckField, RadioField, SelectField, TextField } from '../../components/fields.tsx';
import { Loaded } from '../../components/page.tsx';
import { focusFirstInvalid } from '../../focus.ts';
import { t } from '../../i18n/index.ts';
import { useRefusal } from '../../refusal.ts';
import type { Made } from './agent-made.tsx';

type Problems = Partial<Record<'projectId' | 'name' | 'days', string>>;
const fieldNames = { projectId: 'projectId', name: 'name', days: 'days' } as const;
/** The longest that the core takes. */
const mostAgentDays = 365;
const ways = ['file', 'clipboard'] as const;

interface AgentFormProps {
  readonly onClose: () => void;
  readonly onMade: (made: Made) => void;
}

/** Which project an agent may read, for how long, and where its token goes; the token itself never comes here. */
export function AgentForm({ onClose, onMade }: AgentFormProps) {
  const projects = useCall('projects.list', {});
  const connections = useCall('connections.list', {});
  const [projectId, setProjectId] = useState('');
  const [name, setName] = useState('');
  const [days, setDays] = useState('90');
  const [mayRefresh, setMayRefresh] = useState(false);
  const [keep, setKeep] = useState<(typeof ways)[number]>('file');
  const [problems, setProblems] = useState<Problems>({});
  const [notSaved, setNotSaved] = useState(false);
  const form = useRef<HTMLDivElement>(null);
  const make = useAction((client, signal) =>
    client.agents.letIn({ projectId, name: name.trim(), days: Number(days), mayRefresh, keep }, { signal }),
  );
  const rest = useRefusal(make.error, fieldNames, setProblems, form);
  // Those whose connection only lets itself be seen are refused by the core; one that is not on this page is left to it.
  const seenOnly = new Set(
    (connections.data?.items ?? []).filter(({ may }) => may === 'see').map(({ id }) => id),
  );
  const submit = async (): Promise<void> => {
    if (make.busy) return;
    const whole = Number(days);
    const found: Problems = {
      ...(projectId === '' ? { projectId: t('field.required') } : {}),
      ...(name.trim() === '' ? { name: t('field.required') } : {}),
      ...(/^\d+$/.test(days.trim()) && whole >= 1 && whole <= mostAgentDays
        ? {}
        : { days: t('agents.daysWrong', { most: mostAgentDays }) }),
    };
    setProblems(found);
    setNotSaved(false);
    if (Object.keys(found).length > 0) {
      focusFirstInvalid(form.current);
      return;
    }
    const answer = await make.run();
    if (!answer) return;
    if (answer.grant === null) setNotSaved(true);
    else onMade({ grant: answer.grant, path: answer.path, until: answer.until });
  };
  return (
    <Panel
      open
      title={t('agents.formTitle')}
      lead={t('agents.formLead')}
      onClose={() => {
        make.cancel();
        onClose();
      }}
      onSubmit={() => void submit()}
      footer={
        <>
          <Button onClick={make.busy ? make.cancel : onClose}>{t('action.cancel')}</Button>
          <Button tone="primary" type="submit" busy={make.busy}>
            {t('agents.make')}
          </Button>
        </>
      }
    >
      <div className="form" ref={form}>
        {rest && <ErrorNotice error={rest} stillWorks={t('agents.unchanged')} urgent />}
        <Loaded call={projects} rows={1}>
          {(all) => {
            const mine = all.filter(({ connectionId }) => !seenOnly.has(connectionId));
            return mine.length === 0 ? (
              <Note tone="info">
                <p>{t('agents.noProjects')}</p>
              </Note>
            ) : (
              <SelectField
                label={t('agents.project')}
                value={projectId}
                onChange={setProjectId}
                error={problems.projectId}
                options={[
                  { value: '', label: t('agents.choose') },
                  ...mine.map((project) => ({ value: project.id, label: project.name })),
                ]}
              />
            );
          }}
        </Loaded>
        <TextField
          label={t('agents.name')}
          help={t('agents.nameHelp')}
          maxLength={60}
          value={name}
          onChange={setName}
          error={problems.name}
        />
        <TextField
          label={t('agents.days')}
          help={t('agents.daysHelp', { most: mostAgentDays })}
          inputMode="numeric"
          maxLength={3}
          value={days}
          onChange={setDays}
          error={problems.days}
        />
        <CheckField
          label={t('agents.mayRefresh')}
          help={t('agents.mayRefreshHelp')}
          checked={mayRefresh}
          onChange={setMayRefresh}
        />
        <RadioField
          legend={t('agents.keep')}
          value={keep}
          onChange={setKeep}
          options={ways.map((value) => ({
            value,
            label: t(`agents.keep.${value}`),
            help: t(`agents.keep.${value}Help`),
          }))}
        />
        <p className="muted">{t('agents.outside')}</p>
        <div role="status">
          {notSaved && (
            <Note tone="info">
              <p>{t('agents.notSaved')}</p>
            </Note>
          )}
        </div>
      </div>
    </Panel>
  );
}
