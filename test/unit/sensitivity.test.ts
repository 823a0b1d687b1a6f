import { describe, expect, it } from 'vitest';
import { createSuggestions, tokensOf } from '../../main/dictionary/suggest.ts';
import { type Sensitivity, sensitivities } from '../../preload/contract/models.ts';
import { labelled, unseen } from './sensitivity-names.ts';

const suggest = createSuggestions();
const of = (
  name: string,
  more: { label?: string; type?: string; description?: string } = {},
): Sensitivity[] =>
  suggest({ name, type: 'text', label: null, sourcePath: null, description: null, ...more });
const asked = (label: string): Sensitivity[] => of('q1', { label });

describe('on names of real columns', () => {
  const measured = (names: Readonly<Record<Sensitivity | 'none', readonly string[]>>, kind: Sensitivity) => {
    const all = Object.values(names).flat();
    const wanted: ReadonlySet<string> = new Set(names[kind]);
    const found = all.filter((name) => of(name).includes(kind));
    const right = found.filter((name) => wanted.has(name));
    return {
      precision: right.length / found.length,
      recall: right.length / wanted.size,
      wrong: found.filter((name) => !wanted.has(name)),
      missed: [...wanted].filter((name) => !found.includes(name)),
    };
  };

  it('there are enough of them, each labelled once for itself', () => {
    const all = Object.values(labelled).flat();
    expect(new Set(all).size).toBeGreaterThanOrEqual(150);
    expect(new Set(all).size).toBe(all.length);
  });

  it.each([
    ['personal', 0.89, 0.94, labelled],
    ['location', 0.8, 0.9, labelled],
    ['health', 0.9, 0.85, labelled],
    ['personal', 0.95, 0.88, unseen],
    ['location', 0.95, 0.77, unseen],
    ['health', 0.92, 0.75, unseen],
  ] as const)(
    '%s is suggested with a precision of %f and a recall of %f at least',
    (kind, precision, recall, names) => {
      const found = measured(names, kind);
      const told = `${kind} ${JSON.stringify(found)}`;
      expect(found.precision, told).toBeGreaterThanOrEqual(precision);
      expect(found.recall, told).toBeGreaterThanOrEqual(recall);
    },
  );
});

describe('words', () => {
  it.each([
    ['deviceID', ['device', 'id']],
    ['HTTPServer2Name', ['http', 'server', '2', 'name']],
    ['Âge de l’élève', ['age', 'de', 'l', 'eleve']],
    ['patient_number-padded', ['patient', 'number', 'padded']],
    ['मरीज़ का नाम', ['मरीज', 'का', 'नाम']],
    ['', []],
  ])('of %j are %j', (text, words) => {
    expect(tokensOf(text)).toEqual(words);
  });

  it.each([
    ['message', 'age'],
    ['latrine', 'lat'],
    ['latest', 'lat'],
    ['template', 'temp'],
    ['sexagenary', 'sex'],
    ['villager_count_method', 'village'],
    ['longest', 'long'],
    ['stipend', 'sti'],
    ['prepay', 'prep'],
    ['form_name', 'name'],
    ['file_name', 'name'],
    ['domain', 'name'],
    ['country_code_of_server', 'nothing personal'],
  ])('are whole: %s is not sensitive for its %s', (name) => {
    expect(of(name).filter((tag) => tag !== 'location' || !name.startsWith('country'))).toEqual([]);
  });

  it.each<[string, Sensitivity]>([
    ['What is the name of the mother?', 'personal'],
    ['Quel est le nom de l’enfant ?', 'personal'],
    ['¿Cuál es el nombre del niño?', 'personal'],
    ['Nome da criança', 'personal'],
    ['बच्चे का नाम', 'personal'],
    ['bachche ka naam', 'personal'],
    ['Date de naissance', 'personal'],
    ['Teléfono de contacto', 'personal'],
    ['मोबाइल नंबर', 'personal'],
    ['Village', 'location'],
    ['Nom du village', 'location'],
    ['Dirección de la casa', 'location'],
    ['Endereço', 'location'],
    ['गाँव का नाम', 'location'],
    ['gaon', 'location'],
    ['Is the woman pregnant?', 'health'],
    ['La femme est-elle enceinte ?', 'health'],
    ['¿Está embarazada?', 'health'],
    ['A mulher está grávida?', 'health'],
    ['क्या महिला गर्भवती है?', 'health'],
    ['kya mahila garbhvati hai', 'health'],
    ['Pressão arterial', 'health'],
    ['Température', 'health'],
  ])('in %j say %s', (label, tag) => {
    expect(asked(label)).toContain(tag);
  });

  it('go by the type too, and by what is known of the values', () => {
    expect(of('phone_number', { type: 'boolean' })).toEqual([]);
    expect(of('pregnant', { type: 'boolean' })).toEqual(['health']);
    expect(of('where', { description: 'GPS point: latitude, longitude, altitude, accuracy' })).toEqual([
      'location',
    ]);
    expect(of('raw', { type: 'jsonb', label: 'patient name' })).toEqual([]);
    expect(sensitivities.length).toBe(3);
  });
});
