import { createSampleServers } from '../../main/sample/servers.ts';

/** The servers of the sample workspace as the command line has them, from the sources. */
export const sampleServers = () =>
  createSampleServers({ worker: new URL('../simulators/commcare-hq/worker.ts', import.meta.url) });
