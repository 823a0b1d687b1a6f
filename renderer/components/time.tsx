import { formatAbsolute, formatMoment, formatRelative } from '../format.ts';
import { useNow } from '../hooks.ts';

interface TimeProps {
  readonly at: string;
  readonly form?: 'relative' | 'moment';
  /** The sentence around it, e.g. "Last used 3 min ago". */
  readonly say?: (time: string) => string;
}

/** The friendly time to read, the exact one with its zone to hover. */
export function Time({ at, form = 'relative', say = (time) => time }: TimeProps) {
  const now = useNow();
  return (
    <time dateTime={at} title={formatAbsolute(at)}>
      {say(form === 'relative' ? formatRelative(at, now) : formatMoment(at, now))}
    </time>
  );
}
