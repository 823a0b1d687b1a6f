import type { Json } from '../shared/types.ts';
import type { Question } from './types.ts';

const edm: Readonly<Partial<Record<Question['type'], string>>> = {
  int: 'Edm.Int64',
  decimal: 'Edm.Decimal',
  date: 'Edm.Date',
  dateTime: 'Edm.DateTimeOffset',
  geopoint: 'Edm.GeographyPoint',
};

/** `$metadata` of a form's feed, as ODK Central writes it: groups are complex types, repeats types of entities. */
export function metadataOf(xmlFormId: string, questions: readonly Question[]): string {
  const namespace = `org.opendatakit.user.${xmlFormId.replace(/[^\w]/g, '_')}`;
  const types: string[] = [];
  const properties = (list: readonly Question[], table: string, path: string): string =>
    list
      .map(({ name, type, below = [] }) => {
        if (type === 'group') {
          types.push(
            `<ComplexType Name="${path}${name}">${properties(below, table, `${path}${name}.`)}</ComplexType>`,
          );
          return `<Property Name="${name}" Type="${namespace}.${path}${name}"/>`;
        }
        if (type === 'repeat') {
          const inner = `${table}.${path}${name}`;
          types.push(
            `<EntityType Name="${inner}"><Key><PropertyRef Name="__id"/></Key>` +
              `<Property Name="__id" Type="Edm.String"/><Property Name="__${table.replaceAll('.', '-')}-id" Type="Edm.String"/>` +
              `${properties(below, inner, `${path}${name}.`)}</EntityType>`,
          );
          return `<NavigationProperty Name="${name}" Type="Collection(${namespace}.${inner})"/>`;
        }
        return `<Property Name="${name}" Type="${edm[type] ?? 'Edm.String'}"/>`;
      })
      .join('\n        ');
  const own = properties(questions, 'Submissions', '');
  const system = ['submissionDate:DateTimeOffset', 'updatedAt:DateTimeOffset', 'deletedAt:DateTimeOffset']
    .concat([
      'submitterId:String',
      'submitterName:String',
      'attachmentsPresent:Int64',
      'attachmentsExpected:Int64',
    ])
    .concat(['deviceId:String', 'edits:Int64', 'formVersion:String'])
    .map((each) => {
      const [name, type] = each.split(':');
      return `<Property Name="${name}" Type="Edm.${type}"/>`;
    })
    .join('\n        ');
  return `<?xml version="1.0" encoding="UTF-8"?>
<edmx:Edmx xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx" Version="4.0">
  <edmx:DataServices>
    <Schema xmlns="http://docs.oasis-open.org/odata/ns/edm" Namespace="org.opendatakit.submission">
      <ComplexType Name="metadata">
        ${system}
        <Property Name="status" Type="org.opendatakit.submission.Status"/>
        <Property Name="reviewState" Type="org.opendatakit.submission.ReviewState"/>
      </ComplexType>
      <EnumType Name="Status"><Member Name="notDecrypted"/><Member Name="missingEncryptedFormData"/></EnumType>
      <EnumType Name="ReviewState"><Member Name="hasIssues"/><Member Name="edited"/><Member Name="approved"/></EnumType>
    </Schema>
    <Schema xmlns="http://docs.oasis-open.org/odata/ns/edm" Namespace="${namespace}">
      <EntityType Name="Submissions">
        <Key><PropertyRef Name="__id"/></Key>
        <Property Name="__id" Type="Edm.String"/>
        <Property Name="__system" Type="org.opendatakit.submission.metadata"/>
        ${own}
      </EntityType>
      ${types.join('\n      ')}
      <EntityContainer Name="${namespace}"><EntitySet Name="Submissions" EntityType="${namespace}.Submissions"/></EntityContainer>
    </Schema>
  </edmx:DataServices>
</edmx:Edmx>
`;
}

/** `fields?odata=true`: every question with its path, groups and repeats among them. */
export function fieldsOf(questions: readonly Question[], above = ''): Json[] {
  return questions.flatMap(({ name, type, below = [] }): Json[] => {
    const path = `${above}/${name}`;
    const kind = type === 'group' ? 'structure' : type === 'binary' ? 'binary' : type;
    const field = { path, name, type: kind, binary: type === 'binary' ? true : null, selectMultiple: null };
    return [field, ...fieldsOf(below, path)];
  });
}
