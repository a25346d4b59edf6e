/** The suite that every runner's adapter must pass. */
export type { Case } from './case.ts'
export { cases } from './cases/index.ts'
export { type Conformance, conformance, type Outcome } from './conform.ts'
export type { Dialect, Excuse, RunnerVersion } from './dialect.ts'
export { dialects } from './dialects/index.ts'
export { installationOf, wordsOf } from './fixture-project.ts'
export { runnersTable } from './table.ts'
