import { EditorState } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import { type Ref, useEffect, useImperativeHandle, useRef } from 'react';
import { type EditorDeps, editorSetup, markProblem } from './editor-setup.ts';
import { type Statement, statementAt } from './statements.ts';

export interface EditorHandle {
  focus(): void;
  /** What a run means now: the selection, or the statement under the cursor. */
  statement(): Statement | null;
  /** What formatting means now: what is selected, or everything. */
  toFormat(): { readonly from: number; readonly to: number; readonly text: string } | null;
  /** Puts other text in a place, as if typed: it can be undone. */
  replace(from: number, to: number, text: string): void;
  /** Marks a problem and brings it into view. */
  mark(place: { from: number; to: number } | null): void;
  /** Puts the cursor there. */
  goTo(at: number): void;
}

interface EditorProps extends EditorDeps {
  /** Of the tab: each has its own text, cursor and undo. */
  readonly id: string;
  readonly text: string;
  readonly handle: Ref<EditorHandle>;
}

/**
 * In a shadow root: there the editor's style sheets are adopted ones, which the policy of the page allows, while in the
 * document they would be `<style>` elements, which it does not.
 */
export function Editor({ id, text, handle, ...deps }: EditorProps) {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const latest = useRef(deps);
  latest.current = deps;
  const states = useRef(new Map<string, EditorState>());
  const shown = useRef(id);
  const first = useRef({ id, text });

  const fresh = useRef((doc: string) =>
    EditorState.create({
      doc,
      selection: { anchor: doc.length },
      extensions: editorSetup({
        words: latest.current.words,
        quote: () => latest.current.quote(),
        tables: () => latest.current.tables(),
        search: (typed, signal) => latest.current.search(typed, signal),
        onChange: (changed) => latest.current.onChange(changed),
        onMove: () => latest.current.onMove(),
        onRun: () => latest.current.onRun(),
        onRunAll: () => latest.current.onRunAll(),
        onEscape: () => latest.current.onEscape(),
        onFormat: () => latest.current.onFormat(),
      }),
    }),
  );

  useEffect(() => {
    const element = host.current;
    if (!element) return undefined;
    const root = element.shadowRoot ?? element.attachShadow({ mode: 'open' });
    const made = new EditorView({ state: fresh.current(first.current.text), root, parent: root });
    view.current = made;
    latest.current.onMove();
    return () => {
      view.current = null;
      made.destroy();
    };
  }, []);

  useEffect(() => {
    const editor = view.current;
    if (!editor || shown.current === id) return;
    states.current.set(shown.current, editor.state);
    shown.current = id;
    editor.setState(states.current.get(id) ?? fresh.current(text));
    latest.current.onMove();
  }, [id, text]);

  useImperativeHandle(
    handle,
    () => ({
      focus: () => view.current?.focus(),
      statement() {
        const state = view.current?.state;
        if (!state) return null;
        const { from, to } = state.selection.main;
        return statementAt(state.doc.toString(), from, to);
      },
      toFormat() {
        const state = view.current?.state;
        if (!state) return null;
        const { main } = state.selection;
        const { from, to } = main.empty ? { from: 0, to: state.doc.length } : main;
        return { from, to, text: state.sliceDoc(from, to) };
      },
      replace(from, to, insert) {
        const end = view.current?.state.doc.length ?? 0;
        view.current?.dispatch({
          changes: { from: Math.min(from, end), to: Math.min(to, end), insert },
          selection: { anchor: Math.min(from, end) + insert.length },
          effects: markProblem.of(null),
        });
        view.current?.focus();
      },
      mark(place) {
        const end = view.current?.state.doc.length ?? 0;
        const within = place && { from: Math.min(place.from, end), to: Math.min(place.to, end) };
        view.current?.dispatch({ effects: markProblem.of(within) });
      },
      goTo(at) {
        const anchor = Math.min(at, view.current?.state.doc.length ?? 0);
        view.current?.dispatch({ selection: { anchor }, scrollIntoView: true });
        view.current?.focus();
      },
    }),
    [],
  );

  return <div className="query-editor" ref={host} translate="no" />;
}
