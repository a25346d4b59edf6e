import { predicateSuite } from '@dustpan/conformance/by-predicate'
import { testServer } from '@dustpan/conformance/servers/test-server'
import { postgresWorld } from './world.ts'

const server = await testServer()

predicateSuite({ name: 'PostgreSQL', open: () => postgresWorld(server), fields: true })
