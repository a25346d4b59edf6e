/** Which test a request is made by, passed on to the application's database: so that rows which the application writes are the right test's. */
export type { TestIds } from './context/ids.ts'
export type { PgClient, PgPool } from './context/pg.ts'
export type { SqliteDatabase } from './context/sqlite.ts'
export { type ContextOptions, type TestContext, testContext } from './context/test-context.ts'
