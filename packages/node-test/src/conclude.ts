// Ends the run whose ticket it is passed: in place of a process that had no time for it.
import { loadSettings } from '@dustpan/core/begin'
import { concludeRun, passedTicket, runOf, workersEnd } from '@dustpan/core/runner'

const ticket = passedTicket()
if (ticket) {
  const settings = await loadSettings(process.cwd())
  // What a process that lives has created is its own to remove.
  if (await workersEnd(ticket))
    await concludeRun(runOf(ticket, settings), 'interrupted', (text) => process.stdout.write(`${text}\n`))
  else process.stderr.write(`dustpan: test files still run; what they leave: npx dustpan list ${ticket.run}\n`)
}
