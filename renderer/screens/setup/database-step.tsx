import { useRef, useState } from 'react';
import type { Connection, ConnectionTest } from '../../../preload/contract/models.ts';
import { useAccess } from '../../access.ts';
import { useAction, useCall } from '../../api.ts';
import { Button, IconButton } from '../../components/button.tsx';
import { ErrorNotice, Note } from '../../components/error-notice.tsx';
import { SelectField, TextField } from '../../components/fields.tsx';
import { formatDuration, formatList } from '../../format.ts';
import { t } from '../../i18n/index.ts';
import { href } from '../../router.ts';
import { Ladder } from '../connection-page/ladder.tsx';
import { tlsModes } from '../connections/options.ts';
import { type Pasted, type PastedField, pastedFields, readLanding, saysMore } from './paste.ts';
import { PasteArea } from './paste-area.tsx';
import type { Step } from './steps.tsx';
import { FailedTrial } from './trial.tsx';

/** So many connections are offered to be chosen from; whoever has more goes on from their project. */
const mostOffered = 200;

interface Props {
  /** What was pasted before the panel was there, e.g. on the page of the first run. */
  readonly pasted: string;
  readonly onDone: (connection: Pick<Connection, 'id' | 'name'>) => void;
  readonly onClose: () => void;
}

/** The database: pasted first, tried before anything is kept, or one that is there. */
export function useDatabaseStep({ pasted, onDone, onClose }: Props): Step {
  const access = useAccess();
  const mayAdd = access.may('manage_database_connections');
  const there =
    useCall('connections.list', { state: 'active', lands: true, limit: mostOffered }).data?.items ?? [];
  const usable = there.filter((each) => each.may !== 'see' && !each.readOnly);
  const [text, setText] = useState(() => (readLanding(pasted) ? '' : pasted));
  const [parts, setParts] = useState<Pasted | null>(() => readLanding(pasted) ?? null);
  const [shown, setShown] = useState<ReadonlySet<PastedField>>(new Set());
  const [problem, setProblem] = useState<string>();
  const [chosen, setChosen] = useState<string | null>(null);
  const [trial, setTrial] = useState<ConnectionTest | null>(null);
  const card = useRef<HTMLDivElement>(null);
  const existing = usable.find((each) => each.id === chosen) ?? (mayAdd ? undefined : usable[0]);
  const attempt = useAction((client, signal, of: Pasted) => client.connections.try(of, { signal }));
  const save = useAction(async (client, _signal, of: Pasted) => {
    const { create } = client.connections;
    try {
      return await create({ ...of, name: of.database });
    } catch (error) {
      if ((error as { wire?: { code: string } }).wire?.code !== 'NAME_TAKEN') throw error;
      return await create({ ...of, name: `${of.database} – ${of.host}:${of.port}` });
    }
  });
  const take = (typed: string): boolean => {
    const read = readLanding(typed);
    if (!read) return false;
    setParts(read);
    setShown(new Set(pastedFields.filter((field) => field !== 'port' && read[field] === '')));
    setText('');
    setProblem(undefined);
    setTrial(null);
    // What is pressed next is at hand; a field that the text lacked comes first.
    requestAnimationFrame(() => {
      const lacking = card.current?.querySelector<HTMLElement>('input');
      const use = card.current?.closest('form')?.querySelector<HTMLElement>('footer [type="submit"]');
      (lacking ?? use)?.focus();
    });
    return true;
  };
  const edit = (field: PastedField) => {
    setShown((known) => new Set([...known, field]));
    requestAnimationFrame(() => card.current?.querySelector<HTMLElement>(`[name="${field}"]`)?.focus());
  };
  const keep = async (of: Pasted) => {
    const made = await save.run(of);
    if (made) onDone(made);
  };
  const tryIt = async (of: Pasted) => {
    const missing = pastedFields.filter((field) => String(of[field]).trim() === '');
    if (missing[0] !== undefined) {
      setShown((known) => new Set([...known, ...missing]));
      return edit(missing[0]);
    }
    setTrial(null);
    const found = await attempt.run(of);
    if (!found) return;
    if (found.ok) await keep(of);
    else setTrial(found);
  };
  const change = (next: Partial<Pasted>) => {
    if (!parts) return;
    const changed = { ...parts, ...next };
    setParts(changed);
    void tryIt(changed);
  };
  const submit = () => {
    if (attempt.busy || save.busy) return;
    if (existing) return onDone(existing);
    if (parts) return void tryIt(parts);
    if (text.trim() === '') setProblem(t('setup.pasteFirst'));
    else if (!take(text)) setProblem(t(saysMore(text) ? 'setup.pasteSaysMore' : 'setup.pasteInvalid'));
  };
  const footer = (
    <>
      <Button tone="quiet" onClick={onClose}>
        {t('action.cancel')}
      </Button>
      {trial && parts && !existing && (
        <Button busy={save.busy} onClick={() => void keep(parts)}>
          {t('setup.saveAnyway')}
        </Button>
      )}
      {attempt.busy ? (
        <Button key="cancel" tone="primary" icon="stop" onClick={attempt.cancel}>
          {t('connections.cancelTest')}
        </Button>
      ) : (
        <Button
          key="use"
          tone="primary"
          type="submit"
          busy={save.busy}
          blocked={!mayAdd && !existing ? access.reason('manage_database_connections') : undefined}
        >
          {t(trial ? 'action.tryAgain' : 'setup.useIt')}
        </Button>
      )}
    </>
  );
  const body = (
    <>
      {usable.length > 0 && (
        <SelectField
          label={t('setup.existing')}
          value={existing?.id ?? ''}
          onChange={setChosen}
          options={[
            ...(mayAdd ? [{ value: '', label: t('setup.existingNone') }] : []),
            ...usable.map(({ id, name, host, database }) => ({
              value: id,
              label: `${name} – ${host} / ${database}`,
            })),
          ]}
        />
      )}
      {!mayAdd && usable.length === 0 && (
        <Note tone="info">
          <p className="notice-title">{t('setup.noConnection')}</p>
          <p>{access.reason('manage_database_connections')}</p>
        </Note>
      )}
      {mayAdd && !existing && (
        <>
          <PasteArea
            isFirst
            value={text}
            error={problem}
            onChange={(typed) => {
              setText(typed);
              setProblem(undefined);
            }}
            take={take}
            onEnter={submit}
          />
          {!parts && <FoundElsewhere />}
          {parts && (
            <div ref={card} className="setup-card">
              <PartsCard parts={parts} shown={shown} onParts={setParts} onEdit={edit} />
            </div>
          )}
          {attempt.busy && (
            <>
              <div role="status">
                <Note tone="info">{t('connections.testingLong')}</Note>
              </div>
              <Ladder rungs={null} />
            </>
          )}
          {attempt.error && <ErrorNotice error={attempt.error} urgent />}
          {save.error && <ErrorNotice error={save.error} urgent />}
          {trial && parts && <FailedTrial trial={trial} parts={parts} onChange={change} onEdit={edit} />}
          {trial?.ok && trial.latencyMs !== null && (
            <p role="status">{t('connections.answeredIn', { time: formatDuration(trial.latencyMs) })}</p>
          )}
        </>
      )}
    </>
  );
  return { body, footer, submit };
}

interface PartsProps {
  readonly parts: Pasted;
  readonly shown: ReadonlySet<PastedField>;
  readonly onParts: (parts: Pasted) => void;
  readonly onEdit: (field: PastedField) => void;
}

/** What was read out of the text, to be looked at; only what it lacked is asked for. */
function PartsCard({ parts, shown, onParts, onEdit }: PartsProps) {
  const set = (change: Partial<Pasted>) => onParts({ ...parts, ...change });
  const textOf = (field: PastedField): string => String(parts[field]);
  return (
    <>
      <dl className="setup-parts">
        {pastedFields
          .filter((field) => !shown.has(field) && field !== 'port')
          .map((field) => (
            <div key={field}>
              <dt>{t(`connections.${field}`)}</dt>
              <dd translate="no">
                <code>
                  {field === 'password'
                    ? '••••••••'
                    : field === 'host'
                      ? `${parts.host}:${parts.port}`
                      : textOf(field)}
                </code>
                <IconButton icon="edit" label={t(`setup.fix.${field}`)} onClick={() => onEdit(field)} />
              </dd>
            </div>
          ))}
      </dl>
      {pastedFields
        .filter((field) => shown.has(field))
        .map((field) => (
          <TextField
            key={field}
            name={field}
            label={t(`connections.${field}`)}
            translate="no"
            {...(field === 'password' ? { type: 'password', autoComplete: 'new-password' } : {})}
            value={textOf(field)}
            onChange={(value) => set(field === 'port' ? { port: Number(value) } : { [field]: value })}
          />
        ))}
      <SelectField
        label={t('section.tls')}
        value={parts.tlsMode}
        onChange={(value) => set({ tlsMode: tlsModes.find((mode) => mode === value) ?? parts.tlsMode })}
        options={tlsModes.map((mode) => ({ value: mode, label: t(`tls.${mode}`) }))}
      />
    </>
  );
}

/** What other tools of this computer know already; nothing is read before somebody goes there. */
function FoundElsewhere() {
  // Hosts of SSH are ways to a database, not databases.
  const found = (useCall('imports.found', {}).data ?? []).filter(({ kind }) => kind !== 'ssh_config');
  const all = found.reduce((sum, { count }) => sum + count, 0);
  return (
    <p className="setup-also">
      {all > 0 && (
        <a href={href('connections', 'import')}>
          {t('setup.found', { count: all, where: formatList(found.map(({ path }) => nameOf(path))) })}
        </a>
      )}
      <a href={`${href('connections')}?add`}>{t('setup.wholeForm')}</a>
    </p>
  );
}

const nameOf = (path: string): string => path.split(/[/\\]/).at(-1) ?? path;
