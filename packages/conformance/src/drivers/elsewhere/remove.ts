/** A program that removes everything in a run's ledger, when its parent says so: `node remove.ts <folder> <run>`. */
import { once } from 'node:events'
import { loadSettings, openLedgerRun } from '@dustpan/core/ledger'

const [folder = '', run = ''] = process.argv.slice(2)
const ledger = await openLedgerRun(await loadSettings(folder), { run, runner: 'conformance' }, 'cli')
if (!ledger) throw new Error(`Nothing is on record of ${run}`)
const resources = [...ledger.folded().resources.values()]
console.log('ready')
await once(process.stdin, 'data')
await ledger.remove(resources)
console.log(JSON.stringify(resources.map(({ key, state, why, error }) => ({ key, state, why, error }))))
await ledger[Symbol.asyncDispose]()
process.stdin.destroy()
