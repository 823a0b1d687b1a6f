import { Fragment } from 'react';
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

const instants = /(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?Z)/;

/** A text of the core or the database, with the instants in it as people say them. */
export function TextWithTimes({ text }: { text: string }) {
  let at = 0;
  return text.split(instants).map((part) => {
    at += part.length + 1;
    return <Fragment key={at}>{instants.test(part) ? <Time at={part} form="moment" /> : part}</Fragment>;
  });
}
