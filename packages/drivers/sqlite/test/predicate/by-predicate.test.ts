import { predicateSuite } from '@dustpan/conformance/by-predicate'
import { sqliteWorld } from './world.ts'

predicateSuite({ name: 'SQLite', open: sqliteWorld, fields: true })
