import { Toast } from '@base-ui/react/toast';
import type { ReactNode } from 'react';
import type { Client } from '../../preload/contract/client.ts';
import type { WireError } from '../../preload/contract/errors.ts';
import { type Action, toWireError, useAction } from '../api.ts';
import { t } from '../i18n/index.ts';
import { adviceOf, messageOf } from '../i18n/sentence.ts';
import { ErrorCode } from './error-notice.tsx';
import { HintLayer } from './hint-layer.tsx';
import { Icon } from './icons.tsx';

export function ToastProvider({ children }: { children: ReactNode }) {
  return (
    <>
      <Toast.Provider limit={2} timeout={5000}>
        {children}
        <Toast.Portal>
          <Toast.Viewport className="toasts" aria-label={t('notify.title')}>
            <Toasts />
          </Toast.Viewport>
        </Toast.Portal>
      </Toast.Provider>
      <HintLayer />
    </>
  );
}

function Toasts() {
  const { toasts } = Toast.useToastManager<ToastData>();
  return toasts.map((toast) => (
    <Toast.Root key={toast.id} toast={toast} className="toast" swipeDirection={['right']}>
      <span className={`toast-icon tone-${toast.type === 'bad' ? 'bad' : 'ok'}`}>
        <Icon name={toast.type === 'bad' ? 'failed' : 'checkCircle'} />
      </span>
      <div className="toast-text">
        <Toast.Title className="toast-title" />
        <Toast.Description className="toast-description" />
        {toast.data?.error && <ErrorCode error={toast.data.error} />}
        {toast.data?.undo && (
          <Toast.Action className="button button-plain button-small" onClick={toast.data.undo}>
            {t('undo.action')}
          </Toast.Action>
        )}
      </div>
      <Toast.Close className="icon-button" aria-label={t('action.dismiss')}>
        <Icon name="close" />
      </Toast.Close>
    </Toast.Root>
  ));
}

interface ToastData {
  readonly error?: WireError;
  readonly undo?: () => void;
}

/** What takes back what was just done; said once it is, or why not. */
interface Undo {
  readonly run: () => Promise<unknown>;
  /** What stays as it is all the same. */
  readonly but?: string | undefined;
}

/** So long something can be taken back from where it is said, and longer while one looks at it. In milliseconds. */
const undoMs = 15_000;

export interface Notify {
  done(title: string): void;
  /** Done, and taken back by a press; F6 leads to it. */
  undoable(title: string, undo: Undo): void;
  failed(error: WireError): void;
}

/** Short messages in the corner, two at most, said politely by screen readers. Errors stay twice as long. */
export function useNotify(): Notify {
  const { add, close } = Toast.useToastManager<ToastData>();
  const done = (title: string): void => void add({ title, type: 'ok' });
  const failed = (error: WireError): void =>
    void add({
      title: messageOf(error),
      description: adviceOf(error),
      type: 'bad',
      data: { error },
      timeout: 10_000,
      priority: 'high',
    });
  return {
    ...{ done, failed },
    undoable(title, { run, but }) {
      const takeBack = async (): Promise<void> => {
        close(id);
        try {
          await run();
          done(t('undo.done'));
        } catch (error) {
          failed(toWireError(error));
        }
      };
      const id = add({
        ...{ title, type: 'ok', timeout: undoMs, data: { undo: () => void takeBack() } },
        ...(but === undefined ? {} : { description: but }),
      });
    },
  };
}

/** An action whose failure is said in the corner, because where it was pressed there is no room for it. */
export function useToldAction<A extends unknown[], R>(
  act: (client: Client, signal: AbortSignal, ...args: A) => Promise<R>,
): Action<A, R> {
  const notify = useNotify();
  return useAction(async (client, signal, ...args: A) => {
    try {
      return await act(client, signal, ...args);
    } catch (error) {
      notify.failed(toWireError(error));
      throw error;
    }
  });
}
