import { say } from '../../../preload/messages/said.ts';
import { AppError } from '../../errors.ts';

/** One line of an OpenSSH configuration. */
export interface SshLine {
  /** Keyword in lower case. */
  readonly name: string;
  /** Arguments, with quotes and escapes undone and without a comment. */
  readonly words: readonly string[];
  /** Everything behind the keyword as it stands there. Jumps and commands are read from this. */
  readonly rest: string;
}

/** Keywords that take exactly one argument: a second one makes OpenSSH refuse the file. */
const single = new Set(['hostname', 'user', 'port', 'identityfile', 'identityagent']);

/** The arguments, as `argv_split` of OpenSSH's misc.c cuts them; null where a quote never ends. */
function split(text: string): string[] | null {
  const words: string[] = [];
  let at = 0;
  while (at < text.length) {
    if (text[at] === ' ' || text[at] === '\t') {
      at += 1;
      continue;
    }
    // A comment begins with a word only: `bob#c` is a name.
    if (text[at] === '#') break;
    let word = '';
    let quote = '';
    for (; at < text.length; at += 1) {
      const char = text[at] as string;
      const next = text[at + 1] ?? '';
      if (char === '\\' && next !== '' && (`'"\\`.includes(next) || (quote === '' && next === ' '))) {
        word += next;
        at += 1;
      } else if (quote === '' && (char === ' ' || char === '\t')) break;
      else if (quote === '' && (char === '"' || char === "'")) quote = char;
      else if (char === quote) quote = '';
      else word += char;
    }
    if (quote !== '') return null;
    words.push(word);
  }
  return words;
}

/** Reads the lines of ssh_config(5) as OpenSSH does; what makes OpenSSH refuse the whole file is refused with its line. */
export function sshLines(text: string): SshLine[] {
  const lines: SshLine[] = [];
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.replace(/^[ \t\r\f]+|[ \t\r\f]+$/g, '');
    if (line === '' || line.startsWith('#')) continue;
    const refuse = (): never => {
      throw new AppError(
        'IMPORT_UNREADABLE',
        say('imports.noConfigurationOpensshSomething', { number: index + 1 }),
      );
    };
    // One equals sign may stand between keyword and value; the keyword itself may be in quotes.
    const [, quoted, plain, rest = ''] =
      /^(?:"([^"]*)"|([^\s="]+))[ \t]*=?[ \t]*(.*)$/s.exec(line) ?? refuse();
    const name = (quoted ?? plain ?? '').toLowerCase();
    const isRaw = name === 'proxyjump' || name === 'proxycommand';
    const words = (isRaw ? [rest] : split(rest)) ?? refuse();
    if (words.length === 0 || (words[0] === '' && name !== 'match')) refuse();
    if (single.has(name) && words.length > 1) refuse();
    lines.push({ name, words, rest });
  }
  return lines;
}
