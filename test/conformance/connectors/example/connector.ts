import { defineConnector, type Page, type ReadContext } from '../../../../main/connectors/connector.ts';
import { parseDocument, type Value } from '../../../../main/connectors/document.ts';
import { AskAgain } from '../../../../main/connectors/http.ts';
import { plain } from '../../../../preload/contract/said.ts';

/** Wells that the register gives at most in one answer. */
const pageSize = 100;

function wellsOf(body: Buffer): { records: Value[]; from: string | null } {
  const root = parseDocument(body);
  const [list, from] = [root.get('wells'), root.get('from')];
  if (list?.kind !== 'array' || from === undefined) throw new SyntaxError('not a page of wells');
  return { records: list.items(), from: from.kind === 'string' ? from.text() : null };
}

async function* readWells({ http, cursor, signal }: ReadContext): AsyncGenerator<Page, void> {
  let from = cursor === null ? '' : (cursor as { from: string | null }).from;
  while (from !== null) {
    const asked: string = from;
    const next = (body: Buffer): ReturnType<typeof wellsOf> => {
      const page = wellsOf(body);
      // A page that leads back may come from a cache.
      if (page.from !== null && page.from <= asked) throw new AskAgain(plain('The same page again.'));
      return page;
    };
    const answer = await http.get(`/api/wells?limit=${pageSize}&from=${asked || 'W0000'}`, next, signal);
    ({ from } = answer);
    if (answer.records.length > 0) yield { records: answer.records, cursor: { from }, total: null };
  }
}

/** What a connector takes at least: where things are, what the tables are, and how to read from page to page. */
export const example = defineConnector({
  type: 'example',
  title: 'Register of wells',
  defaultBaseUrl: 'https://wells.example',
  settings: [
    {
      ...{ name: 'region', required: true, isScope: true },
      ...{ label: plain('Region'), noun: plain('region'), help: plain('Where the wells are.') },
    },
  ],
  options: [],
  signIn: [
    {
      kind: 'oauth',
      endpoints: {
        authorizePath: '/auth/authorize/',
        tokenPath: '/auth/token/',
        revokePath: '/auth/revoke/',
        scopes: ['read'],
      },
      clientAuth: 'form',
      defaultClientId: '',
    },
  ],
  datasets: [
    {
      name: 'wells',
      label: 'Wells',
      description: 'Every well and its tests.',
      shape: {
        key: 'code',
        keyName: 'well_code',
        columns: [{ path: 'name', type: 'text' }],
        parts: (record) => [{ table: 'wells', label: 'wells', value: record }],
        pin: () => undefined,
        indexes: [],
      },
    },
  ],
  isTokenFault: () => true,
  explain: () => null,
  async identity({ http, signal }) {
    const me = await http.get('/api/me', parseDocument, signal);
    return { externalUserId: me.get('id')?.text() ?? '', account: me.get('name')?.text() ?? '' };
  },
  reaches: async () => true,
  async scopes({ http, signal }) {
    const regions = await http.get('/api/regions', parseDocument, signal);
    return regions.items().map((region) => ({
      value: region.get('code')?.text() ?? '',
      label: region.get('name')?.text() ?? '',
    }));
  },
  read: (_dataset, context) => readWells(context),
});
