import { hexId } from '../shared/random.ts';
import type { World } from './generated-common.ts';
import { FORM_KINDS } from './generated-forms.ts';
import { OPTIONS, QUESTIONS } from './generated-questions.ts';
import type { Json, JsonObject } from './types.ts';

type Language = 'en' | 'fr' | 'hi';

/** The two applications of a generated domain: their names, and their languages with the default first. */
const APPS: readonly { readonly name: string; readonly languages: readonly Language[] }[] = [
  { name: 'Community health', languages: ['en', 'fr'] },
  { name: 'शिशु देखभाल', languages: ['hi', 'en'] },
];

/** What the modules and forms are called; the generated kinds of forms, in their order, stand in these. */
const NAMES: readonly { readonly module: Names; readonly form: Names; readonly type: string }[] = [
  {
    module: { en: 'Households', fr: 'Ménages' },
    form: { en: 'Household visit', fr: 'Visite du ménage' },
    type: 'patient',
  },
  {
    module: { en: 'Pregnancy', fr: 'Grossesse' },
    form: { en: 'Antenatal visit', fr: 'Visite prénatale' },
    type: 'patient',
  },
  {
    module: { hi: 'शिशु', en: 'Infants' },
    form: { hi: 'शिशु पंजीकरण', en: 'Infant registration' },
    type: 'patient',
  },
  {
    module: { hi: 'परिवार', en: 'Households' },
    form: { hi: 'घर का दौरा', en: 'Household visit' },
    type: 'village',
  },
];
type Names = Readonly<Partial<Record<Language, string>>>;

const PROPERTIES: Readonly<Record<string, readonly string[]>> = {
  patient: ['dob', 'last_visit', 'name', 'phone_number', 'sex', 'symptoms', 'visits', 'weight'],
  village: ['district_code', 'gps', 'name', 'population', 'visits'],
};

/**
 * The applications of a generated domain as `/application/v1/` shows them (§3.4), describing the forms that are
 * submitted there. The first has a module that HQ can not read; deleted ones are missing.
 */
export function generatedApplications(world: World): JsonObject[] {
  return APPS.flatMap((_, index) =>
    world.spec.deletedApplications?.includes(index) === true ? [] : [application(world, index)],
  );
}

function application(world: World, index: number): JsonObject {
  const { name, languages } = APPS[index] ?? { name: '', languages: [] };
  const id = world.apps[index]?.id ?? '';
  const kinds = FORM_KINDS.flatMap(({ app }, kind) => (app === index ? [kind] : []));
  const broken: JsonObject[] =
    index === 0
      ? [{ error: "Error in form \"Référence\": 'NoneType' object has no attribute 'attrib'" }]
      : [];
  return {
    id,
    name,
    version: 16 + 30 * index,
    is_released: false,
    built_on: null,
    build_comment: null,
    built_from_app_id: null,
    modules: [...kinds.map((kind) => module(id, kind, languages)), ...broken],
    versions: [16, 12].map((version, at) => ({
      id: at === 0 ? (world.apps[index]?.build ?? '') : hexId(`${id}/build/${version}`),
      built_on: `2025-0${2 - at}-01T00:00:00.000000Z`,
      build_comment: at === 0 ? '' : 'first',
      is_released: at === 0,
      version,
    })),
    resource_uri: '',
  };
}

function module(app: string, kind: number, languages: readonly Language[]): JsonObject {
  const names = NAMES[kind] ?? { module: {}, form: {}, type: '' };
  return {
    name: { ...names.module },
    case_type: names.type,
    case_properties: [...(PROPERTIES[names.type] ?? [])],
    unique_id: hexId(`${app}/module/${kind}`),
    forms: [
      {
        xmlns: FORM_KINDS[kind]?.xmlns ?? '',
        name: { ...names.form },
        questions: questions(kind, languages),
        unique_id: hexId(`${app}/form/${kind}`),
      },
    ],
  };
}

function questions(kind: number, languages: readonly Language[]): JsonObject[] {
  const all = QUESTIONS[kind] ?? [];
  const above = (path: string, tags: readonly string[]): string | null => {
    const found = all
      .filter(([other, tag]) => tags.includes(tag) && path.startsWith(`${other}/`))
      .map(([other]) => other);
    const nearest = found.sort((a, b) => b.length - a.length)[0];
    return nearest === undefined ? null : `/data/${nearest}`;
  };
  return all.map(([path, tag, en, fr = '', hi = '']) => {
    const value = `/data/${path}`;
    const labels: Readonly<Record<Language, string>> = { en, fr, hi };
    const translations = Object.fromEntries(
      languages.map((language) => [language, labels[language]] as const).filter(([, text]) => text !== ''),
    );
    // A hidden value has no label: HQ shows its path instead.
    const label = tag === 'hidden' ? value : (Object.values(translations)[0] ?? '');
    const options = OPTIONS[path];
    return {
      label,
      label_ref: tag === 'hidden' ? null : `${path}-label`,
      tag,
      value,
      repeat: above(path, ['repeat']),
      group: above(path, ['group', 'repeat']),
      type: TYPES[tag] ?? 'Text',
      relevant: null,
      required: path === 'consent',
      constraint: null,
      comment: null,
      setvalue: null,
      is_group: tag === 'group' || tag === 'repeat',
      ...(tag === 'hidden' ? {} : { translations: translations as Json }),
      ...(options === undefined
        ? {}
        : {
            options: options.map(([choice, text]) => ({
              label: text,
              value: choice,
              translations: { en: text },
            })),
          }),
    };
  });
}

const TYPES: Readonly<Record<string, string>> = {
  select: 'MSelect',
  select1: 'Select',
  group: 'Group',
  repeat: 'Repeat',
  upload: 'Image',
  trigger: 'Trigger',
  hidden: 'DataBindOnly',
};
