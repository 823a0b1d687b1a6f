import { AlertDialog } from '@base-ui/react/alert-dialog';
import { Dialog } from '@base-ui/react/dialog';
import { type FormEvent, type ReactNode, type RefObject, useEffect, useRef, useState } from 'react';
import { t } from '../i18n/index.ts';
import { Button, IconButton } from './button.tsx';

/** A question before a form closes: what would be lost, or what stays behind. */
export interface Guard {
  readonly question: string;
  /** Closes all the same. */
  readonly leave: string;
  /** Goes back to the form. */
  readonly stay: string;
  /** A third way out. */
  readonly other?: ReactNode;
}

/** Of a form with something in it that is kept nowhere. */
export const discarding = (): Guard => ({
  question: t('form.discardQuestion'),
  leave: t('form.discard'),
  stay: t('form.keep'),
});

interface PanelProps {
  readonly title: string;
  readonly lead?: string;
  readonly open: boolean;
  readonly onClose: () => void;
  readonly onSubmit?: () => void;
  /** As a function it is given how to close, which asks where there is something to ask. */
  readonly footer: ReactNode | ((close: () => void) => ReactNode);
  readonly children: ReactNode;
  readonly initialFocus?: RefObject<HTMLElement | null>;
  /** What is asked however it is closed. Without it only Escape asks, over what was typed. */
  readonly guard?: Guard | undefined;
  /** What is typed is kept already: nothing is lost by closing. */
  readonly saved?: boolean;
  /** For a form with lists to choose from. */
  readonly wide?: boolean;
}

/** A form beside the list it belongs to. A press outside does not close it: typed text is not lost by accident. */
export function Panel({
  title,
  lead,
  open,
  onClose,
  onSubmit,
  footer,
  children,
  initialFocus,
  guard,
  saved,
  wide,
}: PanelProps) {
  const [typed, setTyped] = useState(false);
  const [asking, setAsking] = useState(false);
  // The field one goes back to, never the button that would have closed it: that one is made anew after the question.
  const last = useRef<Element | null>(null);
  const keepButton = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (asking) keepButton.current?.focus();
  }, [asking]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onSubmit?.();
  };
  // Escape is pressed by accident more often than a button is: it asks first when something would be lost.
  const change = (next: boolean, reason: string) => {
    if (next) return;
    if (reason === 'escape-key' && asking) keep();
    else if (!asking && (guard || (reason === 'escape-key' && typed && !saved))) setAsking(true);
    else onClose();
  };
  const { question, leave, stay, other } = guard ?? discarding();
  const keep = () => {
    setAsking(false);
    // A frame later: the rest of the Enter that pressed the button would otherwise submit the form from the field.
    requestAnimationFrame(() => {
      const field = last.current;
      if (field instanceof HTMLElement && field.isConnected) field.focus();
      else body.current?.querySelector<HTMLElement>('input, select, textarea, button')?.focus();
    });
  };
  const body = useRef<HTMLDivElement>(null);
  const firstField = () =>
    initialFocus?.current ?? body.current?.querySelector<HTMLElement>('input, select, textarea') ?? true;
  return (
    <Dialog.Root
      open={open}
      onOpenChange={(next, details) => change(next, details.reason)}
      disablePointerDismissal
    >
      <Dialog.Portal>
        <Dialog.Backdrop className="backdrop" />
        <Dialog.Popup className={wide ? 'panel panel-wide' : 'panel'} initialFocus={firstField}>
          <form
            className="panel-form"
            onSubmit={submit}
            onInput={() => setTyped(true)}
            onFocus={({ target }) => {
              if (body.current?.contains(target)) last.current = target;
            }}
            noValidate
            autoComplete="off"
          >
            <header className="panel-header">
              <div>
                <Dialog.Title className="panel-title">{title}</Dialog.Title>
                {lead !== undefined && <Dialog.Description className="panel-lead">{lead}</Dialog.Description>}
              </div>
              <Dialog.Close render={<IconButton icon="close" label={t('action.close')} />} />
            </header>
            <div className="panel-body" ref={body}>
              {children}
            </div>
            {/* Keys, so that no button of one footer becomes a submit button of the other while it is pressed. */}
            {asking ? (
              <footer className="panel-footer" key="question">
                <p className="panel-question" role="alert">
                  {question}
                </p>
                {other}
                <Button onClick={onClose}>{leave}</Button>
                <Button tone="primary" ref={keepButton} onClick={keep}>
                  {stay}
                </Button>
              </footer>
            ) : (
              <footer className="panel-footer" key="actions">
                {typeof footer === 'function' ? footer(() => change(false, 'button')) : footer}
              </footer>
            )}
          </form>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

/** Whether it is open or ever was: of the dialogs behind the rows of a list hardly one is ever made. */
function useWasOpen(open: boolean): boolean {
  const was = useRef(false);
  was.current ||= open;
  return was.current;
}

interface BoxProps {
  readonly title: string;
  readonly open: boolean;
  readonly onClose: () => void;
  readonly children: ReactNode;
  readonly footer: ReactNode;
  /** For what is compared side by side. */
  readonly wide?: boolean;
}

/** A small dialog in the middle, for one thing that waits for an answer. */
export function Box({ title, open, onClose, children, footer, wide }: BoxProps) {
  // The dialog itself gets the focus: its text is read, and a stray Enter presses nothing.
  const box = useRef<HTMLDivElement>(null);
  if (!useWasOpen(open)) return null;
  return (
    <Dialog.Root open={open} onOpenChange={(next) => !next && onClose()} disablePointerDismissal>
      <Dialog.Portal>
        <Dialog.Backdrop className="backdrop" />
        <Dialog.Popup className={wide ? 'box box-wide' : 'box'} ref={box} initialFocus={box}>
          <Dialog.Title className="panel-title">{title}</Dialog.Title>
          <div className="box-body">{children}</div>
          <footer className="box-footer">{footer}</footer>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

interface ConfirmProps {
  readonly title: string;
  readonly confirm: string;
  /** The answer that changes nothing, where “Cancel” would be read as the deed itself. */
  readonly safe?: string;
  readonly danger?: boolean;
  readonly busy: boolean;
  readonly open: boolean;
  readonly onClose: () => void;
  readonly onConfirm: () => void;
  readonly children: ReactNode;
}

/** Asks before something that can not be taken back. The safe answer has the focus. */
export function Confirm({
  title,
  confirm,
  safe = t('action.cancel'),
  danger,
  busy,
  open,
  onClose,
  onConfirm,
  children,
}: ConfirmProps) {
  const safeButton = useRef<HTMLButtonElement>(null);
  if (!useWasOpen(open)) return null;
  return (
    <AlertDialog.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <AlertDialog.Portal>
        <AlertDialog.Backdrop className="backdrop" />
        <AlertDialog.Popup className="box" initialFocus={safeButton}>
          <AlertDialog.Title className="panel-title">{title}</AlertDialog.Title>
          <div className="box-body">{children}</div>
          <footer className="box-footer">
            <Button ref={safeButton} onClick={onClose}>
              {safe}
            </Button>
            <Button tone={danger ? 'danger' : 'primary'} busy={busy} onClick={onConfirm}>
              {confirm}
            </Button>
          </footer>
        </AlertDialog.Popup>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}
