/** Guarded test-data endpoints for the application under test: Express, Fastify, Hono, Next.js, node:http. */
export type { AuditEntry } from './audit.ts'
export { type TestDataEndpoints, testDataEndpoints } from './endpoints.ts'
export type { FastifyLike, FastifyPlugin } from './servers/fastify.ts'
export type { FetchHandler } from './servers/fetch.ts'
export type { NodeHandler } from './servers/node.ts'
export type { EndpointOptions } from './settings.ts'
export type { Counts, Fields, Mark, OwnedData, Removal, TestDataStore, TestDataType } from './store.ts'
