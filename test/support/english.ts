import { everyWord, speak } from '../../renderer/i18n/index.ts';

// Texts of the window are there before any test asks for one, in English, as they are before the window draws.
await speak({ language: 'en', locale: 'en-GB' });
await everyWord();
