import { useEffect, useState } from 'react';
import { t } from '../i18n/index.ts';
import { Button, IconButton } from './button.tsx';

function useCopy(text: string): [copied: boolean, copy: () => void] {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return undefined;
    const timer = setTimeout(() => setCopied(false), 2000);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = () => {
    void copyText(text).then(setCopied);
  };
  return [copied, copy];
}

export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Permission to use the clipboard is refused in hardened windows; the old command needs none.
    return copyBySelection(text);
  }
}

function copyBySelection(text: string): boolean {
  const area = document.createElement('textarea');
  area.value = text;
  area.className = 'visually-hidden';
  const host = document.activeElement?.closest('[role="dialog"]') ?? document.body;
  const focused = document.activeElement;
  host.append(area);
  area.select();
  const done = document.execCommand('copy');
  area.remove();
  if (focused instanceof HTMLElement) focused.focus();
  return done;
}

export function CopyButton({ text, label }: { text: string; label: string }) {
  const [copied, copy] = useCopy(text);
  return (
    <IconButton icon={copied ? 'check' : 'copy'} label={copied ? t('action.copied') : label} onClick={copy} />
  );
}

export function CopyTextButton({ text, label }: { text: string; label: string }) {
  const [copied, copy] = useCopy(text);
  return (
    <Button icon={copied ? 'check' : 'copy'} onClick={copy}>
      {copied ? t('action.copied') : label}
    </Button>
  );
}
