import { useRef, useState } from 'react';
import { useAction } from '../../api.ts';
import { Button } from '../../components/button.tsx';
import { Panel } from '../../components/dialogs.tsx';
import { RadioField, TextArea, TextField } from '../../components/fields.tsx';
import { useSeat } from '../../components/session/lock-session.tsx';
import { OtherError, OwnPassphrase } from '../../components/session/reauth.tsx';
import { useNotify } from '../../components/toasts.tsx';
import { focusFirstInvalid } from '../../focus.ts';
import { useWhileThere } from '../../hooks.ts';
import { t } from '../../i18n/index.ts';
import { tellSaved } from './export-dialog.tsx';
import { ProjectsAlong } from './projects-along.tsx';

/** The shortest that the core takes. */
const shortestReason = 5;

interface SealProps {
  readonly ids: readonly string[];
  readonly onClose: () => void;
}

interface Draft {
  readonly whom: 'passphrase' | 'key';
  readonly publicKey: string;
  readonly reason: string;
  readonly projects: readonly string[];
  readonly signIns: boolean;
}
const empty: Draft = { whom: 'passphrase', publicKey: '', reason: '', projects: [], signIns: false };
type Problems = Partial<Record<keyof Draft, string>>;

function check(draft: Draft): Problems {
  const problems: Problems = {};
  if (draft.whom === 'key' && !/^(age1|headgate-x25519:)/.test(draft.publicKey.trim()))
    problems.publicKey = t('seal.publicKeyInvalid');
  if (draft.reason.trim().length < shortestReason) problems.reason = t('seal.reasonShort');
  return problems;
}

/** Connections with their secrets, sealed to a passphrase or to another Headgate. */
export function SealDialog({ ids, onClose }: SealProps) {
  const notify = useNotify();
  const [draft, setDraft] = useState(empty);
  const [problems, setProblems] = useState<Problems>({});
  const body = useRef<HTMLDivElement>(null);
  const seal = useAction((client, signal) =>
    client.connections.seal(
      {
        ids: [...ids],
        projects: draft.projects.map((id) => ({ id, signIns: draft.signIns })),
        for: draft.whom === 'key' ? { publicKey: draft.publicKey.trim() } : draft.whom,
        reason: draft.reason.trim(),
        // A page gets no text that opens to secrets.
        save: true,
      },
      { signal },
    ),
  );
  const done = useWhileThere(onClose);
  const { session } = useSeat();
  const blocked = session?.hasPassphrase === false ? t('reauth.none') : undefined;
  const set = (field: 'publicKey' | 'reason') => (value: string) => {
    setDraft((known) => ({ ...known, [field]: value }));
    setProblems(({ [field]: _fixed, ...others }) => others);
  };
  const submit = async () => {
    const found = check(draft);
    setProblems(found);
    if (Object.keys(found).length > 0) return focusFirstInvalid(body.current);
    const answer = await seal.run();
    if (!answer) return undefined;
    if (tellSaved(answer, notify.done)) done();
    return undefined;
  };
  return (
    <Panel
      open
      title={t('seal.title')}
      lead={t('seal.text', { count: ids.length })}
      onClose={onClose}
      onSubmit={() => void submit()}
      footer={
        <>
          <Button tone="quiet" onClick={seal.busy ? seal.cancel : onClose}>
            {t('action.cancel')}
          </Button>
          <Button tone="primary" type="submit" busy={seal.busy} blocked={blocked}>
            {t('seal.submit')}
          </Button>
        </>
      }
    >
      <div className="form" ref={body}>
        <OtherError error={seal.error} />

        <RadioField
          legend={t('seal.for')}
          value={draft.whom}
          onChange={(whom) => setDraft((known) => ({ ...known, whom }))}
          options={(['passphrase', 'key'] as const).map((value) => ({
            value,
            label: t(`seal.${value}`),
            help: t(`seal.${value}Help`),
          }))}
        />
        {draft.whom === 'key' && (
          <TextArea
            label={t('seal.publicKey')}
            rows={2}
            translate="no"
            value={draft.publicKey}
            onChange={set('publicKey')}
            error={problems.publicKey}
          />
        )}
        <ProjectsAlong
          ids={ids}
          chosen={draft.projects}
          onChange={(projects) => setDraft((known) => ({ ...known, projects }))}
          signIns={{
            taken: draft.signIns,
            onChange: (signIns) => setDraft((known) => ({ ...known, signIns })),
          }}
        />
        <TextField
          label={t('seal.reason')}
          help={t('seal.reasonHelp')}
          value={draft.reason}
          onChange={set('reason')}
          error={problems.reason}
        />
        <OwnPassphrase error={seal.error} help={t(draft.whom === 'key' ? 'seal.ownHelp' : 'seal.bothHelp')} />
      </div>
    </Panel>
  );
}
