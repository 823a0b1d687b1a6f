import { useEffect } from 'react';
import { useCall } from '../api.ts';
import { Icon } from '../components/icons.tsx';
import { t } from '../i18n/index.ts';

/** One line while there is no network: what waits for it, and that it is nobody's fault. */
export function Offline() {
  const { data: info, reload } = useCall('app.info', {});
  useEffect(() => {
    // The browser hears of it at once; whether it is so the core says.
    for (const name of ['online', 'offline']) window.addEventListener(name, reload);
    return () => {
      for (const name of ['online', 'offline']) window.removeEventListener(name, reload);
    };
  }, [reload]);
  return (
    <p className={info?.offline ? 'bar tone-warn' : 'visually-hidden'} role="status">
      {info?.offline && (
        <>
          <Icon name="clock" size={16} />
          <span>{t('shell.offline')}</span>
        </>
      )}
    </p>
  );
}
