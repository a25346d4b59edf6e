/**
 * Shows that ORMs need no support of their own: cases, written once in `cases.ts`, run for each ORM and database by `ormSuite()` in
 * `suite.ts`, which this entry point does not load.
 *
 * To add one: export an `orm` (documented in `subject.ts`) from `packages/conformance/test/orms/<orm>.ts`, and add it to
 * `test/orms/index.ts`. A case runs in two processes, one with Dustpan and one without; both must get the same results.
 */
export type { Connection, NewAuthor, NewBook, Orm, OrmClient, Prepared } from './subject.ts'
export type { OrmModule } from './suite.ts'
export { versionOf } from './version-of.ts'
