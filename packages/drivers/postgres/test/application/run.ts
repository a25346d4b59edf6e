/** A run with workers in this process, whose application is a client of its own. */
import { type StartedRun, startRun as start } from '@dustpan/conformance/run'

export const startRun = (
  url: string,
  config: object = {},
  options: object = { application: true },
): Promise<StartedRun> => start('@dustpan/postgres', { url, ...options }, config)
