/** Real servers for tests: `await using mariadb = await server('mariadb')`. In test files, see describe-on.ts. */
export { cache, findCached, findProgram } from './find-program.ts'
export { kindNames } from './kinds.ts'
export { variableOf } from './named.ts'
export { once } from './postgres.ts'
export { type Kind, type Missing, requireServer, type Server, server, type Wanted } from './server.ts'
export { startServer } from './start-server.ts'
export { testName } from './test-name.ts'
export type { Used } from './used.ts'
