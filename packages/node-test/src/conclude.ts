// Ends the run whose ticket it is passed: in place of a process that had no time for it.
import { loadSettings } from '@dustpan/core/begin'
import { concludeRun, onInterruption, passedTicket, readyToLeave, runOf, workersEnd } from '@dustpan/core/runner'

const print = (text: string): void => void process.stdout.write(`${text}\n`)

const ticket = passedTicket()
if (ticket) {
  const left = readyToLeave(ticket)
  const leave = async () => {
    print((await left)())
    process.exit(130)
  }
  // Of the run it is the second Ctrl-C.
  onInterruption((count) => (count === 1 ? void leave() : process.exit(130)))
  const settings = await loadSettings(process.cwd())
  setTimeout(leave, Math.min(settings.cleanup.interruptTimeoutMs, 2 ** 31 - 1)).unref()
  // What a process that lives has created is its own to remove.
  if (await workersEnd(ticket)) await concludeRun(runOf(ticket, settings), 'interrupted', print)
  else process.stderr.write(`dustpan: test files still run; what they leave: npx dustpan list ${ticket.run}\n`)
  process.exit()
}
