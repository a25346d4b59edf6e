/** A program that restores what a run removed from its backups: `node restore.ts <folder> <run>`. */
import { loadSettings, openLedgerRun } from '@dustpan/core/ledger'

const [folder = '', run = ''] = process.argv.slice(2)
const ledger = await openLedgerRun(await loadSettings(folder), { run, runner: 'conformance' }, 'cli')
if (!ledger) throw new Error(`Nothing is on record of ${run}`)
await using open = ledger
const restored = await open.restore([...open.folded().resources.values()])
console.log(JSON.stringify([...restored]))
