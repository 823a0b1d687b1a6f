import { advice } from './advice.ts';
import { asks } from './asks.ts';
import { browse } from './browse.ts';
import { bundle } from './bundle.ts';
import { command } from './command.ts';
import { commcare } from './commcare.ts';
import { common } from './common.ts';
import { connect } from './connect.ts';
import { connections } from './connections.ts';
import { console } from './console.ts';
import { core } from './core.ts';
import { desktop } from './desktop.ts';
import { dictionary } from './dictionary.ts';
import { engine } from './engine.ts';
import { engines } from './engines.ts';
import { imports } from './imports.ts';
import { network } from './network.ts';
import { notices } from './notices.ts';
import { oauth } from './oauth.ts';
import { odk } from './odk.ts';
import { owner } from './owner.ts';
import { people } from './people.ts';
import { projects } from './projects.ts';
import { query } from './query.ts';
import { runs } from './runs.ts';
import { sample } from './sample.ts';
import { services } from './services.ts';
import { shell } from './shell.ts';
import { source } from './source.ts';
import { sourceKinds } from './source-kinds.ts';
import { store } from './store.ts';
import { sync } from './sync.ts';
import { told } from './told.ts';
import { vault } from './vault.ts';

/** Every sentence of the core in English: what a translator begins with, and what the compiler takes parameters from. */
export const sentences = {
  ...advice,
  ...browse,
  ...bundle,
  ...command,
  ...commcare,
  ...common,
  ...connect,
  ...connections,
  ...core,
  ...desktop,
  ...engine,
  ...engines,
  ...imports,
  ...network,
  ...notices,
  ...oauth,
  ...odk,
  ...owner,
  ...people,
  ...projects,
  ...query,
  ...runs,
  ...sample,
  ...services,
  ...source,
  ...store,
  ...sync,
  ...vault,
  ...shell,
  ...asks,
  ...told,
  ...console,
  ...sourceKinds,
  ...dictionary,
} as const;
