import { useState } from 'react';
import type { KeySlot } from '../../../preload/contract/models.ts';
import { useAction, useCall } from '../../api.ts';
import { Button } from '../../components/button.tsx';
import { Confirm, Panel } from '../../components/dialogs.tsx';
import { ErrorNotice, Note } from '../../components/error-notice.tsx';
import { RadioField, TextField } from '../../components/fields.tsx';
import { OtherError, TypedOutside, Waiting } from '../../components/session/reauth.tsx';
import { Time } from '../../components/time.tsx';
import { useNotify } from '../../components/toasts.tsx';
import { formatMoment } from '../../format.ts';
import { useWhileThere } from '../../hooks.ts';
import { t } from '../../i18n/index.ts';
import { sentence } from '../../i18n/sentence.ts';
import { Unlock } from './vault-unlock.tsx';

type Way = 'keychain' | 'passphrase' | 'key_file' | 'recovery';

/** A way to open the vault, so that two of a kind are told apart. */
export const slotName = ({ kind, label, createdAt }: KeySlot): string =>
  t('vault.slotName', {
    name: kind === 'passphrase' || kind === 'recovery' ? t(`vault.way.${kind}`) : label,
    when: formatMoment(createdAt, Date.now()),
  });

interface SlotsProps {
  readonly slots: readonly KeySlot[];
  /** Why nothing can be added or removed now. */
  readonly blocked: string | undefined;
  readonly shut: boolean;
}

/** Everything that opens the vault, in plain words, with what can be done about it. */
export function Slots({ slots, blocked, shut }: SlotsProps) {
  const [opened, setOpened] = useState<'add' | 'enter' | KeySlot | null>(null);
  const close = () => setOpened(null);
  return (
    <section className="stack-tight" aria-labelledby="vault-slots">
      <h3 id="vault-slots">{t('vault.slots')}</h3>
      <p className="muted">{t('vault.slotsLead')}</p>
      <ul className="bullets">
        {slots.map((slot) => (
          <li key={slot.id}>
            {slotName(slot)} <span className="muted">{t(`vault.opens.${slot.opens}`)}</span>{' '}
            {slot.openedAt === null ? (
              <span className="muted">{t('vault.neverOpened')}</span>
            ) : (
              <span className="muted">
                <Time at={slot.openedAt} say={(time) => t('vault.lastOpened', { time })} />
              </span>
            )}
            {slot.leaving && <p className="muted">{t('vault.leaving')}</p>}
            {slot.problem !== null && <p className="muted">{sentence(slot.said, slot.problem)}</p>}
            <div>
              <Button
                small
                blocked={blocked}
                onClick={() => setOpened(slot)}
                aria-label={t('vault.removeSlotOf', { name: slotName(slot) })}
              >
                {t('vault.removeSlot')}
              </Button>
            </div>
          </li>
        ))}
      </ul>
      <div className="actions">
        <Button small icon="plus" blocked={blocked} onClick={() => setOpened('add')}>
          {t('vault.addSlot')}
        </Button>
        {!shut && slots.some(({ opens }) => opens === 'ask') && (
          <Button small onClick={() => setOpened('enter')}>
            {t('vault.trySlot')}
          </Button>
        )}
      </div>
      {opened === 'add' && <AddSlot onClose={close} />}
      {opened === 'enter' && <Enter slots={slots} onClose={close} />}
      {opened !== null && typeof opened === 'object' && <RemoveSlot slot={opened} onClose={close} />}
    </section>
  );
}

function Enter({ slots, onClose }: { slots: readonly KeySlot[]; onClose: () => void }) {
  const status = useCall('vault.status', {}).data;
  return (
    <Panel
      open
      title={t('vault.tryTitle')}
      lead={t('vault.tryLead')}
      onClose={onClose}
      footer={<Button onClick={onClose}>{t('action.close')}</Button>}
    >
      {status && (
        <Unlock status={status} slots={slots.filter(({ opens }) => opens === 'ask')} onDone={onClose} />
      )}
    </Panel>
  );
}

function RemoveSlot({ slot, onClose }: { slot: KeySlot; onClose: () => void }) {
  const notify = useNotify();
  const remove = useAction((client) => client.vault.removeSlot({ id: slot.id }));
  const done = useWhileThere(onClose);
  const confirm = async () => {
    if (!(await remove.run())) return;
    done();
    notify.done(t('vault.removedSlotToast'));
  };
  return (
    <Confirm
      open
      danger
      title={t('vault.removeSlotTitle')}
      confirm={t('vault.removeSlotConfirm')}
      busy={remove.busy}
      onClose={onClose}
      onConfirm={() => void confirm()}
    >
      <p>{t('vault.removeSlotText', { name: slotName(slot) })}</p>
      {remove.error && <ErrorNotice error={remove.error} urgent />}
    </Confirm>
  );
}

function AddSlot({ onClose }: { onClose: () => void }) {
  const notify = useNotify();
  const [to, setTo] = useState<Way>('recovery');
  const [file, setFile] = useState('');
  const add = useAction((client, signal) =>
    client.vault.addSlot(to === 'key_file' ? { to, file: file.trim() } : { to }, { signal }),
  );
  const done = useWhileThere(onClose);
  const submit = async (): Promise<void> => {
    if (!(await add.run())) return;
    done();
    notify.done(t('vault.addedSlotToast'));
  };
  const ways: readonly Way[] = ['recovery', 'passphrase', 'keychain', 'key_file'];
  return (
    <Panel
      open
      title={t('vault.addSlotTitle')}
      lead={t('vault.addSlotLead')}
      onClose={onClose}
      onSubmit={() => void submit()}
      footer={
        <>
          <Button onClick={add.busy ? add.cancel : onClose}>{t('action.cancel')}</Button>
          <Button tone="primary" type="submit" busy={add.busy}>
            {t('vault.addSlotConfirm')}
          </Button>
        </>
      }
    >
      <div className="form">
        <RadioField<Way>
          legend={t('vault.openWith')}
          value={to}
          onChange={setTo}
          options={ways.map((value) => ({
            value,
            label: t(`vault.way.${value}`),
            help: t(`vault.wayHelp.${value}`),
          }))}
        />
        {to === 'passphrase' && <TypedOutside>{t('vault.newPassphraseHelp')}</TypedOutside>}
        {to === 'key_file' && (
          <TextField
            label={t('vault.keyFile')}
            help={t('vault.keyFileHelp')}
            value={file}
            onChange={setFile}
            spellCheck={false}
          />
        )}
        {to === 'recovery' && (
          <Note tone="info">
            <p>{t('vault.recoveryShown')}</p>
          </Note>
        )}
        <Waiting error={add.error} />
        <OtherError error={add.error} />
      </div>
    </Panel>
  );
}
