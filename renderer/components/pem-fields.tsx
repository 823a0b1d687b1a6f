import { type ChangeEvent, useRef, useState } from 'react';
import { t } from '../i18n/index.ts';
import { Button } from './button.tsx';
import { Field, TextArea } from './fields.tsx';
import { Icon } from './icons.tsx';

/** No certificate chain and no key is larger; what is, is another file. */
const largestFile = 256 * 1024;

interface FileProps {
  readonly accept?: string;
  readonly label: string;
  readonly onText: (text: string) => void;
}

/** Takes the text of a file; the file itself stays where it is. */
function FileButton({
  label,
  onText,
  accept = '.pem,.crt,.cer,.key,.txt,application/x-pem-file',
}: FileProps) {
  const input = useRef<HTMLInputElement>(null);
  const [problem, setProblem] = useState<string>();
  const take = async (event: ChangeEvent<HTMLInputElement>) => {
    const file = event.target.files?.[0];
    // The same file can be chosen again after it was changed.
    event.target.value = '';
    if (!file) return;
    if (file.size > largestFile) return setProblem(t('pem.tooLarge'));
    setProblem(undefined);
    onText(await file.text());
  };
  return (
    <div className="actions">
      <input ref={input} type="file" hidden accept={accept} onChange={(event) => void take(event)} />
      <Button small aria-label={t('pem.chooseOf', { label })} onClick={() => input.current?.click()}>
        {t('pem.choose')}
      </Button>
      {problem !== undefined && (
        <span className="field-error" role="alert">
          {problem}
        </span>
      )}
    </div>
  );
}

interface PemProps {
  readonly label: string;
  readonly help: string;
  readonly optional?: boolean;
  readonly value: string;
  readonly error?: string | undefined;
  readonly onChange: (text: string) => void;
}

/** A certificate: pasted, or read from a file. */
export function CertificateField({ label, help, optional, value, error, onChange }: PemProps) {
  return (
    <div className="stack-tight">
      <TextArea
        label={label}
        help={help}
        optional={optional ?? false}
        value={value}
        onChange={onChange}
        error={error}
        placeholder="-----BEGIN CERTIFICATE-----"
        translate="no"
      />
      <FileButton label={label} onText={onChange} />
    </div>
  );
}

interface SecretFileProps extends Omit<PemProps, 'optional'> {
  /** What is said of one that is there; null while there is none. */
  readonly ready: string | null;
  readonly accept?: string;
  readonly placeholder: string;
}

/** A secret that comes as a file: pasted or read from it; once it is there, only that it is there is shown. */
export function SecretFileField(props: SecretFileProps) {
  const { label, help, ready, accept, placeholder, value, error, onChange } = props;
  if (ready !== null && error === undefined) {
    return (
      <div className="field">
        <p className="field-label">{label}</p>
        <p className="key-ready">
          <Icon name="lock" size={14} />
          <span>{ready}</span>
        </p>
        <div className="actions">
          <Button small tone="quiet" onClick={() => onChange('')}>
            {t('key.remove')}
          </Button>
        </div>
      </div>
    );
  }
  return (
    <div className="stack-tight">
      <Field label={label} help={help} error={error}>
        {(wiring) => (
          <textarea
            {...wiring}
            className="input input-secret"
            rows={2}
            spellCheck={false}
            autoComplete="off"
            translate="no"
            placeholder={placeholder}
            value={value}
            onChange={(event) => onChange(event.target.value)}
          />
        )}
      </Field>
      <FileButton label={label} onText={onChange} {...(accept === undefined ? {} : { accept })} />
    </div>
  );
}

interface KeyProps extends Omit<PemProps, 'help' | 'optional'> {
  readonly stored: boolean;
}

/** A private key: once it is there, only that it is there is shown. */
export function KeyField({ label, value, stored, error, onChange }: KeyProps) {
  return (
    <SecretFileField
      label={label}
      help={stored ? t('key.stored') : t('key.paste')}
      ready={value.includes('PRIVATE KEY-----') ? t('key.ready') : null}
      placeholder={stored ? t('connections.storedHint') : '-----BEGIN PRIVATE KEY-----'}
      value={value}
      error={error}
      onChange={onChange}
    />
  );
}
