/** Starts a run with workers in this process. */
import { type StartedRun, startRun as start } from '@dustpan/conformance/run'

export const startRun = (
  url: string,
  config: object = {},
  options: object = { application: true },
): Promise<StartedRun> => start('@dustpan/postgres', { url, ...options }, config)
