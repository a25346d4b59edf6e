/**
 * That ORMs need nothing of their own: what one does with them, told once in `cases.ts`, and run for each ORM and database by
 * `ormSuite()` of `suite.ts`, which what is exported here does not load.
 *
 * To fit one in: `packages/conformance/test/orms/<orm>.ts` exports an `orm` (`subject.ts` says what each part is), and
 * `test/orms/index.ts` names it. A case runs in two processes: one in which Dustpan waits for the client library to be loaded, and one
 * that never heard of it; both must get the same answers.
 */
export type { Connection, NewAuthor, NewBook, Orm, OrmClient, Prepared } from './subject.ts'
export type { OrmModule } from './suite.ts'
export { versionOf } from './version-of.ts'
