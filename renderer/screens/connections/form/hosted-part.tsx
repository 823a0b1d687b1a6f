import { Button } from '../../../components/button.tsx';
import { Note } from '../../../components/error-notice.tsx';
import { SelectField } from '../../../components/fields.tsx';
import { t } from '../../../i18n/index.ts';
import { tlsModes } from '../options.ts';
import type { Draft } from './draft.ts';
import { type Hosted, type HostedHint, hostedOf, hostedServices, withHosted } from './hosted.ts';

interface HostedProps {
  readonly draft: Draft;
  readonly set: (change: Partial<Draft>) => void;
}

const nameOf = ({ title, kind }: Hosted): string =>
  kind === undefined ? title : t('hosted.title', { title, kind: t(`hosted.kind.${kind}`) });

/** Who runs the server: chosen, it fills in what is the same for everybody there; nothing for what nobody runs for others. */
export function HostedChoice({ draft, set }: HostedProps) {
  const services = hostedServices.filter(({ engine }) => engine === draft.engine);
  if (services.length === 0) return null;
  return (
    <SelectField
      name="hosted"
      label={t('hosted.label')}
      value={hostedOf(draft)?.id ?? ''}
      onChange={(id) => set(withHosted(draft, id))}
      options={[
        { value: '', label: t('hosted.own') },
        ...services.map((each) => ({ value: each.id, label: nameOf(each) })),
      ]}
    />
  );
}

/** Where one's own is found at the service, and what to watch for; `named`: which service it is is not said beside it. */
export function HostedHints({ draft, set, named }: HostedProps & { readonly named: boolean }) {
  const hosted = hostedOf(draft);
  if (!hosted) return null;
  const { users, tlsMode } = hosted;
  const wrongUser = users !== undefined && draft.user !== '' && !users.pattern.test(draft.user);
  // The safest comes first.
  const weaker = tlsModes.indexOf(draft.tlsMode) > tlsModes.indexOf(tlsMode);
  const words = ({ name, place = '' }: HostedHint): string =>
    t(`hosted.${name}`, { place, title: hosted.title, example: users?.example ?? '' });
  return (
    <Note tone={wrongUser ? 'warn' : 'info'}>
      {named && (
        <p className="notice-title" translate="no">
          {nameOf(hosted)}
        </p>
      )}
      <ul className="hosted-hints">
        {hosted.hints.map((hint) => (
          <li key={hint.name}>
            {hint.name === 'user' && wrongUser ? <strong>{words(hint)}</strong> : words(hint)}
          </li>
        ))}
      </ul>
      {weaker && (
        <div className="actions">
          <Button small icon="shield" onClick={() => set({ tlsMode })}>
            {t('hosted.useTls', { mode: tlsMode })}
          </Button>
        </div>
      )}
    </Note>
  );
}
