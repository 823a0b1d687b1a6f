import { Icon, type IconName, Spinner } from './icons.tsx';

export type Tone = 'ok' | 'warn' | 'bad' | 'info' | 'held' | 'muted';

interface StatusProps {
  readonly tone: Tone;
  readonly icon: IconName | 'spinner';
  readonly children: string;
}

/** A state: always icon, word and colour together. */
export function Status({ tone, icon, children }: StatusProps) {
  return (
    <span className={`status tone-${tone}`}>
      {icon === 'spinner' ? <Spinner size={14} /> : <Icon name={icon} size={14} />}
      <span>{children}</span>
    </span>
  );
}

export function Tag({ tone = 'muted', children }: { tone?: Tone; children: string }) {
  return <span className={`tag tone-${tone}`}>{children}</span>;
}
