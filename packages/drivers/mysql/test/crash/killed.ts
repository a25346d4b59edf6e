import { type DoomedRun, doomed as doomedRun } from '@dustpan/conformance/run'

export type Step =
  | string
  | { readonly execute: string }
  | { readonly prepare: string }
  | { readonly call: 'beginTransaction' | 'commit' }

export interface Plan {
  readonly connections: readonly {
    readonly steps: readonly Step[]
    /** It has been done when the process goes on, and its answer is not read. */
    readonly unheard?: Step
  }[]
  /** What others see change by what is not heard. */
  readonly until: string
  /** Of which line of the ledger it dies. Otherwise it waits. */
  readonly diesOf?: string
}

/** A run whose process does as planned, and waits to be killed or has killed itself. */
export const doomed = (url: string, plan: Plan): Promise<DoomedRun> =>
  doomedRun('@dustpan/mysql', url, new URL('./killed-run.ts', import.meta.url), { ...plan })
