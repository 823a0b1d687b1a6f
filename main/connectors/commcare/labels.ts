import type { AskContext, Choice, Description, ReadContext } from '../connector.ts';
import type { Value } from '../document.ts';
import { fetchApplications } from './applications.ts';
import { chosenList, chosenText } from './options.ts';

/** A label longer than this is cut; some questions carry pages of instructions. */
const longestLabel = 1000;

/** How well a text fits what was asked for; the smaller, the better. */
const Fit = { language: 0, first: 1, any: 2 } as const;

interface Text {
  readonly text: string;
  readonly fit: number;
  /** See {@link tagOf}; absent where the source does not say. */
  readonly lang?: string;
}

const clean = (text: string | undefined): string =>
  (text ?? '').replace(/\s+/gu, ' ').trim().slice(0, longestLabel);

/** The best of several texts; of equals the first. Null when all are empty. */
function best(texts: readonly Text[]): Text | null {
  const found = texts.filter(({ text }) => text !== '').sort((a, b) => a.fit - b.fit);
  return found[0] ?? null;
}

/** Texts of a dictionary by language, or of a plain text, which is in the application's first language. */
function textsOf(value: Value | undefined, language: string): Text[] {
  if (value?.kind === 'string') return [{ text: clean(value.text()), fit: Fit.first }];
  return (value?.keys() ?? []).map((key, at) => ({
    text: clean(value?.get(key)?.text()),
    fit: speaks(key, language) ? Fit.language : at === 0 ? Fit.first : Fit.any,
    ...tagOf(key),
  }));
}

/**
 * The language that an application calls so, as HTML has it: `fra` and `fr` are the same there, `pt_BR` has a dash. Nothing for
 * what is none, such as a name that somebody made up.
 */
function tagOf(key: string): { readonly lang?: string } {
  try {
    const [lang] = Intl.getCanonicalLocales(key.replaceAll('_', '-'));
    return lang === undefined ? {} : { lang };
  } catch {
    return {};
  }
}

/** Whether `key` is the language asked for; `fr` is also what somebody gets who asked for `fr-CA`. */
function speaks(key: string, language: string): boolean {
  const wanted = language.toLowerCase();
  return wanted !== '' && (key.toLowerCase() === wanted || key.toLowerCase() === wanted.split(/[-_]/)[0]);
}

interface FormOfApp {
  readonly app: Value;
  readonly module: Value;
  readonly form: Value;
  readonly xmlns: string;
}

/** Every form of some applications; a module that HQ could not read has none. */
function formsOf(applications: readonly Value[]): FormOfApp[] {
  return applications.flatMap((app) =>
    (app.get('modules')?.items() ?? []).flatMap((module) =>
      (module.get('forms')?.items() ?? []).flatMap((form) => {
        const xmlns = form.get('xmlns')?.text() ?? '';
        return xmlns === '' ? [] : [{ app, module, form, xmlns }];
      }),
    ),
  );
}

/**
 * Titles of forms and labels of their questions, and which of them are repeats, in the language asked for, else in the application's first, else in
 * any. Where several applications have a form, the better language counts, and of equals the application chosen for the
 * link.
 */
export async function describeForms(base: string, context: AskContext): Promise<Iterable<Description>> {
  const language = chosenText(context.options, 'language');
  const chosen = new Set(chosenList(context.options, 'app_id'));
  const { records } = await fetchApplications(base, context);
  const isChosen = (app: Value): boolean => chosen.has(app.get('id')?.text() ?? '');
  const ordered = [...records.filter(isChosen), ...records.filter((app) => !isChosen(app))];
  return describeEach(
    Map.groupBy(formsOf(ordered), ({ xmlns }) => xmlns),
    language,
  );
}

/** Goes from form to form, so that never more than the labels of one are in memory. */
function* describeEach(
  forms: ReadonlyMap<string, readonly FormOfApp[]>,
  language: string,
): Generator<Description, void> {
  for (const [xmlns, same] of forms) {
    const found = new Map<string, Description & { fit: number }>();
    const repeats = new Map<string, readonly string[]>();
    const tell = (path: readonly string[], text: Text | null): void => {
      if (text === null) return;
      const key = JSON.stringify(path);
      const known = found.get(key);
      if (known !== undefined && known.fit <= text.fit) return;
      found.set(key, { part: `form/${xmlns}`, path, ...text });
    };
    for (const { form } of same) {
      tell([], best(textsOf(form.get('name'), language)));
      for (const question of form.get('questions')?.items() ?? []) {
        const path = pathOf(question.get('value'));
        if (path.length > 0) tell(path, labelOf(question, language));
        for (const repeat of [
          question.get('tag')?.text() === 'repeat' ? path : [],
          pathOf(question.get('repeat')),
        ])
          if (repeat.length > 0) repeats.set(JSON.stringify(repeat), repeat);
      }
    }
    for (const [key, { part, path, text, lang }] of found)
      yield {
        ...{ part, path, text },
        ...(lang === undefined ? {} : { lang }),
        ...(repeats.delete(key) ? { repeats: true } : {}),
      };
    for (const path of repeats.values()) yield { part: `form/${xmlns}`, path, text: '', repeats: true };
  }
}

/** `/data/members/item/name` -> `members`, `item`, `name`: the first step is the form itself. */
function pathOf(value: Value | undefined): string[] {
  return (value?.text() ?? '').split('/').slice(2);
}

/** A question's label; null for hidden values, whose label HQ makes of their path. */
function labelOf(question: Value, language: string): Text | null {
  const label = question.get('label');
  const isPath = label?.text() === question.get('value')?.text();
  const translations = question.get('translations');
  const translated = (translations?.keys() ?? []).map((key) => ({
    text: clean(translations?.get(key)?.text()),
    fit: speaks(key, language) ? Fit.language : Fit.any,
    ...tagOf(key),
  }));
  const plain = isPath ? '' : clean(label?.text());
  // The label is in no language of its own; where a translation says the same, it is in that one.
  const lang = translated.find(({ text }) => text === plain)?.lang;
  return best([...translated, { text: plain, fit: Fit.first, ...(lang === undefined ? {} : { lang }) }]);
}

const titleOf = (value: Value | undefined): string => best(textsOf(value, ''))?.text ?? '';

/** What can be chosen: applications, their forms, case types and languages. What was deleted can't be. */
export async function commcareChoices(
  base: string,
  context: Omit<ReadContext, 'cursor' | 'options'>,
): Promise<Record<string, Choice[]>> {
  const { records } = await fetchApplications(base, context);
  const forms = new Map<string, string>();
  for (const { app, module, form, xmlns } of formsOf(records)) {
    const title = [app, module, form].map((value) => titleOf(value.get('name')) || '…').join(' › ');
    if (!forms.has(xmlns)) forms.set(xmlns, title);
  }
  const modules = records.flatMap((app) => app.get('modules')?.items() ?? []);
  const types = new Set(modules.map((module) => module.get('case_type')?.text() ?? ''));
  const languages = new Set(
    formsOf(records).flatMap(({ form }) => [
      ...(form.get('name')?.keys() ?? []),
      ...(form.get('questions')?.items() ?? []).flatMap((asked) => asked.get('translations')?.keys() ?? []),
    ]),
  );
  const plain = (values: Iterable<string>): Choice[] =>
    [...values]
      .filter((value) => value !== '')
      .sort()
      .map((value) => ({ value, label: value }));
  return {
    app_id: records.map((app) => {
      const value = app.get('id')?.text() ?? '';
      return { value, label: titleOf(app.get('name')) || value };
    }),
    xmlns: [...forms].map(([value, label]) => ({ value, label })),
    case_type: plain(types),
    language: plain(languages),
  };
}
