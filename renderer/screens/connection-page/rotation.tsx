import { useEffect, useRef, useState } from 'react';
import { engineTraits } from '../../../preload/contract/engines.ts';
import type { Connection, RotationResult, Usage } from '../../../preload/contract/models.ts';
import { useAction, useCall } from '../../api.ts';
import { Button } from '../../components/button.tsx';
import { Confirm, Panel } from '../../components/dialogs.tsx';
import { ErrorNotice, Note } from '../../components/error-notice.tsx';
import { CheckField, RadioField, TextField } from '../../components/fields.tsx';
import { Spinner } from '../../components/icons.tsx';
import { Loaded } from '../../components/page.tsx';
import { Time } from '../../components/time.tsx';
import { useNotify } from '../../components/toasts.tsx';
import { focusFirstInvalid } from '../../focus.ts';
import { t } from '../../i18n/index.ts';
import { messageOf } from '../../i18n/sentence.ts';
import { useRefusal } from '../../refusal.ts';
import { FixSql, Ladder } from './ladder.tsx';
import { Projects } from './usage.tsx';

const steps = ['use', 'password', 'done'] as const;
type Step = (typeof steps)[number];
const titles = { use: 'rotate.stepUse', password: 'rotate.stepPassword', done: 'rotate.stepDone' } as const;

/** `made`: made up here and told to the server; `told`: typed and told; `changed`: the server knows it already. */
type How = 'made' | 'told' | 'changed';
const hows: readonly How[] = ['made', 'told', 'changed'];

interface Typed {
  readonly user: string;
  readonly password: string;
  readonly again: string;
}
const nothing: Typed = { user: '', password: '', again: '' };

interface RotationProps {
  readonly connection: Pick<Connection, 'id' | 'name' | 'engine'>;
  readonly onClose: () => void;
}

/** A new password for a connection and those that sign in alike: who is affected, the password, the result. */
export function RotationWizard({ connection: { id, name, engine }, onClose }: RotationProps) {
  const { changesPasswords } = engineTraits[engine];
  const usage = useCall('connections.usage', { id });
  const [step, setStep] = useState<Step>('use');
  // Null until somebody chooses: all that sign in alike, whenever that is known.
  const [chosen, setChosen] = useState<readonly string[] | null>(null);
  const [how, setHow] = useState<How>(changesPasswords ? 'made' : 'changed');
  const [typed, setTyped] = useState<Typed>(nothing);
  const [problems, setProblems] = useState<Partial<Record<keyof Typed, string>>>({});
  const [result, setResult] = useState<RotationResult | null>(null);
  const body = useRef<HTMLDivElement>(null);
  const heading = useRef<HTMLParagraphElement>(null);
  const also = chosen ?? usage.data?.sameLogin.map((each) => each.id) ?? [];
  const rotate = useAction((client, signal) =>
    client.connections.rotate(
      {
        id,
        also: [...also],
        onServer: how !== 'changed',
        ...(how === 'made' ? {} : { password: typed.password }),
        ...(how === 'changed' && typed.user.trim() !== '' ? { user: typed.user.trim() } : {}),
      },
      { signal },
    ),
  );
  const firstStep = useRef(true);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each time another step is shown
  useEffect(() => {
    // The next step begins where the last button was: without this the focus would be lost with it.
    if (!firstStep.current) heading.current?.focus();
    firstStep.current = false;
  }, [step]);

  const run = async () => {
    const found = {
      ...(how !== 'made' && typed.password === '' ? { password: t('field.required') } : {}),
      ...(how === 'told' && typed.password !== typed.again ? { again: t('rotate.different') } : {}),
    };
    setProblems(found);
    if (Object.keys(found).length > 0) return focusFirstInvalid(body.current);
    const answer = await rotate.run();
    if (!answer) return;
    setTyped(nothing);
    setResult(answer);
    setStep('done');
  };
  const refused = useRefusal(rotate.error, { user: 'user', password: 'password' }, setProblems, body);
  const submit = () => {
    if (step === 'use' && usage.data) setStep('password');
    else if (step === 'password' && !rotate.busy) void run();
  };
  const set = (field: keyof Typed) => (value: string) => {
    setTyped((known) => ({ ...known, [field]: value }));
    setProblems(({ [field]: _fixed, ...others }) => others);
  };
  const close = () => {
    rotate.cancel();
    onClose();
  };
  return (
    <Panel
      open
      wide
      title={t('rotate.title', { name })}
      lead={t('rotate.lead')}
      onClose={close}
      onSubmit={submit}
      saved={step === 'done'}
      footer={
        <Footer
          step={step}
          failed={result?.done === false}
          busy={rotate.busy}
          ready={usage.data !== undefined}
          onBack={() => setStep(step === 'done' ? 'password' : 'use')}
          onClose={close}
          onCancel={rotate.cancel}
        />
      }
    >
      <div className="form" ref={body}>
        <p className="wizard-step" ref={heading} tabIndex={-1}>
          {t('rotate.stepOf', { n: steps.indexOf(step) + 1, all: steps.length, title: t(titles[step]) })}
        </p>
        {step === 'use' && (
          <Loaded call={usage}>{(data) => <Affected usage={data} also={also} onChange={setChosen} />}</Loaded>
        )}
        {step === 'password' && (
          <>
            {refused && <ErrorNotice error={refused} stillWorks={t('rotate.failedText')} urgent />}
            {rotate.busy && (
              <p className="waiting" role="status">
                <Spinner size={18} />
                <span>{t('rotate.running2')}</span>
              </p>
            )}
            <RadioField
              legend={t('rotate.how')}
              value={how}
              onChange={setHow}
              options={hows
                .filter((value) => changesPasswords || value === 'changed')
                .map((value) => ({
                  value,
                  label: t(`rotate.how.${value}`),
                  help: t(`rotate.how.${value}.help`),
                }))}
            />
            {how === 'changed' && (
              <TextField
                label={t('rotate.user')}
                optional
                value={typed.user}
                onChange={set('user')}
                error={problems.user}
              />
            )}
            {how !== 'made' && (
              <TextField
                label={t('rotate.password')}
                type="password"
                autoComplete="new-password"
                value={typed.password}
                onChange={set('password')}
                error={problems.password}
              />
            )}
            {how === 'told' && (
              <TextField
                label={t('rotate.again')}
                type="password"
                autoComplete="new-password"
                value={typed.again}
                onChange={set('again')}
                error={problems.again}
              />
            )}
          </>
        )}
        {step === 'done' && result && <Outcome id={id} result={result} onUndone={close} />}
      </div>
    </Panel>
  );
}

interface FooterProps {
  readonly step: Step;
  readonly failed: boolean;
  readonly busy: boolean;
  readonly ready: boolean;
  readonly onBack: () => void;
  readonly onClose: () => void;
  readonly onCancel: () => void;
}

function Footer({ step, failed, busy, ready, onBack, onClose, onCancel }: FooterProps) {
  if (step === 'done') {
    return (
      <>
        {failed && <Button onClick={onBack}>{t('rotate.back')}</Button>}
        <Button tone="primary" onClick={onClose}>
          {failed ? t('action.close') : t('action.done')}
        </Button>
      </>
    );
  }
  // Keys, so that no button of one step becomes the submit button of the next while it is pressed.
  return (
    <>
      <Button key="quit" tone="quiet" onClick={onClose}>
        {t('action.cancel')}
      </Button>
      {step === 'use' ? (
        <Button key="next" tone="primary" type="submit" blocked={ready ? undefined : t('state.loading')}>
          {t('rotate.next')}
        </Button>
      ) : (
        <>
          <Button key="back" blocked={busy ? t('rotate.running2') : undefined} onClick={onBack}>
            {t('rotate.back')}
          </Button>
          {busy ? (
            <Button key="stop" tone="primary" icon="stop" onClick={onCancel}>
              {t('testAll.cancel')}
            </Button>
          ) : (
            <Button key="run" tone="primary" type="submit">
              {t('rotate.run')}
            </Button>
          )}
        </>
      )}
    </>
  );
}

interface AffectedProps {
  readonly usage: Usage;
  readonly also: readonly string[];
  readonly onChange: (also: readonly string[]) => void;
}

function Affected({ usage: { projects, sameLogin }, also, onChange }: AffectedProps) {
  const running = projects.reduce((sum, project) => sum + project.running, 0);
  return (
    <>
      <h3>{t('rotate.projects')}</h3>
      {projects.length === 0 ? (
        <p className="muted">{t('rotate.noProjects')}</p>
      ) : (
        <Projects projects={projects} />
      )}
      {running > 0 && (
        <Note tone="info">
          <p>{t('rotate.running', { count: running })}</p>
        </Note>
      )}
      {sameLogin.length === 0 ? (
        <p className="muted">{t('rotate.alsoNone')}</p>
      ) : (
        <fieldset className="group">
          <legend>{t('rotate.also')}</legend>
          <p className="field-help">{t('rotate.alsoHelp')}</p>
          <div className="choice-list">
            {sameLogin.map((each) => (
              <CheckField
                key={each.id}
                label={each.name}
                checked={also.includes(each.id)}
                onChange={(on) => onChange(on ? [...also, each.id] : also.filter((one) => one !== each.id))}
              />
            ))}
          </div>
        </fieldset>
      )}
    </>
  );
}

interface OutcomeProps {
  readonly id: string;
  readonly result: RotationResult;
  readonly onUndone: () => void;
}

function Outcome({ id, result: { done, test, switched, undoableUntil }, onUndone }: OutcomeProps) {
  if (!done) {
    return (
      <>
        {test.error ? (
          <ErrorNotice error={test.error} stillWorks={t('rotate.failedText')} urgent />
        ) : (
          <Note tone="bad">
            <p className="notice-title">{t('rotate.failed')}</p>
            <p>{t('rotate.failedText')}</p>
          </Note>
        )}
        {test.fixSql !== null && <FixSql sql={test.fixSql} />}
        <Ladder rungs={test.rungs} />
      </>
    );
  }
  return (
    <>
      <div role="status">
        <Note tone="ok">
          <p className="notice-title">{t('rotate.done')}</p>
        </Note>
      </div>
      <h3>{t('rotate.switched')}</h3>
      <ul className="plain-list">
        {switched.map((each) => (
          <li key={each.id}>{each.name}</li>
        ))}
      </ul>
      {undoableUntil !== null && (
        <Undo id={id} until={undoableUntil} said="rotate.undoUntil" onUndone={onUndone} />
      )}
    </>
  );
}

interface UndoProps {
  readonly id: string;
  readonly until: string;
  readonly said: 'rotate.undoUntil' | 'rotate.undoOnPage';
  readonly blocked?: string | undefined;
  readonly onUndone?: () => void;
}

/** The way back to the password before the last rotation, as long as there is one. */
export function Undo({ id, until, said, blocked, onUndone }: UndoProps) {
  const notify = useNotify();
  const [asking, setAsking] = useState(false);
  const [failed, setFailed] = useState<RotationResult | null>(null);
  const undo = useAction((client, signal) => client.connections.undoRotation({ id }, { signal }));
  const run = async () => {
    const result = await undo.run();
    if (!result) return;
    if (!result.done) return setFailed(result);
    setAsking(false);
    notify.done(t('rotate.undone'));
    onUndone?.();
  };
  const close = () => {
    undo.cancel();
    undo.reset();
    setFailed(null);
    setAsking(false);
  };
  return (
    <div className="undo">
      <p>
        <Time at={until} form="moment" say={(time) => t(said, { time })} />
      </p>
      <Button small blocked={blocked} onClick={() => setAsking(true)}>
        {t('rotate.undo')}
      </Button>
      <Confirm
        open={asking}
        title={t('rotate.undoTitle')}
        confirm={t('rotate.undo')}
        busy={undo.busy}
        onClose={close}
        onConfirm={() => void run()}
      >
        <p>{t('rotate.undoText')}</p>
        {undo.error && <ErrorNotice error={undo.error} stillWorks={t('connections.nothingChanged')} urgent />}
        {failed && (
          <>
            <p className="field-error" role="alert">
              {failed.test.error ? messageOf(failed.test.error) : t('rotate.undoFailed')}
            </p>
            <Ladder rungs={failed.test.rungs} />
          </>
        )}
      </Confirm>
    </div>
  );
}
