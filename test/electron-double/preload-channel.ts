import { readFileSync } from 'node:fs';
import type { CdpSession } from './cdp.ts';
import { createCodec } from './codec.ts';
import type { Incoming, Outgoing } from './page-scripts.ts';
import {
  isolatedWorld,
  isolatedWorldScript,
  mainWorldScript,
  receiverName,
  sendBinding,
} from './page-scripts.ts';

const codec = createCodec();

interface ChannelDeps {
  readonly cdp: CdpSession;
  readonly mainFrameId: string;
  /** The file of the preload script. */
  readonly preload: string;
  readonly onMessage: (message: Outgoing, sentFrom: string) => void;
  readonly onFailure: (error: Error) => void;
}

/** The preload script of a page: runs it in every document, and carries messages to and from it. */
export class PreloadChannel {
  /** Names the current document; a message from any other has no sender frame. */
  documentId = '';
  private readonly deps: ChannelDeps;
  private readonly secret = crypto.randomUUID().replaceAll('-', '');
  /** The isolated world of the current document; undefined between two documents. */
  private context: string | undefined;

  constructor(deps: ChannelDeps) {
    this.deps = deps;
    this.listen();
  }

  private listen(): void {
    const { cdp, mainFrameId } = this.deps;
    const documents = new Map<number, string>();
    interface Context {
      readonly id: number;
      readonly name: string;
      readonly uniqueId: string;
      readonly auxData?: { readonly frameId?: string };
    }
    cdp.handle<{ context: Context }>('Runtime.executionContextCreated', ({ context }) => {
      if (context.name !== isolatedWorld || context.auxData?.frameId !== mainFrameId) return;
      documents.set(context.id, context.uniqueId);
      this.context = context.uniqueId;
      this.documentId = context.uniqueId;
    });
    cdp.handle<{ executionContextUniqueId: string }>('Runtime.executionContextDestroyed', (gone) => {
      if (gone.executionContextUniqueId === this.context) this.context = undefined;
    });
    interface BindingCall {
      readonly name: string;
      readonly payload: string;
      readonly executionContextId: number;
    }
    cdp.handle<BindingCall>('Runtime.bindingCalled', ({ name, payload, executionContextId }) => {
      if (name !== sendBinding) return;
      const message = JSON.parse(payload) as Outgoing;
      if (message.kind === 'preload-error') {
        const [text, stack] = codec.decode(message.args) as [string, string];
        this.deps.onFailure(Object.assign(new Error(text), { stack }));
        return;
      }
      this.deps.onMessage(message, documents.get(executionContextId) ?? '');
    });
  }

  /** Has the script run in every document from now on. */
  async install(): Promise<void> {
    const { cdp } = this.deps;
    let source: string;
    try {
      source = readFileSync(this.deps.preload, 'utf8');
    } catch (error) {
      this.deps.onFailure(error as Error);
      return;
    }
    const versions = {
      electron: process.versions['electron'] ?? '',
      chrome: process.versions['chrome'] ?? '',
      node: process.versions.node,
    };
    await Promise.all([
      cdp.send('Runtime.addBinding', { name: sendBinding, executionContextName: isolatedWorld }),
      cdp.send('Page.addScriptToEvaluateOnNewDocument', { source: mainWorldScript(this.secret) }),
      cdp.send('Page.addScriptToEvaluateOnNewDocument', {
        source: isolatedWorldScript(this.secret, source, versions),
        worldName: isolatedWorld,
      }),
    ]);
  }

  /** To the preload script of the current document, or to nobody. */
  push(message: Incoming): void {
    if (!this.context) return;
    this.deps.cdp.tell('Runtime.evaluate', {
      expression: `${receiverName(this.secret)}(${JSON.stringify(message)})`,
      uniqueContextId: this.context,
    });
  }

  /** The page has crashed: nobody listens until the next document. */
  lost(): void {
    this.context = undefined;
  }
}
