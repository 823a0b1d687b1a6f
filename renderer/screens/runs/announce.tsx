import { useEffect, useRef, useState } from 'react';
import type { Job } from '../../../preload/contract/models.ts';
import { t } from '../../i18n/index.ts';
import { jobSentence } from '../../watch/state.ts';

const every = 10_000;

/** Says the progress to screen readers at most every ten seconds; the gauges themselves stay silent. */
export function Announce({ jobs }: { jobs: readonly Job[] }) {
  const [text, setText] = useState('');
  const latest = useRef(jobs);
  useEffect(() => {
    latest.current = jobs;
  }, [jobs]);
  useEffect(() => {
    const timer = setInterval(() => {
      const now = Date.now();
      setText(
        latest.current
          .map((job) => t('sync.announce', { name: job.sourceName, state: jobSentence(job, now) }))
          .join(' '),
      );
    }, every);
    return () => clearInterval(timer);
  }, []);
  return (
    <p className="visually-hidden" role="status">
      {text}
    </p>
  );
}
