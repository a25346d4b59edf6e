// A program that ends the run of the passed ticket, for a process that had no time to do so.
import { loadSettings } from '@dustpan/core/begin'
import { concludeRun, onInterruption, passedTicket, readyToLeave, runOf, workersEnd } from '@dustpan/core/runner'

const print = (text: string): void => void process.stdout.write(`${text}\n`)

const ticket = passedTicket()
if (ticket) {
  const leavingText = readyToLeave(ticket)
  const leave = async () => {
    print((await leavingText)())
    process.exit(130)
  }
  // For the run it is already the second Ctrl-C.
  onInterruption((count) => (count === 1 ? void leave() : process.exit(130)))
  const settings = await loadSettings(process.cwd())
  setTimeout(leave, Math.min(settings.cleanup.interruptTimeoutMs, 2 ** 31 - 1)).unref()
  // Live processes remove their own resources.
  if (await workersEnd(ticket)) await concludeRun(runOf(ticket, settings), 'interrupted', print)
  else process.stderr.write(`dustpan: test files still run; what they leave: npx dustpan list ${ticket.run}\n`)
  process.exit()
}
