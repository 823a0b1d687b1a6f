import type { ClipboardEvent } from 'react';
import { useCall } from '../../../api.ts';
import { Note } from '../../../components/error-notice.tsx';
import { TextField } from '../../../components/fields.tsx';
import { t } from '../../../i18n/index.ts';
import type { Draft, Problems } from './draft.ts';

interface PartProps {
  readonly draft: Draft;
  readonly problems: Problems;
  readonly set: (change: Partial<Draft>) => void;
}

interface AddressProps extends PartProps {
  /** Fills the form from a whole URL that was pasted into the host; whether it was one. */
  readonly fill: (text: string) => boolean;
}

/** Where the database is. */
export function AddressPart({ draft, problems, set, fill }: AddressProps) {
  const paste = (event: ClipboardEvent) => {
    if (fill(event.clipboardData.getData('text'))) event.preventDefault();
  };
  return (
    <>
      <div className="field-row field-row-host">
        <TextField
          name="host"
          label={t('connections.host')}
          value={draft.host}
          onChange={(host) => set({ host })}
          onPaste={paste}
          error={problems['host']}
        />
        <TextField
          name="port"
          label={t('connections.port')}
          inputMode="numeric"
          value={draft.port}
          onChange={(port) => set({ port })}
          error={problems['port']}
        />
      </div>
      <TextField
        name="database"
        label={t('connections.database')}
        value={draft.database}
        onChange={(database) => set({ database })}
        error={problems['database']}
      />
    </>
  );
}

/** Who signs in; what is stored stays where nothing is entered. */
export function LoginPart({ draft, problems, set, stored }: PartProps & { readonly stored: boolean }) {
  const kept = stored ? { placeholder: t('connections.storedHint') } : {};
  return (
    <div className="stack-tight">
      <div className="field-row">
        <TextField
          name="user"
          label={t('connections.user')}
          value={draft.user}
          onChange={(user) => set({ user })}
          error={problems['user']}
          {...kept}
        />
        <TextField
          name="password"
          label={t('connections.password')}
          type="password"
          autoComplete="new-password"
          value={draft.password}
          onChange={(password) => set({ password })}
          error={problems['password']}
          {...kept}
        />
      </div>
      <SecretsKept />
    </div>
  );
}

/** Where the password is kept, as it is on this computer now. */
function SecretsKept() {
  const state = useCall('vault.status', {}).data?.state;
  if (state === 'session_only') {
    return (
      <Note tone="warn">
        <p>{t('connections.secretForgotten')}</p>
      </Note>
    );
  }
  return <p className="field-help">{t('connections.secretHelp')}</p>;
}
