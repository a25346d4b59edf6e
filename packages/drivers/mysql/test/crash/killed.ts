import { type DoomedRun, doomed as doomedRun } from '@dustpan/conformance/run'

export type Step =
  | string
  | { readonly execute: string }
  | { readonly prepare: string }
  | { readonly call: 'beginTransaction' | 'commit' }

export interface Plan {
  readonly connections: readonly {
    readonly steps: readonly Step[]
    /** A last step that the server performs, and whose response the process does not read. */
    readonly unheard?: Step
  }[]
  /** A query whose result changes once an `unheard` step is performed. */
  readonly until: string
  /** The ledger record at which the process kills itself. Without it the process waits. */
  readonly diesOf?: string
}

/** Starts a run whose process follows the plan, then waits to be killed or kills itself. */
export const doomed = (url: string, plan: Plan): Promise<DoomedRun> =>
  doomedRun('@dustpan/mysql', url, new URL('./killed-run.ts', import.meta.url), { ...plan })
