/** The one origin that this app's windows have and that its handlers answer. */
export const scheme = 'app';
export const host = 'console';
export const origin = `${scheme}://${host}`;

/** Of the window that asks for a passphrase, which has nothing in common with the others. */
export const askOrigin = `${scheme}://ask`;
export const askPartition = 'ask';

/** In memory: a window keeps nothing on the disk, and has no cookies. */
export const partition = 'console';

/** Names the keychain item and the data folder. Never change it: what was sealed under it would be lost. */
export const appName = 'Headgate';
