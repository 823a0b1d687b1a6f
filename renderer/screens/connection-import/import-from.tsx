import { useRef, useState } from 'react';
import type { ImportKind, ImportPlan } from '../../../preload/contract/models.ts';
import { recognisedBy, recogniseImport } from '../../../preload/contract/recognise-import.ts';
import { useAction, useCall } from '../../api.ts';
import { Button } from '../../components/button.tsx';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { Field, SelectField, TextArea } from '../../components/fields.tsx';
import { Card } from '../../components/page.tsx';
import { PublicKey } from '../../components/session/public-key.tsx';
import { TypedOutside } from '../../components/session/reauth.tsx';
import { focusFirstInvalid } from '../../focus.ts';
import { type PlainKey, t } from '../../i18n/index.ts';

/** In the order in which people have them. */
const kinds: readonly ImportKind[] = [
  'url',
  'dbeaver',
  'pgadmin',
  'pg_service',
  'pgpass',
  'ssh_config',
  'azure_data_studio',
  'datagrip',
  'dbgate',
  'beekeeper',
  'dbt',
  'snowflake',
  'databricks',
  'odbc',
  'sealed',
  'headgate',
  'legacy',
];
/** The core takes no more; in bytes of the file. */
const largestFile = 20_000_000;

/** Files that another one leaves a part to. */
const besides: Readonly<Partial<Record<ImportKind, { label: PlainKey; help: PlainKey }>>> = {
  dbeaver: { label: 'import.credentials', help: 'import.credentialsHelp' },
  datagrip: { label: 'import.users', help: 'import.usersHelp' },
};
/** A text of this length is not typed. */
const shortestSeen = 20;

interface FromProps {
  readonly onPlan: (plan: ImportPlan) => void;
}

/** Step one: where the connections are. Nothing is read before somebody says so. */
export function ImportFrom({ onPlan }: FromProps) {
  const found = useCall('imports.found', {});
  const look = useAction((client, signal, kind: ImportKind) => client.imports.preview({ kind }, { signal }));
  const review = async (kind: ImportKind) => {
    const plan = await look.run(kind);
    if (plan) onPlan(plan);
  };
  return (
    <div className="stack">
      {found.data && found.data.length > 0 && (
        <Card title={t('import.foundTitle')}>
          <ul className="plain-list moving-found">
            {found.data.map(({ kind, path, count }) => (
              <li key={kind}>
                <div>
                  <p>{t('import.foundLine', { kind: t(`import.kind.${kind}`), count })}</p>
                  <p className="muted code" translate="no">
                    {path}
                  </p>
                </div>
                <Button
                  busy={look.busy}
                  aria-label={t('import.reviewOf', { kind: t(`import.kind.${kind}`) })}
                  onClick={() => void review(kind)}
                >
                  {t('import.review')}
                </Button>
              </li>
            ))}
          </ul>
          {look.error && <ErrorNotice error={look.error} urgent />}
        </Card>
      )}
      <FromFile onPlan={onPlan} />
      <Card>
        <PublicKey blocked={undefined} />
      </Card>
    </div>
  );
}

const toBase64 = (bytes: ArrayBuffer): string => {
  let text = '';
  for (const byte of new Uint8Array(bytes)) text += String.fromCharCode(byte);
  return btoa(text);
};

function FromFile({ onPlan }: FromProps) {
  const [kind, setKind] = useState<ImportKind>('url');
  const [text, setText] = useState('');
  /** What was seen in what was chosen or pasted, unless somebody says otherwise. */
  const [recognised, setRecognised] = useState<ImportKind>();
  /** A file belongs to the kind that it was chosen for. */
  const [round, setRound] = useState(0);
  const [problem, setProblem] = useState<{ readonly at: 'file' | 'text'; readonly text: string }>();
  const form = useRef<HTMLFormElement>(null);
  const file = useRef<HTMLInputElement>(null);
  const credentials = useRef<HTMLInputElement>(null);
  const preview = useAction((client, signal, input: Parameters<typeof client.imports.preview>[0]) =>
    client.imports.preview(input, { signal }),
  );
  const submit = async () => {
    const chosen = file.current?.files?.[0];
    const found =
      !chosen && text.trim() === ''
        ? ({ at: 'text', text: t('import.textMissing') } as const)
        : chosen && chosen.size > largestFile
          ? ({ at: 'file', text: t('import.fileTooLarge') } as const)
          : undefined;
    setProblem(found);
    if (found) return focusFirstInvalid(form.current);
    const beside = kind in besides ? credentials.current?.files?.[0] : undefined;
    const plan = await preview.run({
      kind,
      // A database is no text.
      text: !chosen
        ? text
        : kind === 'beekeeper'
          ? toBase64(await chosen.arrayBuffer())
          : await chosen.text(),
      ...(beside ? { credentials: toBase64(await beside.arrayBuffer()) } : {}),
    });
    if (!plan) return undefined;
    // What was pasted has passwords in it.
    setText('');
    return onPlan(plan);
  };
  const recognise = (name: string, beginning: string) => {
    const seen = recogniseImport(name, beginning);
    setRecognised(seen);
    if (seen !== undefined && seen !== kind) {
      setKind(seen);
      setProblem(undefined);
      preview.reset();
    }
  };
  const beside = besides[kind];
  return (
    <Card title={t('import.otherTitle')}>
      <form
        className="form"
        ref={form}
        noValidate
        autoComplete="off"
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        {preview.error && <ErrorNotice error={preview.error} urgent />}
        <SelectField
          label={t('import.kind')}
          help={t(`import.help.${kind}`)}
          value={kind}
          onChange={(value) => {
            setKind(value as ImportKind);
            setRecognised(undefined);
            // What was seen may be wrong: whoever says otherwise keeps the file.
            if (recognised === undefined) setRound(round + 1);
            setProblem(undefined);
            preview.reset();
          }}
          options={kinds.map((value) => ({ value, label: t(`import.kind.${value}`) }))}
        />
        <Field
          label={t('import.file')}
          help={t('import.fileHelp')}
          error={problem?.at === 'file' ? problem.text : undefined}
          optional
        >
          {(wiring) => (
            <input
              {...wiring}
              ref={file}
              key={round}
              type="file"
              className="input"
              onChange={({ target }) => {
                setText('');
                const chosen = target.files?.[0];
                if (chosen)
                  void chosen
                    .slice(0, recognisedBy)
                    .text()
                    .then((beginning) => recognise(chosen.name, beginning));
              }}
            />
          )}
        </Field>
        <div role="status">
          {recognised === kind && (
            <p className="muted">{t('import.recognised', { kind: t(`import.kind.${kind}`) })}</p>
          )}
        </div>
        <TextArea
          label={t('import.text')}
          rows={kind === 'url' ? 3 : 6}
          translate="no"
          value={text}
          onChange={(typed) => {
            // What is pasted at once is more than a person types.
            if (text === '' && typed.length > shortestSeen) recognise('', typed);
            setText(typed);
            // One or the other: a file that was chosen before would go unnoticed before what is pasted.
            if (file.current && typed !== '') file.current.value = '';
          }}
          error={problem?.at === 'text' ? problem.text : undefined}
        />
        {beside && (
          <Field label={t(beside.label)} help={t(beside.help)} optional>
            {(wiring) => <input {...wiring} ref={credentials} type="file" className="input" />}
          </Field>
        )}
        {kind === 'sealed' && <TypedOutside>{t('import.passphraseOutside')}</TypedOutside>}
        <p className="actions">
          {preview.busy && (
            <Button icon="stop" onClick={preview.cancel}>
              {t('action.cancel')}
            </Button>
          )}
          <Button tone="primary" type="submit" busy={preview.busy}>
            {t('import.preview')}
          </Button>
        </p>
      </form>
    </Card>
  );
}
