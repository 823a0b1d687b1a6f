import {
  autocompletion,
  closeBrackets,
  closeBracketsKeymap,
  closeCompletion,
  completionKeymap,
  completionStatus,
} from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { PostgreSQL, sql } from '@codemirror/lang-sql';
import { bracketMatching, HighlightStyle, indentOnInput, syntaxHighlighting } from '@codemirror/language';
import { search, searchKeymap } from '@codemirror/search';
import { EditorState, type Extension, Prec, StateEffect, StateField } from '@codemirror/state';
import {
  Decoration,
  type DecorationSet,
  drawSelection,
  EditorView,
  highlightActiveLine,
  keymap,
  lineNumbers,
  placeholder,
} from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { type CompletionDeps, dictionarySource, keywordSource, searchSource } from './completion.ts';

/** The place of a problem in the text; null takes the mark away. */
export const markProblem = StateEffect.define<{ from: number; to: number } | null>();

const problems = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(marks, change) {
    let next = marks.map(change.changes);
    for (const effect of change.effects) {
      if (!effect.is(markProblem)) continue;
      const { value } = effect;
      next =
        value === null || value.from >= value.to
          ? Decoration.none
          : Decoration.set([Decoration.mark({ class: 'cm-problem' }).range(value.from, value.to)]);
    }
    return next;
  },
  provide: (field) => EditorView.decorations.from(field),
});

const look = EditorView.theme({
  '&': { height: '100%', fontSize: '13px', color: 'var(--text)', backgroundColor: 'var(--raised)' },
  // The ring is drawn around the whole, where the line numbers do not cover it.
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '1.6', overflow: 'auto' },
  '.cm-content': { padding: '8px 0', caretColor: 'var(--text)' },
  '.cm-line': { padding: '0 12px' },
  '.cm-cursor': { borderLeftColor: 'var(--text)', borderLeftWidth: '2px' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': {
    backgroundColor: 'var(--accent-soft)',
  },
  '.cm-activeLine': { backgroundColor: 'color-mix(in srgb, var(--hover) 45%, transparent)' },
  '.cm-gutters': { backgroundColor: 'var(--raised)', color: 'var(--muted)', border: 'none' },
  '.cm-placeholder': { color: 'var(--muted)' },
  '.cm-problem': {
    textDecoration: 'underline wavy var(--bad)',
    textUnderlineOffset: '3px',
    backgroundColor: 'var(--bad-soft)',
  },
  '&.cm-focused .cm-matchingBracket': {
    backgroundColor: 'var(--accent-soft)',
    outline: '1px solid var(--accent)',
  },
  '.cm-tooltip': {
    backgroundColor: 'var(--raised)',
    color: 'var(--text)',
    border: '1px solid var(--line)',
    borderRadius: '6px',
    boxShadow: 'var(--shadow-2)',
  },
  '.cm-tooltip.cm-tooltip-autocomplete > ul': {
    fontFamily: 'var(--mono)',
    fontSize: '12.5px',
    maxHeight: '16em',
  },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li': { padding: '3px 8px', lineHeight: '1.5' },
  '.cm-tooltip-autocomplete ul li[aria-selected]': {
    backgroundColor: 'var(--accent-soft)',
    color: 'var(--text)',
  },
  '.cm-completionDetail': {
    fontFamily: 'var(--font)',
    fontStyle: 'normal',
    color: 'var(--muted)',
    marginLeft: '1em',
  },
  '.cm-completionMatchedText': { textDecoration: 'none', fontWeight: '700' },
  '.cm-tooltip.cm-completionInfo': { padding: '6px 10px', fontFamily: 'var(--font)', maxWidth: '320px' },
  '.cm-completionInfo p': { margin: '2px 0', overflowWrap: 'anywhere' },
  '.cm-panels': { backgroundColor: 'var(--sunken)', color: 'var(--text)', borderColor: 'var(--line)' },
  '.cm-panel.cm-search': { padding: '6px 12px', fontFamily: 'var(--font)' },
  '.cm-panel.cm-search [name=close]': { color: 'var(--text)', fontSize: '16px' },
  '.cm-textfield': {
    backgroundColor: 'var(--surface)',
    border: '1px solid var(--line-strong)',
    borderRadius: '4px',
  },
  '.cm-button': {
    backgroundImage: 'none',
    backgroundColor: 'var(--surface)',
    color: 'var(--text)',
    border: '1px solid var(--line-strong)',
    borderRadius: '4px',
  },
});

const colours = HighlightStyle.define([
  { tag: tags.keyword, color: 'var(--accent)', fontWeight: '600' },
  { tag: [tags.string, tags.special(tags.string)], color: 'var(--ok)' },
  { tag: [tags.number, tags.bool, tags.null], color: 'var(--info)' },
  { tag: [tags.lineComment, tags.blockComment], color: 'var(--muted)', fontStyle: 'italic' },
  { tag: tags.typeName, color: 'var(--warn)' },
]);

export interface EditorWords {
  readonly label: string;
  readonly placeholder: string;
}

export interface EditorDeps extends CompletionDeps {
  readonly words: EditorWords;
  readonly onChange: (text: string) => void;
  /** The cursor, the selection or the text is another: what a run means may be too. */
  readonly onMove: () => void;
  /** Answer whether they did something; else the key means what it means to the editor. */
  readonly onRun: () => boolean;
  readonly onRunAll: () => boolean;
  readonly onEscape: () => boolean;
  readonly onFormat: () => boolean;
}

/** The editor of statements: everything it does beyond being a text. */
export function editorSetup(deps: EditorDeps): Extension {
  return [
    lineNumbers(),
    history(),
    drawSelection(),
    EditorState.allowMultipleSelections.of(true),
    indentOnInput(),
    bracketMatching(),
    closeBrackets(),
    highlightActiveLine(),
    search({ top: true }),
    EditorView.lineWrapping,
    sql({ dialect: PostgreSQL, upperCaseKeywords: true }),
    syntaxHighlighting(colours),
    autocompletion({
      override: [dictionarySource(deps), searchSource(deps), keywordSource],
      icons: false,
    }),
    placeholder(deps.words.placeholder),
    problems,
    look,
    EditorView.contentAttributes.of({ 'aria-label': deps.words.label }),
    EditorView.updateListener.of((update) => {
      if (update.docChanged) deps.onChange(update.state.doc.toString());
      if (update.docChanged || update.selectionSet) deps.onMove();
    }),
    Prec.highest(
      keymap.of([
        {
          key: 'Mod-Enter',
          run: (view) => {
            closeCompletion(view);
            return deps.onRun();
          },
        },
        {
          key: 'Mod-Shift-Enter',
          run: (view) => {
            closeCompletion(view);
            return deps.onRunAll();
          },
        },
        { key: 'Shift-Alt-f', run: () => deps.onFormat() },
        {
          key: 'Escape',
          // A list of completions is closed first.
          run: ({ state }) => completionStatus(state) === null && deps.onEscape(),
        },
      ]),
    ),
    keymap.of([
      ...closeBracketsKeymap,
      ...defaultKeymap,
      ...searchKeymap,
      ...historyKeymap,
      ...completionKeymap,
    ]),
  ];
}
