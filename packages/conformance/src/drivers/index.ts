/**
 * The cases that every driver must pass, written once in `cases/`, and run for each store by `driverSuite()` (in `npm test`)
 * and by `npm run conformance:drivers`.
 *
 * To add a store: 1. Write `packages/conformance/test/drivers/<store>.ts`, which exports a `DriverSubject` (each part is
 * documented in `subject.ts`; use `postgres.ts` as the model): how to create a separate place for one case (a database, a file,
 * a prefix), how a client creates resources in it, and how to list them. Leave out optional parts that the store does not have.
 * 2. Add it to `test/drivers/index.ts`, and `driverSuite(subject)` in `test/drivers/<store>.test.ts`. 3. A part that a case
 * needs and the subject lacks is an error, unless the case is among the subject's `excuses`, with a reason that a user of that
 * store would accept. An excused case that passes is an error too.
 *
 * A stranger's client (`client({ unseen: true })`) must come from another copy of the library than the one in `libraries`:
 * `freshCopy()`. Keys are as the driver records them: numbers, texts, arrays for composite ones.
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
