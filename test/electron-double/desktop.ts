import { once } from 'node:events';
import type {
  Clipboard,
  CrashReporter,
  Dialog,
  MessageBoxOptions,
  MessageBoxReturnValue,
  NotificationConstructorOptions,
  Shell,
} from 'electron';
import type { Recorder } from './recorder.ts';
import { strict, strictEmitter } from './strict.ts';

/**
 * What the next dialogs answer, in order; without one, a dialog is cancelled or its default is taken. A message box that the
 * app can close itself (`signal`) stays open for that when it has no answer.
 */
export interface DialogAnswers {
  /** Whoever looks at the preview has no message boxes: they are agreed to. */
  readonly agreeing: boolean;
  readonly messageBoxes: Partial<MessageBoxReturnValue>[];
  readonly openPaths: string[][];
  readonly savePaths: string[];
}

type MessageBoxArguments = [MessageBoxOptions] | [unknown, MessageBoxOptions];

function lastOf<T>(args: readonly unknown[]): T {
  return args.at(-1) as T;
}

export function createDialog(recorder: Recorder, answers: DialogAnswers) {
  const ask = (args: MessageBoxArguments): MessageBoxReturnValue => {
    const options = lastOf<MessageBoxOptions>(args);
    recorder.add('dialog.showMessageBox', options);
    const last = (options.buttons?.length ?? 1) - 1;
    // Nobody sees a message of the double: in the preview it is agreed to, and told at the terminal.
    if (answers.agreeing)
      console.error(`Headgate asks “${options.title ?? options.message}”; the preview agrees.`);
    const fallback = answers.agreeing ? last : (options.cancelId ?? options.defaultId ?? 0);
    return { response: fallback, checkboxChecked: false, ...answers.messageBoxes.shift() };
  };
  return strict('dialog', {
    async showMessageBox(...args: MessageBoxArguments) {
      const { signal } = lastOf<MessageBoxOptions>(args);
      const answered = answers.agreeing || answers.messageBoxes.length > 0;
      const answer = ask(args);
      if (signal && !answered) {
        if (!signal.aborted) await once(signal, 'abort');
        recorder.add('dialog.closed', { title: lastOf<MessageBoxOptions>(args).title });
      }
      return answer;
    },
    showMessageBoxSync: (...args: MessageBoxArguments) => ask(args).response,
    showErrorBox(title: string, content: string) {
      recorder.add('dialog.showErrorBox', { title, content });
      console.error(`${title}\n${content}`);
    },
    showOpenDialog: (...args: unknown[]) => {
      recorder.add('dialog.showOpenDialog', lastOf(args));
      const filePaths = answers.openPaths.shift() ?? [];
      return Promise.resolve({ canceled: filePaths.length === 0, filePaths });
    },
    showSaveDialog: (...args: unknown[]) => {
      recorder.add('dialog.showSaveDialog', lastOf(args));
      const suggested = answers.agreeing ? lastOf<{ defaultPath?: string }>(args).defaultPath : undefined;
      const filePath = answers.savePaths.shift() ?? suggested ?? '';
      return Promise.resolve({ canceled: filePath === '', filePath });
    },
  } satisfies Pick<
    Dialog,
    'showMessageBox' | 'showMessageBoxSync' | 'showErrorBox' | 'showOpenDialog' | 'showSaveDialog'
  >);
}

export function createShell(recorder: Recorder) {
  return strict('shell', {
    openExternal(url: string) {
      recorder.add('shell.openExternal', url);
      return Promise.resolve();
    },
    openPath(path: string) {
      recorder.add('shell.openPath', path);
      return Promise.resolve('');
    },
    showItemInFolder: (path: string) => recorder.add('shell.showItemInFolder', path),
    beep: () => recorder.add('shell.beep', {}),
    trashItem(path: string) {
      recorder.add('shell.trashItem', path);
      return Promise.resolve();
    },
    /** For tests: every address given to `openExternal`, oldest first. */
    get __opened() {
      return recorder.of('shell.openExternal') as string[];
    },
  } satisfies Pick<Shell, 'openExternal' | 'openPath' | 'showItemInFolder' | 'beep' | 'trashItem'> & {
    readonly __opened: string[];
  });
}

type ItemContent = string | Blob | { title: string; url: string };

export class ClipboardItem {
  private readonly items: Record<string, ItemContent | Promise<ItemContent>>;

  constructor(items: Record<string, ItemContent | Promise<ItemContent>>) {
    this.items = items;
  }

  get types(): string[] {
    return Object.keys(this.items);
  }

  async getType(type: string): Promise<Blob | { title: string; url: string }> {
    const item = await this.items[type];
    if (item === undefined) throw new Error(`The type '${type}' was not found`);
    return typeof item === 'string' ? new Blob([item], { type }) : item;
  }
}

/** A clipboard of this process alone. */
export function createClipboard(recorder: Recorder) {
  let content: ClipboardItem[] = [];
  return strict('clipboard', {
    clear() {
      content = [];
      recorder.add('clipboard.clear', {});
    },
    has: (type: string) => Promise.resolve(content.some((item) => item.types.includes(type))),
    read: () => Promise.resolve([...content]),
    async readText() {
      const item = content.find((one) => one.types.includes('text/plain'));
      const text = await item?.getType('text/plain');
      return text instanceof Blob ? text.text() : '';
    },
    write(items: ClipboardItem[]) {
      content = [...items];
      recorder.add(
        'clipboard.write',
        items.map((item) => item.types),
      );
      return Promise.resolve();
    },
    writeText(text: string) {
      content = [new ClipboardItem({ 'text/plain': text })];
      recorder.add('clipboard.writeText', text);
      return Promise.resolve();
    },
  } satisfies Omit<Clipboard, 'read' | 'write' | 'selection'> & Record<string, unknown>);
}

export function createNotificationClass(recorder: Recorder) {
  const Base = strictEmitter('Notification');
  return class Notification extends Base {
    title: string;
    body: string;
    silent: boolean;

    static isSupported(): boolean {
      return true;
    }

    constructor(options: NotificationConstructorOptions = {}) {
      super();
      this.title = options.title ?? '';
      this.body = options.body ?? '';
      this.silent = options.silent ?? false;
    }

    show(): void {
      recorder.add('Notification.show', { title: this.title, body: this.body, silent: this.silent });
      queueMicrotask(() => this.emit('show', {}));
    }

    close(): void {
      recorder.add('Notification.close', { title: this.title });
      queueMicrotask(() => this.emit('close', {}));
    }
  };
}

export function createTrayClass(recorder: Recorder) {
  const Base = strictEmitter('Tray');
  return class Tray extends Base {
    private destroyed = false;

    constructor(image: unknown) {
      super();
      recorder.add('Tray', { image });
    }

    setToolTip(text: string): void {
      recorder.add('Tray.setToolTip', text);
    }

    setTitle(text: string): void {
      recorder.add('Tray.setTitle', text);
    }

    setImage(image: unknown): void {
      recorder.add('Tray.setImage', image);
    }

    setContextMenu(menu: unknown): void {
      recorder.add('Tray.setContextMenu', { set: menu !== null });
    }

    destroy(): void {
      this.destroyed = true;
    }

    isDestroyed(): boolean {
      return this.destroyed;
    }
  };
}

export function createCrashReporter(recorder: Recorder) {
  return strict('crashReporter', {
    start: (options: object) => recorder.add('crashReporter.start', options),
    getUploadToServer: () => false,
    setUploadToServer: (upload: boolean) => recorder.add('crashReporter.setUploadToServer', upload),
    getParameters: () => ({}),
    addExtraParameter: (key: string) => recorder.add('crashReporter.addExtraParameter', key),
    removeExtraParameter: (key: string) => recorder.add('crashReporter.removeExtraParameter', key),
  } satisfies Pick<
    CrashReporter,
    | 'start'
    | 'getUploadToServer'
    | 'setUploadToServer'
    | 'getParameters'
    | 'addExtraParameter'
    | 'removeExtraParameter'
  >);
}
