import { type RefObject, useEffect, useMemo, useRef } from 'react';
import type { WireError } from '../preload/contract/errors.ts';
import { focusFirstInvalid } from './focus.ts';

export interface Refusal<F extends string> {
  /** What is wrong with fields that the form has. */
  readonly fields: Partial<Record<F, string>>;
  /** What the form has no field for; null when every part of the message found its field. */
  readonly rest: WireError | null;
}

function sentence(text: string): string {
  const said = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(said) ? said : `${said}.`;
}

/** `names` knows the contract's paths; a part of a field (`readerRoles.2`) is shown at the field. */
function fieldOf<F extends string>(path: string, names: Readonly<Record<string, F>>): F | undefined {
  for (let left = path; left !== ''; left = left.includes('.') ? left.slice(0, left.lastIndexOf('.')) : '') {
    if (Object.hasOwn(names, left)) return names[left];
  }
  return undefined;
}

/** Takes apart what the main process says of an input: `name: at most 200 characters; baseUrl: must begin …`. */
export function takeApart<F extends string>(
  error: WireError,
  names: Readonly<Record<string, F>>,
): Refusal<F> {
  if (error.code === 'NAME_TAKEN' && names['name'] !== undefined) {
    return { fields: { [names['name']]: error.message } as Partial<Record<F, string>>, rest: null };
  }
  if (error.code !== 'INPUT_INVALID') return { fields: {}, rest: error };
  const fields: Partial<Record<F, string>> = {};
  const others: string[] = [];
  for (const part of error.message.split(/; (?=[\w.]+: )/)) {
    const [, path = '', reason = ''] = /^([\w.]+): (.+)$/s.exec(part) ?? [];
    const field = path === '' ? undefined : fieldOf(path, names);
    if (field === undefined) others.push(part);
    else fields[field] ??= sentence(reason);
  }
  return { fields, rest: others.length === 0 ? null : { ...error, message: others.join('; ') } };
}

/** Shows a refused input at the fields it is about, leads to the first, and answers what belongs above the form. */
export function useRefusal<F extends string>(
  error: WireError | undefined,
  names: Readonly<Record<string, F>>,
  show: (problems: Partial<Record<F, string>>) => void,
  form: RefObject<HTMLElement | null>,
): WireError | null {
  const known = JSON.stringify(names);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `known` stands for `names`, which is a new object each time
  const refusal = useMemo(() => (error ? takeApart(error, names) : null), [error, known]);
  const latest = useRef(show);
  latest.current = show;
  useEffect(() => {
    if (!refusal || Object.keys(refusal.fields).length === 0) return;
    latest.current(refusal.fields);
    focusFirstInvalid(form.current);
  }, [refusal, form]);
  return refusal?.rest ?? null;
}
