import { useState } from 'react';
import type { AgentGrant } from '../../../preload/contract/models.ts';
import { useAccess } from '../../access.ts';
import { useAction, useCall } from '../../api.ts';
import { Button } from '../../components/button.tsx';
import { Confirm } from '../../components/dialogs.tsx';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { Empty, Loaded } from '../../components/page.tsx';
import { Status } from '../../components/status.tsx';
import { Time } from '../../components/time.tsx';
import { useNotify } from '../../components/toasts.tsx';
import { useNow } from '../../hooks.ts';
import { t } from '../../i18n/index.ts';
import { href } from '../../router.ts';
import { AgentForm } from './agent-form.tsx';
import { AgentMade, type Made } from './agent-made.tsx';

/** The agents that read a project: whose they are, how long they may, letting one in and ending its access. */
export function Agents() {
  const list = useCall('agents.list', {});
  const blocked = useAccess().reason('query_data');
  const [asking, setAsking] = useState(false);
  const [made, setMade] = useState<Made | null>(null);
  const letIn = (
    <Button icon="plus" blocked={blocked} onClick={() => setAsking(true)}>
      {t('agents.letIn')}
    </Button>
  );
  return (
    <section className="agents" aria-labelledby="agents-title">
      <header className="agents-header">
        <div>
          <h2 id="agents-title">{t('agents.title')}</h2>
          <p className="muted">{t('agents.lead')}</p>
        </div>
        {list.data && list.data.length > 0 && letIn}
      </header>
      <Loaded call={list} rows={2}>
        {(agents) =>
          agents.length === 0 ? (
            <Empty icon="key" title={t('agents.emptyTitle')} action={letIn}>
              {t('agents.emptyText')}
            </Empty>
          ) : (
            <AgentTable agents={agents} />
          )
        }
      </Loaded>
      {asking && (
        <AgentForm
          onClose={() => setAsking(false)}
          onMade={(next) => {
            setAsking(false);
            setMade(next);
          }}
        />
      )}
      {made && <AgentMade made={made} onClose={() => setMade(null)} />}
    </section>
  );
}

function AgentTable({ agents }: { agents: readonly AgentGrant[] }) {
  return (
    <div className="table-wrap">
      <table className="table table-stack">
        <thead>
          <tr>
            <th scope="col">{t('agents.name')}</th>
            <th scope="col">{t('agents.state')}</th>
            <th scope="col">{t('agents.project')}</th>
            <th scope="col">{t('agents.refresh')}</th>
            <th scope="col">{t('agents.made')}</th>
            <th scope="col">{t('agents.used')}</th>
            <th scope="col">{t('agents.ends')}</th>
            <th scope="col" className="cell-actions">
              <span className="visually-hidden">{t('table.actions')}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {agents.map((agent) => (
            <AgentRow key={agent.id} agent={agent} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function AgentRow({ agent }: { agent: AgentGrant }) {
  const notify = useNotify();
  const me = useCall('app.info', {}).data?.person.id;
  const over = Date.parse(agent.expiresAt) <= useNow();
  const [ending, setEnding] = useState(false);
  const end = useAction((client) => client.agents.revoke({ id: agent.id }));
  const { name } = agent;
  const confirm = async (): Promise<void> => {
    if (!(await end.run())) return;
    setEnding(false);
    notify.done(t('agents.endedToast', { name }));
  };
  return (
    <tr>
      <th scope="row" className="cell-name">
        {name}
        {me !== undefined && agent.personId !== me && (
          <span className="cell-note">{t('agents.of', { name: agent.personName })}</span>
        )}
      </th>
      <td data-label={t('agents.state')}>
        <Status tone={over ? 'muted' : 'ok'} icon={over ? 'stop' : 'checkCircle'}>
          {t(over ? 'agents.ended' : 'agents.active')}
        </Status>
      </td>
      <td data-label={t('agents.project')}>
        <a href={href('projects', agent.projectId)}>{agent.projectName}</a>
      </td>
      <td data-label={t('agents.refresh')}>
        {t(agent.mayRefresh ? 'agents.refreshYes' : 'agents.refreshNo')}
      </td>
      <td data-label={t('agents.made')}>
        <Time at={agent.createdAt} />
      </td>
      <td data-label={t('agents.used')}>
        {agent.lastUsedAt === null ? (
          <span className="muted">{t('agents.neverUsed')}</span>
        ) : (
          <Time at={agent.lastUsedAt} />
        )}
      </td>
      <td data-label={t('agents.ends')}>
        <Time at={agent.expiresAt} />
      </td>
      <td className="cell-actions">
        <Button small aria-label={t('agents.endOf', { name })} onClick={() => setEnding(true)}>
          {t('agents.end')}
        </Button>
        <Confirm
          open={ending}
          title={t('agents.endTitle', { name })}
          confirm={t('agents.endConfirm')}
          danger
          busy={end.busy}
          onClose={() => setEnding(false)}
          onConfirm={() => void confirm()}
        >
          <p>{t('agents.endText')}</p>
          {end.error && <ErrorNotice error={end.error} urgent />}
        </Confirm>
      </td>
    </tr>
  );
}
