import { useState } from 'react';
import { useCall } from '../../api.ts';
import { t } from '../../i18n/index.ts';
import { Button } from '../button.tsx';
import { CopyTextButton } from '../copy.tsx';
import { Loaded } from '../page.tsx';

/** What others seal a bundle to, so that only this vault opens it. It is made when it is asked for first. */
export function PublicKey({ blocked }: { blocked: string | undefined }) {
  const [wanted, setWanted] = useState(false);
  const key = useCall('vault.publicKey', wanted && blocked === undefined ? {} : null);
  return (
    <section className="stack-tight subcard" aria-label={t('vault.keyTitle')}>
      <h3>{t('vault.keyTitle')}</h3>
      <p className="muted">{t('vault.keyText')}</p>
      {!wanted && (
        <div>
          <Button small blocked={blocked} onClick={() => setWanted(true)}>
            {t('vault.keyShow')}
          </Button>
        </div>
      )}
      {wanted && blocked === undefined && (
        <Loaded call={key} rows={1}>
          {({ publicKey, fingerprint }) => (
            <div className="stack-tight">
              <p className="code key-text" translate="no">
                {publicKey}
              </p>
              <p>
                <span className="muted">{t('vault.keyFingerprint')}</span>{' '}
                <strong className="code key-text" translate="no">
                  {fingerprint}
                </strong>
              </p>
              <p className="muted">{t('vault.keyCompare')}</p>
              <div>
                <CopyTextButton text={publicKey} label={t('vault.keyCopy')} />
              </div>
            </div>
          )}
        </Loaded>
      )}
    </section>
  );
}
