/** An ORM in two processes on two equal databases: one with Dustpan, one without. */
import { rmSync } from 'node:fs'
import { projectFolder } from '../run/project-folder.ts'
import type { Database, DatabaseServer } from './databases/database.ts'
import { type OrmProcess, startProcess } from './process/start.ts'

export interface Pair extends AsyncDisposable {
  readonly watched: OrmProcess
  readonly bare: OrmProcess
  /** The database of the process with Dustpan. */
  readonly database: Database
}

export async function openPair(
  server: DatabaseServer,
  orm: { readonly module: string; readonly at: number; readonly prepared: string },
): Promise<Pair> {
  await using opening = new AsyncDisposableStack()
  const [database, other] = [await server.create(), await server.create()]
  const project = projectFolder(server.use, {
    drivers: [{ use: server.use, name: 'main', options: database.options }],
  })
  opening.defer(() => rmSync(project, { recursive: true, force: true, maxRetries: 10 }))
  const start = async (more: { readonly url: string; readonly project?: string }) =>
    opening.use(await startProcess({ ...orm, ...more }))
  const [watched, bare] = await Promise.all([start({ url: database.url, project }), start({ url: other.url })])
  const stack = opening.move()
  return { watched, bare, database, [Symbol.asyncDispose]: () => stack.disposeAsync() }
}
