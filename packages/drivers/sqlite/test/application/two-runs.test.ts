/** Two concurrent runs on one file, only one of which collects from its log. */
import * as sqlite from 'node:sqlite'
import { connectContext } from '@dustpan/conformance/application-log'
import { expect, onTestFinished, test } from 'vitest'
import { application, loggedFile, logOf, once } from './database.ts'
import { startRun } from './run.ts'

const shop = `PRAGMA journal_mode = WAL; CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT); CREATE TABLE cats (id INTEGER PRIMARY KEY, name TEXT)`
const user = (name: string) => `INSERT INTO users (name) VALUES ('${name}')`
const cat = (name: string) => `INSERT INTO cats (name) VALUES ('${name}')`
const lastAttempt = { willRetry: false } as const

const namesIn = (file: string) =>
  once(file, '', 'SELECT name FROM users UNION ALL SELECT name FROM cats ORDER BY name').map(({ name }) => name)

/** A client used by a test in this process. */
function clientOf(file: string) {
  const client = new sqlite.DatabaseSync(file, { timeout: 5000 })
  onTestFinished(() => client.close())
  return client
}

test('a run does not collect rows of a concurrent run that does not use the log', async () => {
  const file = await loggedFile(shop)
  const app = application(file)
  const [a, b] = [await startRun(file), await startRun(file, {}, {})]
  const [one, other] = [await a.worker(), await b.worker()]
  other.session.deliver(sqlite)
  const [mine, theirs] = [await one.openTest('a'), await other.openTest('b')]
  const client = clientOf(file)
  theirs.run(() => client.exec(user('b’s test')))
  await app.write(cat('b’s application'))
  expect(await mine.close('passed', lastAttempt)).toBeUndefined()
  expect(namesIn(file)).toEqual(['b’s application', 'b’s test'])
  expect((await theirs.close('passed', lastAttempt))?.totals).toMatchObject({ tracked: 1, removed: 1 })
  await other.session[Symbol.asyncDispose]()
  const next = await one.openTest('next')
  await app.write(cat('a’s application'))
  expect((await next.close('passed', lastAttempt))?.totals).toMatchObject({ tracked: 1, removed: 1 })
  expect(namesIn(file)).toEqual(['b’s application'])
  const report = await a.main.end('passed')
  expect(report?.warnings).toMatchObject([
    { message: expect.stringMatching(new RegExp(`also active at the time: ${b.id}\\): 1 of cats$`)) },
  ])
  expect((await logOf(file).status(undefined, connectContext)).waiting).toMatchObject([{ lines: 1 }])
})
