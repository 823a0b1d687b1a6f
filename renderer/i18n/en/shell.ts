/** Words of the rail, of what stands above every screen, and of the menu of the person. */
export const shell = {
  'shell.setUp': 'Set up',
  'shell.allProjects': 'All projects',
  'shell.projectEmpty': 'Nothing linked yet',
  'shell.needsYou': '{count, plural, one {# needs you} other {# need you}}',
  'shell.personMenu': 'Your sign-ins, theme, language and lock',
  'shell.theme': 'Theme: {theme}',
  'shell.keys': 'Keyboard shortcuts',
  'shell.vaultLocked':
    'The vault is locked: passwords and sign-ins can not be used until somebody unlocks it.',
  'shell.vaultForgets': 'No keychain: what you enter is forgotten when Headgate closes.',
  'shell.toUnlock': 'Unlock',
  'shell.toProtect': 'Protect it',
} as const;
