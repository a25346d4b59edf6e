/**
 * Runs in a child process: removes the row 2 while another thread has the file open through an uncaptured better-sqlite3; then that
 * thread changes the row 1. Prints the outcome, and the rows that another process then reads. The second argument is the folder of
 * better-sqlite3, or of a copy of it.
 */
import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'

if (isMainThread) await removeBeside(process.argv.slice(2))
else changeLater(workerData)

async function removeBeside([file = '', library]: readonly string[]): Promise<void> {
  const thread = new Worker(new URL(import.meta.url), { workerData: { file, library } })
  const answered = () => new Promise((resolve) => thread.once('message', resolve))
  await answered()
  const { row, toFile, removed } = await import('./harness.ts')
  const connection = await toFile(file)
  const outcome = await removed(connection, [row('users', 2)]).catch(({ code, message }) => `${code} ${message}`)
  const changed = answered()
  thread.postMessage('change')
  await changed
  console.log(JSON.stringify({ outcome, rows: readElsewhere(file) }))
  process.exit()
}

function readElsewhere(file: string): unknown {
  const script = `const { DatabaseSync } = require('node:sqlite')
    console.log(JSON.stringify(new DatabaseSync(process.argv[1]).prepare('SELECT * FROM users').all()))`
  return JSON.parse(spawnSync(process.execPath, ['--no-warnings', '-e', script, file], { encoding: 'utf8' }).stdout)
}

function changeLater({ file, library }: { readonly file: string; readonly library: string }): void {
  const database = new (createRequire(import.meta.url)(library))(file)
  database.prepare('SELECT * FROM users').all()
  parentPort?.postMessage('open')
  parentPort?.on('message', () => {
    database.exec(`UPDATE users SET name = 'changed' WHERE id = 1`)
    parentPort?.postMessage('changed')
  })
}
