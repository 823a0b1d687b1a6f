import { type ReactNode, type RefObject, useRef, useState } from 'react';
import type { WireError } from '../../../preload/contract/errors.ts';
import type { Action } from '../../api.ts';
import { Button } from '../../components/button.tsx';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { Card } from '../../components/page.tsx';
import { useNotify } from '../../components/toasts.tsx';
import { focusFirstInvalid } from '../../focus.ts';
import { useWhileThere } from '../../hooks.ts';
import { t } from '../../i18n/index.ts';
import { useRefusal } from '../../refusal.ts';

interface SettingCardProps {
  readonly title: string;
  readonly lead: string;
  /** What the button says to whoever does not see whose it is; “Change…” unless given. */
  readonly edit?: string | undefined;
  /** Why the person may not change it. */
  readonly blocked?: string | undefined;
  readonly form: (close: () => void) => ReactNode;
  /** What is decided now. */
  readonly children: ReactNode;
}

/** A card of decisions, which become a form in their place. */
export function SettingCard({ title, lead, edit, blocked, form, children }: SettingCardProps) {
  const [editing, setEditing] = useState(false);
  return (
    <Card
      title={title}
      action={
        !editing && (
          <Button
            small
            icon="edit"
            blocked={blocked}
            {...(edit === undefined ? {} : { 'aria-label': edit })}
            onClick={() => setEditing(true)}
          >
            {t('policy.edit')}
          </Button>
        )
      }
    >
      <p className="muted settings-lead">{lead}</p>
      {editing ? form(() => setEditing(false)) : children}
    </Card>
  );
}

interface SettingFormState<F extends string> {
  /** What is wrong with each field. */
  readonly problems: Partial<Record<F, string>>;
  readonly form: RefObject<HTMLFormElement | null>;
  /** What was refused and belongs to no field. */
  readonly rest: WireError | null;
  readonly busy: boolean;
  readonly submit: () => Promise<void>;
  readonly onClose: () => void;
}

/**
 * The course of such a form: what is wrong is shown at its field before anything is sent; what is refused, where it belongs;
 * what was saved is said, and the form goes. `names` knows the contract's paths of the fields.
 */
export function useSettingForm<F extends string, R>(of: {
  readonly names: Readonly<Record<string, F>>;
  readonly save: Action<[], R>;
  readonly check: () => Partial<Record<F, string>>;
  readonly saved: string;
  readonly onClose: () => void;
}): SettingFormState<F> {
  const { names, save, check, saved, onClose } = of;
  const notify = useNotify();
  const [problems, setProblems] = useState<Partial<Record<F, string>>>({});
  const form = useRef<HTMLFormElement>(null);
  const rest = useRefusal(save.error, names, setProblems, form);
  const done = useWhileThere(onClose);
  const submit = async (): Promise<void> => {
    const found = check();
    setProblems(found);
    if (Object.keys(found).length > 0) return focusFirstInvalid(form.current);
    if (!(await save.run())) return;
    done();
    notify.done(saved);
  };
  return { problems, form, rest, busy: save.busy, submit, onClose };
}

interface SettingFormProps {
  readonly state: SettingFormState<string>;
  readonly className?: string;
  readonly children: ReactNode;
}

/** The fields of such a form between what was refused and its buttons. */
export function SettingForm({ state, className = 'form', children }: SettingFormProps) {
  return (
    <form
      className={className}
      ref={state.form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void state.submit();
      }}
    >
      {state.rest && <ErrorNotice error={state.rest} urgent />}
      {children}
      <div className="actions">
        <Button tone="primary" type="submit" busy={state.busy}>
          {t('action.save')}
        </Button>
        <Button onClick={state.onClose}>{t('action.cancel')}</Button>
      </div>
    </form>
  );
}
