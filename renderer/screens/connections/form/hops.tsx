import { Button, IconButton } from '../../../components/button.tsx';
import { RadioField, SelectField, TextField } from '../../../components/fields.tsx';
import { Icon } from '../../../components/icons.tsx';
import { KeyField } from '../../../components/pem-fields.tsx';
import { t } from '../../../i18n/index.ts';
import { type HopDraft, mostHops, newHop, type Problems } from './draft.ts';

const auths = ['agent', 'key', 'password'] as const;

interface HopsProps {
  readonly hops: readonly HopDraft[];
  readonly problems: Problems;
  readonly onChange: (hops: readonly HopDraft[]) => void;
}

/** SSH servers on the way to the database, in their order. */
export function Hops({ hops, problems, onChange }: HopsProps) {
  const replace = (at: number, hop: HopDraft) => onChange(hops.map((each, n) => (n === at ? hop : each)));
  const move = (at: number, by: -1 | 1) => {
    const next = [...hops];
    const [hop] = next.splice(at, 1);
    if (hop) next.splice(at + by, 0, hop);
    onChange(next);
  };
  return (
    <>
      <p className="field-help">{t('hop.lead')}</p>
      {problems['ssh'] !== undefined && (
        <p className="field-error" role="alert">
          <Icon name="failed" size={14} />
          {problems['ssh']}
        </p>
      )}
      <ol className="hops">
        {hops.map((hop, at) => (
          <li key={hop.key} className="hop">
            <div className="hop-head">
              <h4>{t('hop.title', { n: at + 1 })}</h4>
              <div className="actions">
                {at > 0 && (
                  <IconButton
                    icon="chevronUp"
                    label={t('hop.up', { n: at + 1 })}
                    onClick={() => move(at, -1)}
                  />
                )}
                {at < hops.length - 1 && (
                  <IconButton
                    icon="chevronDown"
                    label={t('hop.down', { n: at + 1 })}
                    onClick={() => move(at, 1)}
                  />
                )}
                <IconButton
                  icon="trash"
                  label={t('hop.remove', { n: at + 1 })}
                  onClick={() => onChange(hops.filter((each) => each !== hop))}
                />
              </div>
            </div>
            <Hop hop={hop} at={at} problems={problems} onChange={(next) => replace(at, next)} />
          </li>
        ))}
      </ol>
      <div className="actions">
        <Button
          small
          icon="plus"
          blocked={hops.length >= mostHops ? t('hop.most') : undefined}
          onClick={() => onChange([...hops, newHop()])}
        >
          {t('hop.add')}
        </Button>
      </div>
      {hops.length > 0 && <p className="field-help">{t('hop.hostKeyHelp')}</p>}
    </>
  );
}

interface HopProps {
  readonly hop: HopDraft;
  readonly at: number;
  readonly problems: Problems;
  readonly onChange: (hop: HopDraft) => void;
}

function Hop({ hop, at, problems, onChange }: HopProps) {
  const n = at + 1;
  const problem = (field: string) => problems[`ssh.${at}.${field}`];
  const set = (change: Partial<HopDraft>) => onChange({ ...hop, ...change });
  const keeps = hop.stored === hop.auth;
  const kept = keeps ? { placeholder: t('connections.storedHint') } : {};
  return (
    <>
      <div className="field-row field-row-host">
        <TextField
          label={t('hop.host', { n })}
          value={hop.host}
          onChange={(host) => set({ host })}
          error={problem('host')}
        />
        <TextField
          label={t('connections.port')}
          aria-label={t('hop.port', { n })}
          inputMode="numeric"
          value={hop.port}
          onChange={(port) => set({ port })}
          error={problem('port')}
        />
      </div>
      <div className="field-row">
        <TextField
          label={t('hop.user', { n })}
          value={hop.user}
          onChange={(user) => set({ user })}
          error={problem('user')}
        />
        <SelectField
          label={t('hop.auth')}
          value={hop.auth}
          onChange={(auth) => set({ auth: auth as HopDraft['auth'] })}
          options={auths.map((value) => ({ value, label: t(`hop.auth.${value}`) }))}
        />
      </div>
      {hop.auth === 'agent' && (
        <>
          <p className="field-help">{t('hop.authHelp.agent')}</p>
          <TextField
            label={t('hop.agentSocket', { n })}
            optional
            help={t('hop.agentSocketHelp')}
            translate="no"
            value={hop.agentSocket}
            onChange={(agentSocket) => set({ agentSocket })}
            error={problem('agentSocket')}
          />
          <TextField
            label={t('hop.agentKey', { n })}
            optional
            help={t('hop.agentKeyHelp')}
            translate="no"
            value={hop.agentKey}
            onChange={(agentKey) => set({ agentKey })}
            error={problem('agentKey')}
          />
        </>
      )}
      {hop.auth === 'key' && (
        <>
          <RadioField
            legend={t('hop.keyFrom')}
            value={hop.keyFrom}
            onChange={(keyFrom) => set({ keyFrom })}
            options={[
              { value: 'file', label: t('hop.keyFrom.file') },
              { value: 'vault', label: t('hop.keyFrom.vault') },
            ]}
          />
          {hop.keyFrom === 'file' ? (
            <TextField
              label={t('hop.keyFile')}
              help={t('hop.keyFileHelp')}
              translate="no"
              value={hop.keyFile}
              onChange={(keyFile) => set({ keyFile })}
              error={problem('keyFile')}
            />
          ) : (
            <KeyField
              label={t('hop.key')}
              value={hop.privateKey}
              stored={keeps}
              onChange={(privateKey) => set({ privateKey })}
              error={problem('key')}
            />
          )}
          <TextField
            label={t('hop.keyPassphrase')}
            optional
            help={t('connections.passphraseHelp')}
            type="password"
            autoComplete="new-password"
            value={hop.keyPassphrase}
            onChange={(keyPassphrase) => set({ keyPassphrase })}
            error={problem('keyPassphrase')}
            {...kept}
          />
        </>
      )}
      {hop.auth === 'password' && (
        <TextField
          label={t('hop.password')}
          type="password"
          autoComplete="new-password"
          value={hop.password}
          onChange={(password) => set({ password })}
          error={problem('password')}
          {...kept}
        />
      )}
    </>
  );
}
