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
      </div>
      <Toast.Close className="icon-button" aria-label={t('action.dismiss')}>
        <Icon name="close" />
      </Toast.Close>
    </Toast.Root>
  ));
}

interface ToastData {
  readonly error?: WireError;
}

export interface Notify {
  done(title: string): void;
  failed(error: WireError): void;
}

/** Short messages in the corner, two at most, said politely by screen readers. Errors stay twice as long. */
export function useNotify(): Notify {
  const { add } = Toast.useToastManager<ToastData>();
  return {
    done: (title) => void add({ title, type: 'ok' }),
    failed: (error) =>
      void add({
        title: messageOf(error),
        description: adviceOf(error),
        type: 'bad',
        data: { error },
        timeout: 10_000,
        priority: 'high',
      }),
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
