import { createMCPClient, type MCPClient } from '@ai-sdk/mcp';
import { Experimental_StdioMCPTransport } from '@ai-sdk/mcp/mcp-stdio';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { ToolAnswer, ToolClient } from './every-tool.ts';

/* Clients of the protocol by two makers: the official one, and Vercel's, which is written without it. */

/** What to start, as a client's configuration names it. */
export interface Start {
  readonly command: string;
  readonly args: string[];
  readonly env: Record<string, string>;
}

export interface OfficialClient extends ToolClient {
  readonly client: Client;
  /** What it could not read. */
  readonly unclear: readonly Error[];
  close(): Promise<void>;
}

async function official(
  transport: StdioClientTransport | StreamableHTTPClientTransport,
): Promise<OfficialClient> {
  const client = new Client({ name: 'test', version: '1' });
  const unclear: Error[] = [];
  client.onerror = (error) => void unclear.push(error);
  // Its types have optional fields that may be undefined, the interface has none.
  await client.connect(transport as Parameters<Client['connect']>[0]);
  return {
    ...{ client, unclear },
    tools: async () => (await client.listTools()).tools,
    use: async (name, args = {}) =>
      (await client.callTool({ name, arguments: args })) as unknown as ToolAnswer,
    resources: async () => (await client.listResources()).resources,
    read: async (uri) => (await client.readResource({ uri })).contents,
    prompt: async (name) => (await client.getPrompt({ name })).messages,
    async close() {
      if (transport instanceof StreamableHTTPClientTransport) await transport.terminateSession();
      await client.close();
    },
  };
}

export const officialByStdio = (start: Start): Promise<OfficialClient> =>
  official(new StdioClientTransport({ ...start, stderr: 'ignore' }));

export const officialByHttp = (
  url: string,
  token: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<OfficialClient> =>
  official(
    new StreamableHTTPClientTransport(new URL(url), {
      requestInit: { headers: { authorization: `Bearer ${token}`, ...headers } },
    }),
  );

export type OtherClient = ToolClient & { close(): Promise<void> };
const other = (client: MCPClient): OtherClient => ({
  tools: async () => (await client.listTools()).tools,
  use: async (name, args = {}) => (await client.callTool({ name, arguments: args })) as unknown as ToolAnswer,
  resources: async () => (await client.listResources()).resources,
  read: async (uri) => (await client.readResource({ uri })).contents,
  prompt: async (name) => (await client.getPrompt({ name })).messages,
  close: () => client.close(),
});

export const otherByStdio = async (start: Start): Promise<OtherClient> =>
  other(
    await createMCPClient({ transport: new Experimental_StdioMCPTransport({ ...start, stderr: 'ignore' }) }),
  );

export const otherByHttp = async (url: string, token: string): Promise<OtherClient> =>
  other(
    await createMCPClient({
      transport: { type: 'http', url, headers: { authorization: `Bearer ${token}` } },
    }),
  );
