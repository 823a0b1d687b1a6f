import { describe, expect, it } from 'vitest';
import { fieldsIn } from '../../main/connectors/odk-central/metadata.ts';
import { household } from '../simulators/odk-central/forms.ts';
import { metadataOf } from '../simulators/odk-central/metadata.ts';

/* What the metadata of an OData feed says of a form's fields. */

const typesOf = (xml: string): Record<string, string> =>
  Object.fromEntries(fieldsIn(xml, 'F').map(({ path, type }) => [path.join('.'), type]));

const wrapped = (types: string): string =>
  `<?xml version="1.0"?><edmx:Edmx xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx"><edmx:DataServices>
   <Schema Namespace="a.b" xmlns="http://docs.oasis-open.org/odata/ns/edm">${types}</Schema></edmx:DataServices></edmx:Edmx>`;

describe('metadata of a feed', () => {
  it('has groups, repeats and types, each repeat before what is in it', () => {
    const xml = metadataOf('house hold', household);
    expect(typesOf(xml)).toMatchObject({
      __id: 'text',
      '__system.submissionDate': 'timestamptz',
      '__system.edits': 'bigint',
      '__system.reviewState': 'text',
      'meta.instanceID': 'text',
      visited_on: 'date',
      began: 'timestamptz',
      place: 'json',
      'household.size': 'bigint',
      'household.income': 'numeric',
      'household.member': 'repeat',
      'household.member.age': 'bigint',
      'household.member.vaccination': 'repeat',
      'household.member.vaccination.on': 'date',
    });
    const order = fieldsIn(xml, 'F').map(({ path }) => path.join('.'));
    expect(order.indexOf('household.member')).toBeLessThan(order.indexOf('household.member.age'));
    // The keys of parents stand in tables of repeats, not in the repeats of a record.
    expect(order.filter((name) => name.endsWith('-id'))).toEqual([]);
  });

  it('is read whatever its quotes, prefixes, comments and entities', () => {
    const types = `<!-- <Property Name="no" Type="Edm.Date"/> -->
      <d:EntityType Name='Submissions'><Property Name='a&amp;b' Type='Edm.Boolean'/><Property Type="Edm.Double" Name="x&#x41;>y"/>
      <Property Name="list" Type="Collection(Edm.String)"/><Property Name="untyped"/></d:EntityType>`;
    expect(typesOf(wrapped(types))).toEqual({
      'a&b': 'boolean',
      'xA>y': 'numeric',
      list: 'json',
      untyped: 'text',
    });
  });

  it('that is cut off is no form with fewer questions', () => {
    const xml = metadataOf('h', household).trimEnd();
    for (const length of [0, 40, xml.length / 2, xml.length - 3])
      expect(() => fieldsIn(xml.slice(0, length), 'F')).toThrow(SyntaxError);
  });

  it('without submissions is asked for again', () => {
    expect(() => fieldsIn(wrapped('<EntityType Name="Other"/>'), 'F')).toThrow(
      expect.objectContaining({ code: 'SOURCE_BAD_ANSWER' }),
    );
  });

  it('of a type in itself comes to an end', () => {
    const types =
      '<EntityType Name="Submissions"><Property Name="g" Type="a.b.g"/></EntityType>' +
      '<ComplexType Name="g"><Property Name="t" Type="Edm.String"/><Property Name="g" Type="a.b.g"/></ComplexType>';
    const fields = fieldsIn(wrapped(types), 'F');
    expect(fields.length).toBeLessThan(50);
    expect(fields[0]?.path).toEqual(['g', 't']);
    // Also where each level has several of it and nothing else: as many as there are levels, to the power of two.
    const empty =
      '<EntityType Name="Submissions"><Property Name="g" Type="a.b.g"/></EntityType>' +
      '<ComplexType Name="g"><Property Name="g" Type="a.b.g"/><Property Name="h" Type="a.b.g"/></ComplexType>';
    expect(fieldsIn(wrapped(empty), 'F')).toEqual([]);
  });
});
