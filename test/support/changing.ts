import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A form as a page of the source has it. */
export interface Submission {
  id: string;
  marker?: string;
  form: Record<string, unknown>;
}

/** A CommCare HQ whose forms are not those of the simulator behind it. */
export interface Changing {
  readonly url: string;
  close(): void;
}

/** Everything as the simulator says it, but for the submissions: they are as `change` makes them, and at most `page` at once. */
export async function startChanging(
  url: string,
  change: (submission: Submission) => Submission | null,
  page = Number.POSITIVE_INFINITY,
): Promise<Changing> {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { host: _, 'accept-encoding': __, connection: ___, ...headers } = request.headers;
    const asked = new URL(request.url ?? '/', url);
    const limit = Number(asked.searchParams.get('limit') ?? 0);
    if (limit > page) asked.searchParams.set('limit', String(page));
    const answer = await fetch(asked, {
      method: request.method ?? 'GET',
      headers: headers as Record<string, string>,
      redirect: 'manual',
      ...(chunks.length > 0 ? { body: Buffer.concat(chunks) } : {}),
    });
    let body = Buffer.from(await answer.arrayBuffer());
    if (answer.status === 200 && /\/api\/(?:form\/v1|v0\.5\/form)\//.test(request.url ?? '')) {
      const told = JSON.parse(body.toString()) as { objects: Submission[] };
      body = Buffer.from(
        JSON.stringify({ ...told, objects: told.objects.flatMap((one) => change(one) ?? []) }),
      );
    }
    const headersBack = Object.fromEntries(answer.headers);
    for (const name of [
      'content-length',
      'content-encoding',
      'transfer-encoding',
      'connection',
      'keep-alive',
    ])
      delete headersBack[name];
    response.writeHead(answer.status, { ...headersBack, 'content-length': body.length }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
