/** Pulls every page of a dataset, the next one asked for as soon as the last one tells where it begins. */
export async function* pagesOf(setup: {
  readonly url: string;
  readonly token: string;
  readonly domain: string;
  readonly dataset: 'forms' | 'cases';
}): AsyncGenerator<Buffer> {
  const base = `${setup.url}/a/${setup.domain}/api`;
  const get = async (path: string): Promise<Buffer> => {
    const answer = await fetch(`${base}/${path}`, {
      headers: { authorization: `Bearer ${setup.token}`, 'accept-encoding': 'identity' },
    });
    if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
    return Buffer.from(await answer.arrayBuffer());
  };
  const isForms = setup.dataset === 'forms';
  const first = isForms ? 'form/v1/?limit=1000&order_by=indexed_on' : 'case/v2/?limit=5000';
  let next: Promise<Buffer> | null = get(first);
  let before = '';
  while (next !== null) {
    const page: Buffer = await next;
    const position: string | null = isForms ? lastStamp(page) : nextCursor(page);
    next = null;
    if (position !== null && position !== before) {
      const path = isForms
        ? `${first}&indexed_on_start=${position}`
        : `case/v2/?cursor=${encodeURIComponent(position)}`;
      next = get(path);
      next.catch(() => {});
      before = position;
    }
    yield page;
  }
}

/** The last timestamp of a page of forms, found without parsing the page; null on the last page. */
function lastStamp(page: Buffer): string | null {
  if (/"next":\s*null/.test(page.subarray(0, 400).toString('latin1'))) return null;
  const at = page.lastIndexOf('"indexed_on":');
  return /"indexed_on":\s*"([^"Z]+)/.exec(page.subarray(at, at + 60).toString('latin1'))?.[1] ?? null;
}

function nextCursor(page: Buffer): string | null {
  const around = `${page.subarray(0, 2000).toString('latin1')} ${page.subarray(-2000).toString('latin1')}`;
  const address = /"next":\s*"([^"]+)"/.exec(around)?.[1];
  return address === undefined ? null : new URL(address, 'http://localhost').searchParams.get('cursor');
}
