import type { WebFrameMain } from 'electron';
import type { WebContents } from './contents.ts';
import { strictEmitter } from './strict.ts';
import { originOf } from './urls.ts';

const FrameBase = strictEmitter('webFrameMain');

type Checked = Pick<
  WebFrameMain,
  | 'url'
  | 'origin'
  | 'name'
  | 'frameTreeNodeId'
  | 'processId'
  | 'routingId'
  | 'detached'
  | 'isDestroyed'
  | 'send'
>;

/** The top frame of a window. The double has no objects for frames inside a page. */
export class Frame extends FrameBase implements Checked {
  readonly parent = null;
  readonly frames: Frame[] = [];
  readonly name = '';
  readonly routingId = 1;
  private readonly contents: WebContents;

  constructor(contents: WebContents) {
    super();
    this.contents = contents;
  }

  get top(): Frame {
    return this;
  }

  get framesInSubtree(): Frame[] {
    return [this];
  }

  get url(): string {
    return this.contents.getURL();
  }

  get origin(): string {
    return originOf(this.contents.getURL());
  }

  get processId(): number {
    return this.contents.id + 1;
  }

  get frameTreeNodeId(): number {
    return this.contents.id;
  }

  get detached(): boolean {
    return this.contents.isDestroyed();
  }

  isDestroyed(): boolean {
    return this.contents.isDestroyed();
  }

  executeJavaScript(code: string): Promise<unknown> {
    return this.contents.executeJavaScript(code);
  }

  send(channel: string, ...args: unknown[]): void {
    this.contents.send(channel, ...args);
  }
}
