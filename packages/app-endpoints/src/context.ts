/**
 * Passes the test that makes a request on to the application's database, so that rows written by the application belong to that
 * test.
 */
export type { TestIds } from './context/ids.ts'
export type { PgClient, PgPool } from './context/pg.ts'
export type { SqliteDatabase } from './context/sqlite.ts'
export { type ContextOptions, type TestContext, testContext } from './context/test-context.ts'
