import { type RefObject, useEffect, useMemo, useRef } from 'react';
import type { WireError } from '../preload/contract/errors.ts';
import type { Said } from '../preload/contract/said.ts';
import { focusFirstInvalid } from './focus.ts';
import { messageOf, sentence } from './i18n/sentence.ts';

export interface Refusal<F extends string> {
  /** What is wrong with fields that the form has. */
  readonly fields: Partial<Record<F, string>>;
  /** What the form has no field for; null when every part of the message found its field. */
  readonly rest: WireError | null;
}

function capital(text: string): string {
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

/** Parts what is wrong with an input by the fields of a form; what has no field there is told above it. */
export function takeApart<F extends string>(
  error: WireError,
  names: Readonly<Record<string, F>>,
): Refusal<F> {
  if (error.code === 'NAME_TAKEN' && names['name'] !== undefined) {
    return { fields: { [names['name']]: messageOf(error) } as Partial<Record<F, string>>, rest: null };
  }
  if (error.code !== 'INPUT_INVALID' || !error.fields?.length) return { fields: {}, rest: error };
  const fields: Partial<Record<F, string>> = {};
  const others: Said[] = [];
  for (const { path, said } of error.fields) {
    const field = fieldOf(path, names);
    const why = sentence(said);
    if (field !== undefined && why !== '') fields[field] ??= capital(why);
    else others.push(path === '' ? said : { id: 'common.field', params: { path, why: said } });
  }
  const [first, ...more] = others;
  if (first === undefined) return { fields, rest: null };
  const said = more.reduce<Said>(
    (before, after) => ({ id: 'common.problems', params: { first: before, others: after } }),
    first,
  );
  return { fields, rest: { ...error, said } };
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
