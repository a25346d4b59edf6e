/**
 * What every driver must do, told once in `cases/`, and run for each store by `driverSuite()` (in `npm test`) and by
 * `npm run conformance:drivers`.
 *
 * To fit a store in:
 * 1. Write `packages/conformance/test/drivers/<store>.ts`, which exports a `DriverSubject` (`subject.ts` says what each part is; take
 *    `postgres.ts` beside it as the model): how a place of its own for one case is made (a database, a file, a prefix), how a client
 *    creates things in it, and how it is looked at. What the store has no such thing for is left out.
 * 2. Add it to `test/drivers/index.ts`, and `driverSuite(subject)` in `test/drivers/<store>.test.ts`.
 * 3. What a case needs and the subject does not offer is an error, until the case is among the subject's `excuses`, with a reason that
 *    a user of that store would accept. An excuse is over, and its case fails, once the case passes.
 *
 * A stranger's client (`client({ unseen: true })`) has to be of another copy of the library than the one in `libraries`: `freshCopy()`.
 * Keys are as the driver records them: numbers, texts, arrays for composite ones.
 */
export type { DriverCase } from './case.ts'
export { driverCases } from './cases/index.ts'
export { type DriverOutcome, outcomeOf } from './conform.ts'
export { freshCopy } from './fresh-copy.ts'
export { hostileTexts, longText } from './hostile-texts.ts'
export type {
  Address,
  DriverSubject,
  Excuse,
  Form,
  OpenTransaction,
  Options,
  Place,
  Remake,
  StoreClient,
  StoreServer,
} from './subject.ts'
export { driverSuite } from './suite.ts'
export { capabilitiesTable, casesTable } from './table.ts'
