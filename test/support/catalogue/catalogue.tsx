import { useState } from 'react';
import type { DatasetHistory, DayOutcome, Job } from '../../../preload/contract/models.ts';
import { useCall } from '../../../renderer/api.ts';
import { Button, IconButton } from '../../../renderer/components/button.tsx';
import { DayLegend, DayStrip } from '../../../renderer/components/data/day-strip.tsx';
import { Delta } from '../../../renderer/components/data/delta.tsx';
import { StateBadges } from '../../../renderer/components/data/freshness.tsx';
import { RunLanes } from '../../../renderer/components/data/run-lanes.tsx';
import { DensityField } from '../../../renderer/components/density-choice.tsx';
import { Box, Confirm, Panel } from '../../../renderer/components/dialogs.tsx';
import { ErrorNotice, Note } from '../../../renderer/components/error-notice.tsx';
import { RadioField, Switch, TextArea, TextField } from '../../../renderer/components/fields.tsx';
import { Grid } from '../../../renderer/components/grid/grid.tsx';
import { useWidths } from '../../../renderer/components/grid/use-widths.ts';
import { RowMenu } from '../../../renderer/components/menu.tsx';
import { Card, Empty, Page, SkeletonRows } from '../../../renderer/components/page.tsx';
import { Progress } from '../../../renderer/components/progress.tsx';
import { Status, Tag } from '../../../renderer/components/status.tsx';
import { useNotify } from '../../../renderer/components/toasts.tsx';
import { dataStates, doings } from '../../../renderer/watch/dataset-state.ts';

/*
 * Each component in each of its states, on one page: for whoever works on how the window looks. It is no part of the product:
 * it has an entry of its own, which the window's build does not know.
 */

const outcomes = [
  'complete',
  'afterTrouble',
  'failed',
  'held',
  'none',
] as const satisfies readonly DayOutcome[];
const history: DatasetHistory = {
  datasetId: 'one',
  days: Array.from({ length: 30 }, (_, n) => ({
    ...{ day: `2026-11-${String((n % 28) + 1).padStart(2, '0')}`, runs: 4, records: 100 + n },
    outcome: outcomes[n % 7 === 3 ? 2 : n % 11 === 5 ? 3 : n % 13 === 8 ? 4 : n % 5 === 2 ? 1 : 0] ?? 'none',
  })),
  before: null,
};
const tones = ['ok', 'warn', 'bad', 'info', 'held', 'muted'] as const;
const columns = ['form_id', 'village', 'household_size'].map((name, at) => ({
  name,
  type: at === 2 ? 'bigint' : 'text',
}));
const rows = Array.from({ length: 200 }, (_, n) => [
  `form-${n}`,
  n % 7 === 3 ? null : 'Ndiobène',
  String(n % 9),
]);
const sampled = { count: rows.length, value: (row: number, at: number) => rows[row]?.[at] };

const statuses = ['completed', 'failed', 'held', 'cancelled', 'running', 'paused'] as const;
const started = Date.now();
const jobs = statuses.map((status, n): Job => {
  const at = (hours: number): string => new Date(started - hours * 3_600_000).toISOString();
  const isOver = status !== 'running' && status !== 'paused';
  return {
    ...{ id: `job-${n}`, datasetId: 'one', projectName: 'Bednets 2026', sourceName: 'Malaria programme' },
    ...{ status, phase: isOver ? 'done' : 'reading', trigger: 'schedule', tables: [], waitingUntil: null },
    ...{ pausedBy: status === 'paused' ? 'person' : null, runner: null, rowCounts: {}, notice: null },
    ...{ error: null, records: 200, recordsBefore: 190, decided: null },
    ...{ queuedAt: at(23 - n * 4), startedAt: at(23 - n * 4), finishedAt: isOver ? at(22.2 - n * 4) : null },
  };
});

function Buttons() {
  return (
    <Card title="Buttons">
      {(['primary', 'plain', 'quiet', 'danger'] as const).map((tone) => (
        <div className="actions" key={tone}>
          <Button tone={tone}>{`A ${tone} one`}</Button>
          <Button tone={tone} icon="sync">
            With an icon
          </Button>
          <Button tone={tone} small>
            Small
          </Button>
          <Button tone={tone} busy>
            Busy
          </Button>
          <Button tone={tone} blocked="Only a DBA may do this.">
            Blocked
          </Button>
        </div>
      ))}
      <div className="actions">
        <IconButton icon="copy" label="Copy the name" />
        <RowMenu
          label="More actions"
          entries={[
            { label: 'Edit…', icon: 'edit', onSelect: () => undefined },
            { label: 'Archive', icon: 'archive', blocked: 'A project uses it.', onSelect: () => undefined },
            { label: 'Delete…', icon: 'trash', danger: true, onSelect: () => undefined },
          ]}
        />
      </div>
    </Card>
  );
}

function Fields() {
  const [text, setText] = useState('db.example.org');
  const [on, setOn] = useState(true);
  const [one, setOne] = useState('a');
  return (
    <Card title="Fields">
      <div className="stack">
        <TextField label="Host" value={text} onChange={setText} help="As the server is called." />
        <TextField label="Port" value="70000" onChange={() => undefined} error="Must be 65535 at most." />
        <TextField label="Folder" value="" onChange={() => undefined} optional placeholder="None" />
        <TextField label="Kept by the policy" value="15" onChange={() => undefined} disabled />
        <TextArea label="Description" value={text} onChange={setText} />
        <Switch label="Refresh automatically" checked={on} onChange={setOn} />
        <RadioField
          legend="Read with"
          value={one}
          onChange={setOne}
          options={[
            { value: 'a', label: 'One account for the project', help: 'Everybody sees the same tables.' },
            { value: 'b', label: 'Each person’s account' },
          ]}
        />
        <DensityField />
      </div>
    </Card>
  );
}

function States() {
  return (
    <Card title="States">
      <div className="actions">
        {tones.map((tone) => (
          <Status key={tone} tone={tone} icon={tone === 'info' ? 'spinner' : 'checkCircle'}>
            {tone}
          </Status>
        ))}
        {tones.map((tone) => (
          <Tag key={tone} tone={tone}>
            {tone}
          </Tag>
        ))}
      </div>
      <table className="table">
        <caption className="visually-hidden">Data and what is done about it</caption>
        <thead>
          <tr>
            <th scope="col">Data</th>
            {doings.map((doing) => (
              <th scope="col" key={doing}>
                {doing}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {dataStates.map((data) => (
            <tr key={data}>
              <th scope="row">{data}</th>
              {doings.map((doing) => (
                <td key={doing}>
                  <StateBadges state={{ data, doing, need: doing === 'held' ? 'review' : null }} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </Card>
  );
}

function Pictures() {
  const now = Date.now();
  return (
    <Card title="Strips, lanes and gauges">
      <div className="stack">
        <p>
          <DayLegend />
        </p>
        <DayStrip history={history} of="Bednets 2026 · Malaria programme" />
        <DayStrip history={undefined} of="Nothing known yet" />
        <p>
          <Delta change={312} /> <Delta change={-4} /> <Delta change={0} /> <Delta change={null} />
        </p>
        <RunLanes
          lanes={[
            { id: 'one', name: 'Malaria programme' },
            { id: 'two', name: 'No run yet' },
          ]}
          jobs={jobs}
          range="day"
          now={now}
        />
        <Progress label="forms" done={120} total={340} finished={false} />
        <Progress label="cases" done={120} total={null} finished={false} />
        <Progress label="users" done={0} total={null} finished={false} waiting />
        <Progress label="paused" done={50} total={100} finished={false} still />
        <Progress label="locations" done={340} total={340} finished />
      </div>
    </Card>
  );
}

function Rows() {
  const widths = useWidths(columns, sampled);
  return (
    <Card title="Grid">
      <div style={{ blockSize: 420, display: 'grid' }}>
        <Grid
          columns={columns}
          rows={{ value: sampled.value }}
          count={rows.length}
          label="Rows of the catalogue"
          widths={widths}
          nothing="sign"
          sorted={{ column: 0, direction: 'down' }}
          marked={1}
          onSelect={() => undefined}
          onCopy={() => undefined}
          onOpen={() => undefined}
        />
      </div>
    </Card>
  );
}

function Answers() {
  const failing = useCall('projects.list', {}).error;
  return (
    <>
      <Card title="Empty, loading, failed">
        <div className="stack">
          <SkeletonRows label="Loading" />
          <ErrorNotice
            error={
              failing ?? {
                code: 'STORE_UNAVAILABLE',
                kind: 'system',
                message: 'The workspace can not be read.',
                advice: 'Check that the disk is not full.',
              }
            }
            stillWorks="What was read before is shown."
            actions={<Button small>Try again</Button>}
          />
          {(['info', 'warn', 'ok', 'bad', 'held'] as const).map((tone) => (
            <Note key={tone} tone={tone}>
              <p className="notice-title">A note that is {tone}</p>
              <p>What it means, and what can be done.</p>
            </Note>
          ))}
        </div>
      </Card>
      <Empty icon="table" title="No tables yet" action={<Button tone="primary">Add source</Button>}>
        They come with the first sync.
      </Empty>
    </>
  );
}

function Asking() {
  const [open, setOpen] = useState<'panel' | 'box' | 'confirm' | null>(null);
  const notify = useNotify();
  const close = (): void => setOpen(null);
  return (
    <Card title="Dialogs and messages">
      <div className="actions">
        <Button onClick={() => setOpen('panel')}>Open a panel</Button>
        <Button onClick={() => setOpen('box')}>Open a box</Button>
        <Button onClick={() => setOpen('confirm')}>Ask</Button>
        <Button onClick={() => notify.done('It was done.')}>Say that it was done</Button>
        <Button
          onClick={() =>
            notify.failed({ code: 'INTERNAL', kind: 'system', message: 'It failed.', advice: 'Try again.' })
          }
        >
          Say that it failed
        </Button>
      </div>
      <Panel
        title="A panel"
        lead="A form beside its list."
        open={open === 'panel'}
        onClose={close}
        footer={<Button onClick={close}>Close it</Button>}
      >
        <TextField label="Name" value="" onChange={() => undefined} />
      </Panel>
      <Box
        title="A box"
        open={open === 'box'}
        onClose={close}
        footer={<Button onClick={close}>Close it</Button>}
      >
        <p>One thing that waits for an answer.</p>
      </Box>
      <Confirm
        title="Delete it?"
        confirm="Delete"
        danger
        busy={false}
        open={open === 'confirm'}
        onClose={close}
        onConfirm={close}
      >
        <p>This can not be taken back.</p>
      </Confirm>
    </Card>
  );
}

export function Catalogue() {
  return (
    <main className="main">
      <Page title="Catalogue of the components" wide>
        <div className="stack">
          <Buttons />
          <Fields />
          <States />
          <Pictures />
          <Rows />
          <Answers />
          <Asking />
        </div>
      </Page>
    </main>
  );
}
