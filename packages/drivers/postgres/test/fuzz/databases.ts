import { once, type Server } from '@dustpan/conformance/servers'
import { schema } from './schema.ts'

/** Databases with the same content, down to the oids. */
export interface Databases {
  /** Tables that are created in a copy have this oid or a higher one. */
  readonly firstOid: number
  fresh(): Promise<string>
  drop(url: string): Promise<void>
}

export async function copiesOfSchema(server: Server): Promise<Databases> {
  const template = await server.database(schema)
  const { rows } = await once(template, 'SELECT max(oid)::int8::int + 1 AS first FROM pg_class')
  const name = new URL(template).pathname.slice(1)
  const urlOf = (database: string) => template.replace(/[^/]+$/, database)
  let made = 0
  return {
    firstOid: rows[0].first,
    async fresh() {
      const copy = `${name}_${++made}`
      await once(urlOf('postgres'), `CREATE DATABASE ${copy} TEMPLATE ${name}`)
      return urlOf(copy)
    },
    async drop(url) {
      await once(urlOf('postgres'), `DROP DATABASE ${new URL(url).pathname.slice(1)} WITH (FORCE)`)
    },
  }
}
