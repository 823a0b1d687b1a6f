import { EventEmitter } from 'node:events';

/** Names that JavaScript itself, an inspector or an assertion library asks of any object. */
const askedOfEverything = new Set([
  'then',
  'toJSON',
  'constructor',
  'nodeType',
  'asymmetricMatch',
  '$$typeof',
  'inspect',
  'length',
  'name',
  'prototype',
  'domain',
  'size',
  'splice',
  'subtype',
]);

function missing(name: string, member: string): Error {
  return new Error(`electron double: ${name}.${member} is not implemented`);
}

/**
 * The end of a prototype chain that throws, by name, for a member nobody defined. It sits behind the object
 * rather than around it, so that objects keep their identity.
 */
function endOfChain(name: string, base: object): object {
  return new Proxy(base, {
    get(target, member, receiver) {
      if (typeof member === 'symbol' || member in target || askedOfEverything.has(member)) {
        return Reflect.get(target, member, receiver);
      }
      throw missing(name, member);
    },
  });
}

/** A plain object whose unknown members throw. */
export function strict<T extends object>(name: string, members: T): T {
  return Object.setPrototypeOf(members, endOfChain(name, Object.prototype)) as T;
}

/** A base class for emitters whose unknown members throw. Call once per class. */
export function strictEmitter(name: string): new () => EventEmitter {
  class Base extends EventEmitter {}
  Object.setPrototypeOf(Base.prototype, endOfChain(name, EventEmitter.prototype));
  return Base;
}

/** Stands for a whole module of Electron that the double does not have. */
// biome-ignore lint/suspicious/noExplicitAny: it must be importable wherever the real module is, and be nothing
export function unimplemented(name: string): any {
  const refuse = (): never => {
    throw new Error(`electron double: ${name} is not implemented`);
  };
  return new Proxy(refuse, {
    get(_target, member) {
      if (typeof member === 'symbol' || askedOfEverything.has(member)) return undefined;
      throw missing(name, member);
    },
    construct: refuse,
    apply: refuse,
  });
}

export interface Preventable {
  defaultPrevented: boolean;
  preventDefault(): void;
}

/** An event a listener can prevent, as Electron hands it to listeners. */
export function preventable<T extends object>(details: T): T & Preventable {
  return {
    ...details,
    defaultPrevented: false,
    preventDefault() {
      this.defaultPrevented = true;
    },
  };
}
