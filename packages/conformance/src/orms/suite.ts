import { afterAll, beforeAll, describe, test } from 'vitest'
import { ormCases } from './cases.ts'
import type { DatabaseServer } from './databases/database.ts'
import { databases, type ServerName } from './databases/index.ts'
import { holdCase } from './hold-case.ts'
import { openPair, type Pair } from './pair.ts'
import type { Connection, Orm } from './subject.ts'

export interface OrmModule {
  /** The URL of the module that exports `orm`. */
  readonly module: string
  readonly orm: Orm
}

/** One test per case and ORM that supports the database; prints a line per ORM with the number of passed cases. */
export function ormSuite(name: ServerName, modules: readonly OrmModule[]): void {
  const database = name === 'mariadb' ? 'mysql' : name
  describe(name, async () => {
    const server = await databases[name]()
    if ('missing' in server) return test('needs a server', ({ skip }) => skip(server.missing))
    afterAll(() => server[Symbol.asyncDispose]())
    for (const { module, orm } of modules) {
      orm.connections.forEach((connection, at) => {
        if (connection.database === database) connectionSuite(server, { module, orm, connection, at })
      })
    }
  })
}

interface Tried extends OrmModule {
  readonly connection: Connection
  /** The index among the ORM's connections. */
  readonly at: number
}

function connectionSuite(server: DatabaseServer, { module, orm, connection, at }: Tried): void {
  const title = `${orm.name} ${orm.version} on ${server.product} (${connection.through})`
  if (connection.excuse !== undefined) {
    console.log(`${title}: ${connection.excuse}`)
    return
  }
  describe(title, () => {
    const { missing } = connection
    if (missing !== undefined) return test('needs to be installed', ({ skip }) => skip(missing))
    const opened = new AsyncDisposableStack()
    let pair: Pair
    let passed = 0
    beforeAll(async () => {
      const prepared = opened.use(await connection.prepare?.())
      pair = opened.use(await openPair(server, { module, at, prepared: prepared?.folder ?? '' }))
    })
    afterAll(async () => {
      console.log(`${title}: ${passed} of ${ormCases.length}${excusedOn(server)}`)
      await opened.disposeAsync()
    })
    test.for(ormCases)('$name', async (one, { skip }) => {
      const excuse = server.excuses?.[one.name]
      if (excuse !== undefined) return skip(excuse)
      await holdCase(one, pair)
      passed += 1
    })
  })
}

/** `, 1 excused (rolled back)` */
function excusedOn({ excuses = {} }: DatabaseServer): string {
  const names = Object.keys(excuses)
  return names.length === 0 ? '' : `, ${names.length} excused (${names.join('; ')})`
}
